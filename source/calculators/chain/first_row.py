"""HiggsBounds 5.10: the verdict on a point must not depend on the points that share its call.

In the two channels of arXiv:1901.10917 (ATLAS, dijet and photon) HiggsBounds 5.10.1 takes the
couplings to quarks from the first row of the call, `effC(1)`, for all rows (S95tables.f90, lines
1824-1840). One row a call is right, and costs the start of the program for each point. Here all
rows are evaluated behind a made-up first row without couplings, which switches these channels off.
Where the largest rate that the row's own couplings can have is far below the ratio that comes out,
the channels play no part: they can neither be the most sensitive ones of the boson that decides,
nor exceed its ratio with another. The other rows are evaluated once more behind a row whose
couplings are larger than any of theirs. Where both give the same, the channels play no part either,
as the predicted rate grows with the couplings: nothing that is hidden by them or hides them can be
in between. Only what then remains is evaluated alone.
"""

import math
from itertools import pairwise

from ..slha_numbers import finite
from .higgs_files import masses_of, sm_like

CHANNELS = "1901.10917"     # as Key.dat of a HiggsBounds that has them names them
# GeV: the masses of neutral bosons for which they have a rate (225 to 1100), mass uncertainties
# of some ten GeV allowed for
LOWEST, HIGHEST = 200.0, 1150.0
EDGE, NEAR = 320.0, 30.0    # GeV: below, bosons that are combined may have a mean without a limit
# rates of bosons nearer than 20 GeV are added, the limit is read at their mean mass: over 40 GeV
# the limits differ by 7.5 at most, so that three times the couplings are more than enough
MARGIN = 3.0
QUARKS = 3      # s, c, b: scalar and pseudoscalar couplings are the first six groups of effC
# Predicted rate over limit (expected or observed, the stronger one), at most, of a boson below and
# above 400 GeV that decays to two jets only, for a coupling of 1 (standard one) to s, c, b quarks:
# cross section, acceptances, efficiency and limits of HiggsBounds 5.10.1 (S95tables_type2.F90,
# theory_XS_SM_functions.f90, 10917_ATL_dijet_photon_*.txt), masses from 226 GeV, the limits over
# 90 GeV around each
RATES = ((8e-7, 3.3e-4, 1.9e-3), (1.4e-6, 5.9e-4, 4.2e-3))
STEP = 400.0
WIDTH = 4e-5    # width to b b over mass, at most, of a boson with the standard coupling
# so many times smaller the rate must be than the ratio that decides: observed limits of searches at
# the LHC are 0.4 to 2.8 times the expected ones in the tables of HiggsBounds 5.10.1
SAFE = 20.0
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
        most = [0.0 if kind == "free" else SAFE * largest_rate(rows, self.n, self.p)
                for rows, kind in zip(points, kinds, strict=True)]
        may_compare = [kind == "compare" and not self._rest for kind in kinds]
        self._rest = max(0, self._rest - 1)
        some = [k for k, least in enumerate(most) if least < 1.0 or may_compare[k]]
        if len(some) <= FEW:
            return alone(points)
        given = together([points[k] for k in some], self._first(points[0], None))
        answers = dict(zip(some, given, strict=True))
        doubtful = [k for k in some if kinds[k] != "free"
                    and not most[k] < getattr(answers[k], "ratio", 0.0)]
        compared = [k for k in doubtful if may_compare[k]]
        if len(compared) > FEW:
            doubtful = sorted({*doubtful} - self._agree(points, answers, compared, together))
        for k in doubtful:
            del answers[k]
        missing = [k for k in range(len(points)) if k not in answers]
        answers.update(zip(missing, alone([points[k] for k in missing]), strict=True))
        return [answers[k] for k in range(len(points))]

    def _agree(self, points, answers, compared, together):
        """Those that have the same answer behind a row of large couplings."""
        some = [points[k] for k in compared]
        large = [MARGIN * max(column) for column in
                 zip(*(_couplings(rows, self.n) for rows in some), strict=True)]
        again = together(some, self._first(points[0], large))
        same = {k for k, answer in zip(compared, again, strict=True) if answers[k] == answer}
        if len(compared) - len(same) > MOST * len(compared):
            self._rest = REST
        return same

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


def largest_rate(rows, n, p):
    """Predicted rate over limit in these channels, at most, of a row's own couplings: a float."""
    couplings, total = _couplings(rows, n), 0.0
    widths = map(finite, rows["MH_GammaTot"].split()[n:2 * n])
    for j, (mass, width) in enumerate(zip(masses_of(rows, n, p)[:n], widths, strict=True)):
        if LOWEST <= mass <= HIGHEST:
            squares = [coupling ** 2 for coupling in couplings[j::n]]
            jets = WIDTH * mass * sum(squares)
            total += (min(1.0, jets / width) if width > 0 else 1.0) * sum(
                rate * square for rate, square in zip(RATES[mass > STEP], squares, strict=True))
    return total    # as if all of them were combined


def _kind(rows, n, p):
    """'free': the channels have no rate; 'compare', or 'alone' where that would not tell."""
    masses = sorted(m for m in masses_of(rows, n, p)[:n] if LOWEST <= m <= HIGHEST)
    if not masses or not any(_couplings(rows, n)):
        return "free"
    low = [m for m in masses if m <= EDGE]
    return "alone" if any(b - a <= NEAR for a, b in pairwise(low)) else "compare"
