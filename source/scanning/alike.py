"""A scan whose points all fail in the same way: said at once, with the usual causes."""

from collections import Counter

from ..errors import ProgramError
from ..evaluation import OK

FIRST = 200     # points after which it is told; and again each time that they are ten times as many
SHARE = 0.95    # of the points with one and the same status, when none is ok

_SIGN = ("a wrong sign of a parameter (conventions differ: M12 of a two-Higgs-doublet model), a "
         "wrong unit, or a wrong entry of the Les Houches file that is not scanned")
_INPUT = ("the Les Houches file does not work with this program or belongs to another model, or an "
          "entry of it that is not scanned is wrong")
_TABLES = ("a wrong NH or NCH, or a wrong entry 76 of SPhenoInput (2 for HiggsBounds 5 and "
           "HiggsSignals 2, 1 for versions 4 and 1)")
_OWN = "a wrong command, a wrong name of a file, or something missing that the program needs"
CAUSES = {
    "tachyon": _SIGN, "no_ewsb": _SIGN, "unbounded": _SIGN, "false_vacuum": _SIGN,
    "nonperturbative": "couplings or ranges that are too large",
    "nonunitary": "couplings or ranges that are too large",
    "no_convergence": "entry 34 of SPhenoInput (the precision) is too small, or couplings are too "
                      "large",
    "no_spectrum": _INPUT, "spheno_error": _INPUT, "no_higgs_files": _TABLES,
    "bad_output": _TABLES + ", or a wrong block, key or name in Observables",
    "hb_failed": "a wrong NH or NCH, or a damaged data folder of HiggsBounds",
    "hs_failed": "a wrong NH, NCH or LHC_run, or a damaged data folder of HiggsSignals",
    "excluded": "no mass near 125 GeV, masses below the limits, or a hard limit that nothing "
                "fulfils; ExcludeHB = 0 keeps points that HiggsBounds excludes",
    "timeout": "a time limit that is too short for a good point, or a program that waits for "
               "input",
    "crashed": "too little memory (lower N_Cores), or a damaged program",
    "unphysical": "masses or values that no point of the model has",
    "bad_value": "a number that this model does not have (write optional=True if it may be "
                 "missing)",
    "raised": "a mistake in the function",
    "failed": _OWN, "no_output": _OWN, "not_started": _OWN,
    "too_big": "output that you do not need and can switch off",
}


def causes(status, box):
    """The usual cause if all points fail with a status, in words.

    Parameters
    ----------
    status : str
    box : Box
        Its ranges of one sign are named, where a sign may be the cause.
    """
    text = CAUSES.get(status, "ranges in which no point is good")
    if text is _SIGN:
        ranges = [f"{p.name} ({p.prior.low:g} to {p.prior.high:g})" for p in box.parameters
                  if p.prior.free and p.prior.high <= 0]
        text += f". These ranges are only negative: {', '.join(ranges)}" if ranges else ""
    return text


class Alike:
    """Counts the failures of a scan until one point is ok.

    Parameters
    ----------
    box : Box
    path : path
        Of points.csv, for the message.
    known : sequence of str
        Statuses of the points that are evaluated already.
    """

    def __init__(self, box, path, known=()):
        self.box, self.path, self.next = box, path, FIRST
        self.statuses, self.reasons = Counter(known), Counter()
        while sum(self.statuses.values()) >= self.next:     # told before a resume
            self.next *= 10

    def add(self, evaluated):
        """Count one more Evaluation; returns what is to be said, or ''."""
        self.statuses[evaluated.status] += 1
        if self.statuses[OK]:
            return ""
        if evaluated.reason:
            self.reasons[evaluated.status, evaluated.reason[:150]] += 1
        number = sum(self.statuses.values())
        if number < self.next:
            return ""
        self.next *= 10
        status, count = self.statuses.most_common(1)[0]
        if count < SHARE * number:
            return ""
        return (f"of the first {number} points none is ok, and {count} have the status '{status}'"
                f"{self._example(status)}. {self._advice(status)}")

    def _example(self, status):
        said = Counter({text: n for (kind, text), n in self.reasons.items() if kind == status})
        return f", mostly: {said.most_common(1)[0][0]}" if said else ""

    def _advice(self, status):
        return (f"Likely cause: {causes(status, self.box)}. Try the command check, and a point "
                f"that is known to be good. The column 'reason' of {self.path} quotes the program")

    def refuse(self, points):
        """Stop a scan whose whole first batch failed in the same way: more points would not help.

        Parameters
        ----------
        points : Points
            The first batch.

        Raises
        ------
        ProgramError
            With the status, the likely causes, and where the reasons stand.
        """
        kinds = set(points.status)
        if len(kinds) == 1 and OK not in kinds:
            status = kinds.pop()
            raise ProgramError(
                f"All of the first {len(points)} points failed in the same way: {status}"
                f"{self._example(status)}. {self._advice(status)}. "
                "Correct the set-up or the ranges.")
