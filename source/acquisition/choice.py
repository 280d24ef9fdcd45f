"""Choosing the next batch among the candidates: probable, and far from what is known."""

import numpy as np

from . import slots
from .clusters import ENOUGH, gap_to, is_flat, spacing
from .visibility import Visibility

SEARCH_CUT = 0.7    # probability asked for on the way to the target
NEGLIGIBLE = 0.01   # times the probability of the best: what is less probable gets no slot
EXPLORERS = 5       # prior draws for each exploration point, the most isolated of which go
PER_MISCLASSIFIED = 10          # misclassified candidates for each that is taken
AT_ONCE = 200       # candidates whose distances through the target are looked for together
POWER = 1.0, 2.0    # of the probability: usually, and where nothing is continuous
BOUNDARY = 0.4      # probability asked for where a batch feels for the edge of the target


def usual_power(box):
    """Power of the probability of candidates, which are chosen by its product with the distance.

    Between whole numbers there is nothing to be filled: what counts is how many are found.
    """
    return POWER[all(box.counts)]


def pass_cut(probability, places, cut=SEARCH_CUT, factor=2):
    """Rows with a probability above the cut.

    It is lowered until they are `factor` times as many as there are places, but not to those that
    are improbable beside the best: these would be chosen first, as they are the farthest.
    """
    passed = np.flatnonzero(probability >= cut)
    if len(passed) >= factor * places:
        return passed
    # not all that are as probable as the last: with many zeros that would be everybody
    best = np.argsort(-probability, kind="stable")[:factor * places]
    return np.sort(best[probability[best] >= NEGLIGIBLE * probability.max(initial=0.0)])


def farthest(u, gap, n, weight=1.0, exact=None):
    """Greedy choice of n rows of `u` (m, d), each farthest from what is known and those before.

    Parameters
    ----------
    gap : float array (m,)
        Distance to what is known.
    weight : float or float array (m,)
        Factor of the distance.
    exact : callable rows (k,) -> (k,), optional
        The distances themselves, where `gap` has the largest that they may be: asked for where it
        matters only, for some of the farthest at a time.

    Returns fewer rows where there are fewer distinct points.
    """
    if not len(u) or n <= 0:
        return np.empty(0, int)
    chosen: list[int] = []
    bounded = np.full(len(u), exact is not None)
    while len(chosen) < min(n, len(u)):
        row = int(np.argmax(weight * gap))
        if not gap[row] > 0:
            break
        if bounded[row]:
            worth = np.where(bounded, weight * gap, -1.0)
            some = np.argsort(-worth, kind="stable")[:min(AT_ONCE, bounded.sum())]
            gap, bounded[some] = gap.copy(), False
            gap[some] = np.minimum(gap[some], exact(some))
            continue
        chosen.append(row)
        gap = np.minimum(gap, np.sqrt(((u - u[row]) ** 2).sum(axis=1)))
    return np.array(chosen, int)


