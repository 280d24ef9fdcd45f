"""HiggsBounds 5.10: the verdict on a point must not depend on the points that share its call.

In the two channels of arXiv:1901.10917 (ATLAS, dijet and photon) HiggsBounds 5.10.1 takes the
couplings to quarks from the first row of the call, `effC(1)`, for all rows (S95tables.f90, lines
1824-1840). One row a call is right, and costs the start of the program for each point. Here all
rows are evaluated behind a made-up first row without couplings, which switches these channels off,
and once more behind one whose couplings are larger than any of theirs. Where both give the same,
the channels play no part, as the predicted rate grows with the couplings: nothing that is hidden by
them or hides them can be in between. Only the other rows are evaluated alone.
"""

import math
from itertools import pairwise

from ..slha_numbers import finite
from .higgs_files import masses_of, sm_like

CHANNELS = "1901.10917"     # as Key.dat of a HiggsBounds that has them names them
LOWEST, HIGHEST = 200.0, 1100.0     # GeV: the masses of neutral bosons for which they have a rate
EDGE, NEAR = 320.0, 20.0    # GeV: below, bosons that are combined may have a mean without a limit
# rates of bosons nearer than NEAR are added, and the limit is read at their mean mass: over 40 GeV
# the limits differ by 7.5 at most, so that three times the couplings are more than enough
MARGIN = 3.0
QUARKS = 3      # s, c, b: scalar and pseudoscalar couplings are the first six groups of effC
FEW = 2         # rows that are evaluated alone faster than twice together
MOST = 0.67     # of the compared rows evaluated alone: then the comparison cost more than it saved
REST = 4        # batches for which it is left out after that


class FirstRow:
    """The two ways to evaluate points, and which of them has been the cheaper one.

    Parameters
    ----------
    n, p : int
        Neutral and charged Higgs bosons.
    """

    def __init__(self, n, p):
        self.n, self.p, self._rest = n, p, 0

    def evaluate(self, points, alone, together):
        """Bounds or Failure of each point, as in a call of its own; the way changes the time only.

        Parameters
        ----------
        points : list of dict
            Rows as `higgs_files.check_point` gives them.
        alone : callable
            points -> answers, as correct as the program is: one row a call.
        together : callable
            (points, first) -> answers of one call in which `first` is the first row.
        """
        kinds = [_kind(rows, self.n, self.p) for rows in points]
        compared = [k for k, kind in enumerate(kinds) if kind == "compare"]
        if self._rest or len(compared) <= FEW:
            self._rest, compared = max(0, self._rest - 1), []
        rest = compared + [k for k, kind in enumerate(kinds) if kind == "free"]
        if len(rest) <= FEW:
            return alone(points)
        some = [points[k] for k in rest]
        answers = dict(zip(rest, together(some, self._first(points[0], None)), strict=True))
        if compared:
            self._compare(points, answers, compared, together)
        missing = [k for k in range(len(points)) if k not in answers]
        answers.update(zip(missing, alone([points[k] for k in missing]), strict=True))
        return [answers[k] for k in range(len(points))]

    def _compare(self, points, answers, compared, together):
        """Take out the answers for which the channels may play a part."""
        some = [points[k] for k in compared]
        large = [MARGIN * max(column) for column in
                 zip(*(_couplings(rows, self.n) for rows in some), strict=True)]
        again = together(some, self._first(points[0], large))
        differ = [k for k, answer in zip(compared, again, strict=True) if answers[k] != answer]
        for k in differ:
            del answers[k]
        if len(differ) > MOST * len(compared):
            self._rest = REST

    def _first(self, like, couplings):
        """A first row with the tables of `like`: these couplings to quarks, or none.

        The rest is the point with which the program was tried, so that no point spoils the others.
        """
        n, known = self.n, sm_like(5, self.n, self.p)
        row = {name: known.get(name) or " ".join(["0.0"] * len(text.split()))
               for name, text in like.items()}
        effc, zeros = row["effC"].split(), ["0.0"] * n
        for quark in range(QUARKS):
            values = zeros if couplings is None else \
                [repr(c) for c in couplings[quark * n:(quark + 1) * n]]
            effc[2 * quark * n:2 * (quark + 1) * n] = [*values, *zeros]
        return {**row, "effC": " ".join(effc)}


def _couplings(rows, n):
    """Absolute couplings of the neutral bosons to s, then c, then b quarks: 3 n floats."""
    words = [finite(word) for word in rows["effC"].split()[:2 * QUARKS * n]]
    return [math.hypot(words[2 * quark * n + boson], words[(2 * quark + 1) * n + boson])
            for quark in range(QUARKS) for boson in range(n)]


def _kind(rows, n, p):
    """'free': the channels have no rate; 'compare', or 'alone' where that would not tell."""
    masses = sorted(m for m in masses_of(rows, n, p)[:n] if LOWEST <= m <= HIGHEST)
    if not masses or not any(_couplings(rows, n)):
        return "free"
    low = [m for m in masses if m <= EDGE]
    return "alone" if any(b - a <= NEAR for a, b in pairwise(low)) else "compare"