def choose(candidates, state, pending, n_random, settings, size, seen=None):
    """A share for each cluster, and the rest wherever it is emptiest.

    Parameters
    ----------
    candidates : Candidates
    state : State
    pending : Pending
    n_random : int
        Slots of the batch that are left free.
    settings : settings.Acquisition
    size : int
        Slots of the batch.
    seen : spread.Seen, optional
        The candidates in the numbers that the target is to be filled in, too.

    Returns
    -------
    rows : int array (n,), origin : list of str
        The origin is the kind of a candidate, or what it was chosen for: 'prospect', 'exploration'.
    """
    points, clusters, rng = state.points, state.clusters, state.rng
    early, n_reached = points.inside.sum() < slots.SEARCH, clusters.n_reached
    reached = candidates.cluster < n_reached
    usable = usable_rows(candidates, state, reached, settings.Probability_cut)
    picker = _picker(candidates, state, pending, settings)

    def left():
        return size - n_random - len(picker.chosen)

    misclassified = np.flatnonzero(candidates.kind == "misclassified")
    picker.pick(misclassified, min(round(settings.Share_misclassified * size),
                                   len(misclassified) // PER_MISCLASSIFIED, left()))
    anywhere = np.flatnonzero(usable & (reached | ~reached.any()))
    if seen is not None and reached.any():
        picker.pick_seen(anywhere, round(settings.Share_spread * left()), seen)
    flat = is_flat(state.rater.scale.distance(points.value), points.iteration)
    dealt, n_explorers = slots.deal(
        left(), clusters, slots.success(points), settings.Share_prospects, flat,
        slots.known_to_model(points, clusters))
    for k, n in enumerate(dealt):
        here = candidates.cluster == k
        close = n // 2 if state.unsure[k] else 0
        picker.draw(np.flatnonzero(here & (candidates.kind == "local")), close, rng)
        picker.pick(np.flatnonzero(here & usable), n - close,
                    search=early or clusters[k].n_good < ENOUGH)
    origin = candidates.kind if not n_reached else np.where(reached, candidates.kind, "prospect")
    explorers = picker.explore(np.flatnonzero(origin == "prior"), n_explorers, rng)
    if reached.any():
        edge = round((settings.Share_boundary or 0.0) * size)
        picker.pick_far(anywhere, min(edge, left()), np.concatenate([state.good, pending.u]),
                        BOUNDARY)
    picker.pick(anywhere, left(), search=early)
    return np.array(picker.chosen, int), [
        "exploration" if row in explorers else origin[row] for row in picker.chosen]


def usable_rows(candidates, state, filling, cut):
    """Bool (n,): all candidates but those that are too many where a batch is `filling` (n,) the
    target: draws from the prior, and what lies farther from it than anything that is known well."""
    usable, called = np.ones(len(filling), bool), filling & (candidates.probability >= cut)
    drawn = np.flatnonzero(called & (candidates.kind == "prior"))
    rows = np.flatnonzero(called)
    far = rows[~state.rater.familiar(candidates.u[rows])]
    for rows, n in (drawn, slots.draws_allowed(state.points)), (far, slots.BEGIN):
        if len(rows) > n:
            usable[state.rng.permutation(rows)[n:]] = False
    return usable


def _picker(candidates, state, pending, settings):
    """What chooses; distances are those through the target, once enough of it is known."""
    points, gap = state.points, None
    if len(state.good) >= ENOUGH:
        others = np.concatenate([points.u[~points.inside], pending.u])
        gap = Visibility(state.rater.accept, state.good, others)
    return Picker(candidates, np.concatenate([points.u, pending.u]), settings.Probability_cut,
                  settings.Probability_power, gap)


class Picker:
    """Chooses rows of the candidates one group after the other, none twice.

    A candidate is worth its distance to what is known, as far as it is in the target: the product
    of distance and probability. A cut alone would leave those parts of the target empty of which
    the model is not sure yet, which are those with few points.

    Parameters
    ----------
    candidates : Candidates
    known : float array (n, d)
        Evaluated and pending points, unit box.
    cut : float
        Probability asked for.
    power : float
        Of the probability in the product; 0: the distance alone counts.
    through : Visibility, optional
        Distance to what is known, where that is not to the nearest of `known`.
    """

    def __init__(self, candidates, known, cut, power=POWER[0], through=None):
        self.candidates, self.known, self.cut, self.power = candidates, known, cut, power
        self.chosen, self.through = [], through
        self._gap = np.full(len(candidates.u), np.nan)      # distance, or the largest it may be
        self._exact = np.zeros(len(candidates.u), bool)

    def draw(self, rows, n, rng):
        """n more rows, drawn from the 4 n most probable: far and near steps alike."""
        rows = self._passing(rows, n, max(SEARCH_CUT, self.cut), factor=4)
        self.chosen += list(rng.permutation(rows)[:n])

    def pick(self, rows, n, search=False):
        """n more rows out of `rows`: probable enough, and the most worth.

        In a search, where the target is not reached, only the most probable are worth anything:
        a step down is wanted, not an empty place.
        """
        cut, power = (max(SEARCH_CUT, self.cut), 0.0) if search else (self.cut, self.power)
        rows = self._passing(rows, n, cut)
        new = rows[np.isnan(self._gap[rows])] if n > 0 else rows[:0]
        if len(new):
            u = self.candidates.u[new]
            self._gap[new] = self.through.most(u) if self.through else gap_to(u, self.known)
        self._take(rows, n, self._gap[rows], self.candidates.probability[rows] ** power,
                   self._looked_up if self.through else None)

    def _looked_up(self, rows):
        """Distances (k,) of candidates through the target, each looked for once."""
        new = rows[~self._exact[rows]]
        if len(new):
            self._gap[new] = self.through.gap(self.candidates.u[new], self.candidates.cluster[new])
            self._exact[new] = True
        return self._gap[rows]

    def pick_far(self, rows, n, known, cut):
        """n more rows out of `rows` of a probability above `cut`, farthest from `known` (k, d)."""
        rows = self._passing(rows, n, cut)
        self._take(rows, n, gap_to(self.candidates.u[rows], known))

    def pick_seen(self, rows, n, seen):
        """n more rows out of `rows`, probable enough and farthest from what is known of `seen`."""
        rows = self._passing(rows, n, self.cut)
        z, weight = seen.candidates[rows], self.candidates.probability[rows] ** self.power
        self.chosen += list(rows[farthest(z, gap_to(z, seen.known), n, weight)])

    def explore(self, rows, n, rng):
        """Up to n more out of `rows`, whatever their probability, where nobody has been.

        Of a few draws each only: the farthest of many are always the corners of the box. None
        where all of it is known at half the resolution of prospects. Returns the rows chosen.
        """
        rows = np.setdiff1d(rows, self.chosen)
        rows = rng.permutation(rows)[:EXPLORERS * n]
        gap = gap_to(self.candidates.u[rows], self.known)
        far = gap > spacing(self.candidates.u.shape[1]) / 2
        before = len(self.chosen)
        self._take(rows[far], n, gap[far])
        return set(self.chosen[before:])

    def _passing(self, rows, n, cut, factor=2):
        rows = np.setdiff1d(rows, self.chosen)
        return rows[pass_cut(self.candidates.probability[rows], n, cut, factor)]

    def _take(self, rows, n, gap, weight=1.0, exact=None):
        u = self.candidates.u[rows]
        gap = np.minimum(gap, gap_to(u, self.candidates.u[np.array(self.chosen, int)]))
        exact = exact and (lambda some, of=exact: of(rows[some]))
        self.chosen += list(rows[farthest(u, gap, n, weight, exact)])
