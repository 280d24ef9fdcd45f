"""Images of good points: other signs, and half turns."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mlscanner.acquisition import candidates, slots
from mlscanner.acquisition.batch import Batch
from mlscanner.acquisition.mirrors import TRIES, Mirrors, _together
from mlscanner.acquisition.proposer import Proposer
from mlscanner.acquisition.state import Pending
from mlscanner.config.settings import ScanConfig
from mlscanner.likelihood.target import Target
from mlscanner.models.registry import make_model
from mlscanner.space.parameters import Box, Parameter
from mlscanner.space.reflections import Reflections
from mlscanner.space.symmetry import Symmetry
from mlscanner.store.points import Points
from proposed import CHI2, evaluate, proposer

DIM = 4
SIGNS = Box([Parameter(f"x{k}", -1.0, 1.0) for k in range(DIM)])
BOTH = np.array([1, 1, 0, 0], bool)     # these two flip together
CENTRE = np.array([0.5, -0.4, 0.6, 0.7])


def height_of(u):
    """A ball of radius 0.1, and the same with both of the first two signs flipped; below 0 in it.
    """
    x = SIGNS.to_physical(u)
    gap = np.minimum(np.linalg.norm(x - CENTRE, axis=1),
                     np.linalg.norm(x - np.where(BOTH, -CENTRE, CENTRE), axis=1))
    return gap / 0.1 - 1


def ball(n=30, seed=0):
    """Points of the first ball, and of the box around it."""
    rng = np.random.default_rng(seed)
    inside = CENTRE + rng.uniform(-0.05, 0.05, (n, DIM))
    return SIGNS.to_unit(np.concatenate([inside, rng.uniform(-1, 1, (200, DIM))]))


def rated(codes=(), **rest):
    """A rater that knows the symmetry of these codes."""
    codes = np.reshape(codes, (-1, DIM))
    return SimpleNamespace(symmetry=Symmetry(Reflections(SIGNS), codes), **rest)


def state_of(u, height, origin=(), pending=(), possible=None, blind=False, seed=0):
    """What the scan knows of points, the last of which have these origins."""
    first = ["design"] * (len(u) - len(origin))
    points = SimpleNamespace(u=u, value=height, inside=height < 0, iteration=np.zeros(len(u), int),
                             origin=np.array(first + list(origin), object))
    rater = rated(possible=possible or (lambda u, good: good), blind=blind)
    return SimpleNamespace(points=points, height=height, good=u[height < 0], rater=rater,
                           rng=np.random.default_rng(seed),
                           pending=Pending(np.reshape(pending, (-1, u.shape[1])), len(u)))


def go_on(generator, height, u, rounds, n, seed=0):
    """Points after so many batches of n images, on a function; and how many of them are images."""
    first = len(u)
    for k in range(rounds):
        state = state_of(u, height(u), ["mirror"] * (len(u) - first), seed=seed + k)
        u = np.concatenate([u, generator.propose(state, n)[0]])
    return u, u[first:]


@pytest.mark.parametrize("seed", range(3))
def test_signs_that_flip_together_are_found(seed):
    """Of 15 codes one is right: the other ball, which no step leads to, is found among the first
    48 images, and most images after that are good and apart."""
    generator = Mirrors(None, SIGNS)
    u, first = go_on(generator, height_of, ball(100, seed), 6, 8, seed)
    good = first[height_of(first) < 0]
    assert len(good) and (SIGNS.to_physical(good)[:, 0] < 0).all()
    state = state_of(u, height_of(u), ["mirror"] * len(first))
    more = generator.propose(state, 12)[0]
    assert len(more) >= 10 and (height_of(more) < 0).mean() > 0.7
    assert cdist(more, more)[np.triu_indices(len(more), 1)].min() > 0
    usual = np.median(np.sort(cdist(state.good, state.good))[:, 1])
    assert cdist(more, u).min() > usual / 2     # a nearer image is nothing new


def test_what_was_tried_in_vain_is_given_up():
    """Where no sign may flip, each of the 15 codes is tried at most a few times, then nothing is
    proposed any more."""
    def one_ball(u):
        x = SIGNS.to_physical(u)
        return np.where(np.linalg.norm(x - CENTRE, axis=1) < 0.1, -1.0, 1.0)
    generator = Mirrors(None, SIGNS)
    u, images = go_on(generator, one_ball, ball(), 30, 8)
    tried = generator._tried(state_of(u, one_ball(u), ["mirror"] * len(images)))
    assert len(tried.codes) == 15 and (np.bincount(tried.which) <= TRIES + 2).all()
    assert tried.vain.all() and len(images) <= 15 * (TRIES + 2)
    assert not len(generator.propose(state_of(u, one_ball(u), ["mirror"] * len(images)), 8)[0])


def test_what_was_given_up_has_another_try_as_more_is_known():
    """With 400 good points two more images of each code, then none again."""
    def one_ball(u):
        return np.where(np.linalg.norm(SIGNS.to_physical(u) - CENTRE, axis=1) < 0.1, -1.0, 1.0)
    generator = Mirrors(None, SIGNS)
    u, images = go_on(generator, one_ball, ball(400), 40, 8)
    tried = generator._tried(state_of(u, one_ball(u), ["mirror"] * len(images)))
    counts = np.bincount(tried.which)
    assert len(counts) == 15 and counts.min() == TRIES + 2 and counts.max() <= TRIES + 4
    assert tried.vain.all()
    assert not len(generator.propose(state_of(u, one_ball(u), ["mirror"] * len(images)), 8)[0])


def test_further_images_of_a_code_are_of_good_points_far_from_those_tried():
    """Of a long part the three images of a code are of points farther apart than three points of
    it usually are."""
    rng, generator = np.random.default_rng(0), Mirrors(None, SIGNS)
    long = CENTRE * np.array([1.0, 1.0, 1.0, 0.0])
    along = long + np.linspace(0.05, 0.95, 120)[:, None] * np.array([0.0, 0.0, 0.0, 1.0])
    good = SIGNS.to_unit(along)

    def one(u):
        x = SIGNS.to_physical(u)
        return np.where((np.abs(x - along[0])[:, :3] < 0.01).all(axis=1) & (x[:, 3] > 0), -1.0, 1.0)
    u, images = go_on(generator, one, np.concatenate([good, rng.random((100, DIM))]), 40, 4)
    tried = generator._tried(state_of(u, one(u), ["mirror"] * len(images)))
    spans = [np.ptp(u[tried.good[tried.which == k], 3]) for k in range(len(tried.codes))]
    assert len(spans) == 15 and np.mean(spans) > 0.3      # of 0.45; 0.22 of three drawn at random


def test_codes_that_lead_out_of_the_box_keep_no_other_from_its_turn():
    """Where no image may have the last sign flipped, each code without it is tried three times."""
    def one_ball(u):
        x = SIGNS.to_physical(u)
        return np.where(np.linalg.norm(x - CENTRE, axis=1) < 0.1, -1.0, 1.0)
    generator = Mirrors(lambda u: u[:, 3] > 0.5, SIGNS)
    u, images = go_on(generator, one_ball, ball(), 30, 2)
    tried = generator._tried(state_of(u, one_ball(u), ["mirror"] * len(images)))
    assert len(tried.codes) == 7 and not tried.codes[:, 3].any()
    assert (np.bincount(tried.which) >= TRIES).all()


def test_where_an_image_came_near_others_follow():
    """The other part is a little moved, so that hardly one image in thirty is in it: that is
    found, and is followed."""
    def moved(u):
        x = SIGNS.to_physical(u)
        other = np.where(BOTH, -CENTRE, CENTRE) + np.array([0.0, 0.0, 0.14, 0.0])
        gap = np.minimum(np.linalg.norm(x - CENTRE, axis=1), np.linalg.norm(x - other, axis=1))
        return gap / 0.1 - 1
    generator, u = Mirrors(None, SIGNS), ball(200)
    all_ = generator.reflections.images(u[:200], np.tile(BOTH, (200, 1)))[0]
    assert 0 < (moved(all_) < 0).mean() < 0.05
    _, images = go_on(generator, moved, u, 12, 8)
    good = moved(images) < 0
    assert good.sum() >= 3 and (SIGNS.to_physical(images[good])[:, 0] < 0).all()


def test_where_images_came_near_there_are_more_until_they_come_no_nearer():
    """Five more of a batch, all of that code, as long as the lowest is lower than half of the usual
    height, and among the latest forty.

    Those of another code that came near long ago have none of these; the best image of each is told
    all the same.
    """
    rng, mirrors, last = np.random.default_rng(0), Mirrors(None, SIGNS), np.arange(DIM) == 3
    good = SIGNS.to_unit(CENTRE + rng.uniform(-0.05, 0.05, (120, DIM)))
    codes = [last] * 60 + [BOTH] * 60
    images = Reflections(SIGNS).images(good, np.array(codes))[0]
    all_ = np.concatenate([rng.random((200, DIM)), good, images])
    for lowest, row, more in (
            (0.5, 430, 5), (1.4, 400, 5), (0.5, 399, 0), (1.6, 430, 0)):
        height = np.concatenate([np.full(200, 3.0), np.full(120, -0.2), np.full(120, 2.95)])
        height[[320, row]] = 0.4, lowest
        state = state_of(all_, height, ["mirror"] * 120)
        state.points.iteration[200:] = 1
        usual = slots.by_record(state.points, "mirror", 100)
        assert mirrors.wanted(state, 100) == max(usual, 3) + more
        new = SIGNS.to_physical(mirrors.propose(state, 10)[0])
        flipped = (new[:, :2] * CENTRE[:2] < 0).all(axis=1) & (new[:, 2:] > 0).all(axis=1)
        assert flipped.sum() >= more
        assert mirrors.nearest(state).tolist() == [320, row][:1 + (lowest < 1)]


def test_the_best_image_of_each_code_that_came_near():
    """One row a code; none of codes that are right, or far away, and none before anything is
    learned or where there is nothing to reflect."""
    u = SIGNS.to_unit(np.array([CENTRE, 0.9 * CENTRE]))
    codes = [BOTH, BOTH, ~BOTH, [True, False, False, False]]
    images = Reflections(SIGNS).images(u[[0, 1, 0, 0]], np.array(codes, bool))[0]
    box = np.random.default_rng(0).random((200, DIM))
    height = np.array([3.0] * 200 + [-0.2, -0.2, 0.5, 0.4, 2.9, -0.1])
    all_ = np.concatenate([box, u, images])
    for blind, rows in (False, [203]), (True, []):
        state = state_of(all_, height, ["mirror"] * 4, blind=blind)
        state.points.iteration[200:] = 1
        assert Mirrors(None, SIGNS).nearest(state).tolist() == rows
    plain = Box([Parameter(f"x{k}", 1.0, 2.0) for k in range(DIM)])
    assert not len(Mirrors(None, plain).nearest(state_of(all_, height, ["mirror"] * 4)))


def test_two_codes_that_were_right_go_together():
    """Each of two signs may flip alone: soon there are images with both flipped."""
    def balls(u):
        x = SIGNS.to_physical(u)
        x[:, 2:] = np.abs(x[:, 2:])
        return np.linalg.norm(x - CENTRE, axis=1) / 0.1 - 1
    generator = Mirrors(None, SIGNS)
    tried = np.array([[0, 0, 1, 0], [0, 0, 0, 1]], bool)
    images, _ = generator.reflections.images(ball()[:2], tried)
    u = np.concatenate([ball(), images])
    new = generator.propose(state_of(u, balls(u), ["mirror"] * 2), 40)[0]
    x = SIGNS.to_physical(new)[balls(new) < 0]
    assert (np.sign(x[:, 2:]) == -1).all(axis=1).sum() >= 5


def test_codes_that_were_right_go_together_with_a_symmetry():
    """Codes are those of the symmetry, right ones, and both together, often; nothing else."""
    reflections = Mirrors(None, SIGNS).reflections
    right, other = np.array([[1, 0, 0, 0]], bool), np.array([0, 0, 1, 0], bool)
    codes = _together(np.random.default_rng(0), right, Symmetry(reflections, [other]))
    kinds, many = np.unique(codes, axis=0, return_counts=True)
    assert kinds.astype(int).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [1, 0, 1, 0]]
    assert many.min() > 50
    alone = _together(np.random.default_rng(0), right, Mirrors(None, SIGNS).none())
    assert len(alone) and (alone == right).all()


def test_an_image_beside_a_known_one_is_nothing_new():
    """Of good points right beside others, whose images are known, no image is proposed."""
    u, generator = ball(100), Mirrors(None, SIGNS)
    good = u[:100]
    images = generator.reflections.images(good, np.tile(BOTH, (100, 1)))[0]
    known = np.concatenate([u, good[:30] + 1e-4, images])
    state = state_of(known, height_of(known), ["mirror"] * 100)
    new = generator.propose(state, 20)[0]
    usual = np.median(np.sort(cdist(good, good))[:, 1])
    assert cdist(new[height_of(new) < 0], known).min(initial=1.0) > usual / 3
    assert (height_of(new) < 0).sum() <= 1      # of two codes together


def test_codes_that_were_tried_least_come_first():
    """Of the 15 codes 14 were tried once: the next image is of the last one."""
    u, generator = ball(), Mirrors(None, SIGNS)
    codes = np.array([[k >> j & 1 for j in range(DIM)] for k in range(1, 15)], bool)
    images = generator.reflections.images(u[:14], codes)[0]
    known = np.concatenate([u, images])
    height = np.append(height_of(u), np.full(14, 20.0))
    for seed in range(5):
        for y in (height, height + 100):    # of good points, and as long as there is none
            new = generator.propose(state_of(known, y, ["mirror"] * 14, seed=seed), 1)[0]
            assert (SIGNS.to_physical(new) * SIGNS.to_physical(known[:1]) < 0).all()


def test_an_image_of_a_bad_point_tells_nothing_of_its_code():
    """The first good point of a scan may be an image of a bad one: no code is right by that."""
    u, generator = ball(), Mirrors(None, SIGNS)
    height = height_of(u) + 10
    image = generator.reflections.images(u[:1], BOTH[None])[0]
    state = state_of(np.concatenate([u, image]), np.append(height, -0.5), ["mirror"])
    assert not len(generator._tried(state).codes)


def test_only_what_may_be_evaluated_and_is_new():
    """Images pass the pre-cut and no model of failures speaks against them; none is where a point
    waits, or was chosen."""
    def works(u, good):
        return good & (u[:, 3] > 0.5)
    height, u = height_of(ball()), ball()
    cut = Mirrors(lambda u: u[:, 0] > 0.5, SIGNS)
    new = cut.propose(state_of(u, height, possible=works), 20)[0]
    assert len(new) >= 3
    assert (new[:, 0] > 0.5).all() and (new[:, 3] > 0.5).all()
    images = Mirrors(None, SIGNS).reflections.images(u[:30], np.tile(BOTH, (30, 1)))[0]
    known = state_of(np.concatenate([u, images[:3]]), np.append(height, [-1.0] * 3), ["mirror"] * 3,
                     pending=images[3:])
    new = Mirrors(None, SIGNS).propose(known, 20)[0]
    assert cdist(new, images).min() > 1e-3


def test_images_of_the_best_as_long_as_nothing_is_good():
    """They are of the ten lowest points."""
    u, generator = ball(), Mirrors(None, SIGNS)
    height = height_of(u) + 10
    new = generator.propose(state_of(u, height), 8)[0]
    alike = generator.reflections.alike
    best = u[np.argsort(height, kind="stable")[:10]]
    assert len(new) == 8 and cdist(alike(new), alike(best)).min(axis=1).max() < 1e-9
    failed = np.full(len(u), np.inf)
    assert not len(generator.propose(state_of(u, failed), 8)[0])


@pytest.mark.parametrize("why", ["no slots", "blind", "no signs"])
def test_nothing_where_there_is_nothing_to_reflect(why):
    """None without a slot, a model, or a parameter whose range goes through zero."""
    u = ball()
    height = height_of(u)
    box = Box([Parameter(f"x{k}", 0.0, 1.0) for k in range(DIM)]) if why == "no signs" else SIGNS
    state = state_of(u, height, blind=why == "blind")
    before = state.rng.bit_generator.state
    new, cluster = Mirrors(None, box).propose(state, 0 if why == "no slots" else 8)
    assert new.shape == (0, DIM) and cluster is None
    assert state.rng.bit_generator.state == before      # such a scan is the same as without


def add(points, u, origin, value):
    """More points u (n, d) of an origin, with their values; below 0 is good."""
    evaluate(points, Batch(u, [origin] * len(u), np.full(len(u), np.nan)), lambda _: value,
             Target(-np.inf, 0.0))


def tried_of(codes, change=lambda y, u: y, labels=None, seed=0):
    """Points of a ball with an image for each of the codes (k, bits), their values changed, and
    the scale of what is learned."""
    u = ball(len(codes), seed)
    codes = np.reshape(codes, (-1, DIM)) > 0
    images = Mirrors(None, SIGNS).reflections.images(u[:len(codes)], codes)[0]
    points = Points(DIM)
    add(points, u, "design", height_of(u))
    add(points, images, "mirror", change(height_of(images), images))
    return points, SimpleNamespace(labels=labels or (lambda points: points.value))


OTHER = np.array([1, 0, 0, 0], bool)    # changes the value


@pytest.mark.parametrize(("codes", "change", "labels", "found"), [
    ([BOTH] * 3, None, None, True),
    ([BOTH] * 3 + [OTHER], None, None, True),       # another code changes the value
    ([BOTH] * 2, None, None, False),                # too few to be sure
    ([BOTH] * 3 + [~BOTH], None, None, True),
    ([BOTH] * 4, lambda y, u: np.r_[y[:3], y[3] + 0.01], None, False),  # one differs a little
    ([BOTH] * 4, lambda y, u: np.r_[y[:3], np.nan], None, True),    # or ran into a time limit
    ([BOTH] * 3 + [OTHER], lambda y, u: np.r_[y[:3], np.nan], None, True),
    ([BOTH] * 3, lambda y, u: 0 * y, lambda points: 0 * points.value, False),   # flat: no wonder
    # an observable changes its sign with the parameter, whatever becomes of chi2
    ([BOTH] * 3, None, lambda points: np.column_stack([points.u[:, 0], points.value]), False),
    ([BOTH] * 3, None, lambda points: np.column_stack([points.u[:, 2], points.value]), True)])
def test_a_symmetry_is_what_all_images_agree_with(codes, change, labels, found):
    """The very same values of at least three images make one, as far as none speaks against it."""
    points, scale = tried_of(codes, change or (lambda y, u: y), labels)
    known = Mirrors(None, SIGNS).symmetry(points, scale)
    assert known.codes.tolist() == ([BOTH.tolist()] if found else [])


def test_codes_that_contradict_each_other_are_no_symmetry():
    """Two exact codes whose product is not: nothing is believed."""
    one, two = np.array([[0, 0, 1, 0], [0, 0, 0, 1]], bool)
    points, scale = tried_of([one, two, one, two], lambda y, u: height_of(
        np.column_stack([u[:, :2], 0.5 + np.abs(u[:, 2:] - 0.5)])))
    mirrors = Mirrors(None, SIGNS)
    assert len(mirrors.symmetry(points, scale)) == 2
    both = mirrors.reflections.images(points.u[:1], (one | two)[None])[0]
    add(points, both, "mirror", np.array([5.0]))
    assert len(mirrors.symmetry(points, scale)) == 0


def test_a_few_codes_are_tried_whatever_became_of_others():
    """Three of a batch at least until all 15 were tried, of good points or not; then as many as
    their record says."""
    mirrors = Mirrors(None, SIGNS)
    codes = [[k >> j & 1 for j in range(DIM)] for k in range(1, 16)]
    for n, least in ((0, 3), (14, 3), (15, 0)):
        points, _ = tried_of(codes[:n], lambda y, u: y + 100)
        state = SimpleNamespace(points=points, rater=rated(), height=points.value,
                                good=points.u[points.inside])
        assert mirrors.wanted(state, 5) == max(least, slots.by_record(points, "mirror", 5))
        points.inside[:] = False
        assert mirrors.wanted(state, 5) >= least


def signed(u):
    """chi2 of a point, unit box of SIGNS."""
    return (height_of(u) + 1) ** 2


def test_of_codes_that_differ_by_a_symmetry_one_is_tried():
    """With two signs that flip together there are 7 codes left of 15: after a try of each there
    are no more than usual, after three none; images under the symmetry are candidates anyway, and
    take no slots but one, of a bad point."""
    mirrors = Mirrors(None, SIGNS)
    known = Symmetry(mirrors.reflections, [BOTH])
    codes = np.array([[k >> j & 1 for j in range(DIM)] for k in range(1, 16)], bool)
    left = np.unique(known.rest(codes), axis=0)[1:]
    assert len(left) == 7
    for n, least in ((6, 3), (7, 0), (7 * TRIES, 0)):
        points, _ = tried_of(np.tile(left, (TRIES, 1))[:n] ^ BOTH, lambda y, u: y + 100)
        state = state_of(points.u, points.value, ["mirror"] * n)
        state.rater.symmetry = known
        assert mirrors.wanted(state, 5) == max(least, slots.by_record(points, "mirror", 5))
    new = mirrors.propose(state, 7)[0]
    good = height_of(new) < 0
    assert len(new) == 1 and not good.any()
    alike = mirrors.reflections.alike       # and one of a bad point, to test the symmetry there
    assert cdist(alike(new[~good]), alike(points.u[height_of(points.u) >= 0])).min() < 1e-9


def test_candidates_lie_in_all_parts():
    """Half of those of clusters with good points become images; none of prospects, and none that
    a pre-cut or the model of failures refuses."""
    u, cluster = np.tile(ball(100)[:100], (2, 1)), np.repeat([0, 1], 100)
    rater = rated([BOTH], possible=lambda u, inside: inside & (u[:, 2] > 0.79))
    state = SimpleNamespace(rater=rater, rng=np.random.default_rng(0),
                            clusters=SimpleNamespace(n_reached=1))
    may = Mirrors(lambda u: u[:, 3] > 0.84, SIGNS).may
    new = candidates.scattered(u.copy(), cluster, state, may)
    changed = (new != u).any(axis=1)
    assert not changed[100:].any() and 5 < changed.sum() < 40
    assert (new[changed, 0] < 0.5).all() and (new[changed, 2:] > [0.79, 0.84]).all()


def scanner(**settings):
    """A small proposer of the box of signs."""
    config = ScanConfig(**{"Size_batch_K": 60, "Size_batch_search": 60, "Size_batch_L": 300,
                           "RF_trees": 20, "Walkers": 40, "Walk_steps": 6, "Surrogate_points": 100}
                        | settings)
    return Proposer(config.loop, config.acquisition, SIGNS, CHI2, make_model("RFR", config, DIM))


def scanned(one, value, batches):
    """Points after so many batches from a known ball, and the generator."""
    points, rng, u = Points(DIM), np.random.default_rng(0), ball()
    evaluate(points, Batch(u, ["design"] * len(u), np.full(len(u), np.nan)), value)
    for _ in range(batches):
        evaluate(points, one.propose(points, rng), value)
    return points, rng


@pytest.mark.slow
@pytest.mark.parametrize(("share", "batches"), [(0.15, 3), (0.0, 1)])
def test_a_scan_fills_both_parts(share, batches):
    """After a few batches from a known ball there are good points in the other; no images without
    `Share_prospects`."""
    points, _ = scanned(scanner(Surrogate_points=0, Share_prospects=share), signed, batches)
    mirrored = points.origin == "mirror"
    other = points.inside & (SIGNS.to_physical(points.u)[:, 0] < 0)
    assert mirrored.any() == (other & mirrored).any() == (share > 0)


@pytest.mark.slow
def test_a_scan_learns_the_symmetry_and_goes_on_exactly(monkeypatch):
    """The two signs that flip together are known after a few batches: model and surrogate say the
    same of images, candidates are scattered, no image is learned twice or weighs them;
    and a scan that is resumed proposes the same."""
    one = scanner()
    calls, fresh, fit = [], [], one.model.fit
    monkeypatch.setattr(candidates, "scattered", lambda u, *a: (calls.append(1), u)[1])
    one.model.fit = lambda x, y, seed, new, nested, symmetry: (
        fresh.append((new, not symmetry)), fit(x, y, seed, new, nested, symmetry))[1]
    points, rng = scanned(one, signed, 4)
    batch = one.propose(points, rng)
    first = [without for _, without in fresh].index(False)
    assert len(calls) == len(fresh) - first     # with the symmetry, and not before
    assert fresh[first][0] and first and not all(new for new, _ in fresh)   # others are updated
    assert one.model.symmetry.codes.tolist() == [BOTH.tolist()]
    early = points.id[(points.origin == "mirror") & (points.iteration == 1)]
    assert len(early) and np.isin(early, one.memory.rows[:, 0]).all()   # of none known to be alike
    u = points.u[:50]
    images = one.mirrors.reflections.images(u, np.tile(BOTH, (50, 1)))[0]
    for answer in (one.model.predict, lambda u: [one.surrogate.mean(u), one.surrogate.spread(u)]):
        assert np.array_equal(answer(u), answer(images))
    learned = one.model.training[0]
    assert len(learned) < len(points) and len(np.unique(learned, axis=0)) == len(learned)
    for process in (one.surrogate.whole, *(part.process for part in one.surrogate.local)):
        assert len(np.unique(process.x, axis=0)) == len(process.x)
    first = points.id.max() + 1
    its = first + np.flatnonzero(np.array(batch.origin) == "mirror")
    assert len(its) and not np.isin(its, one.memory.rows[:, 0]).any()
    evaluate(points, batch, signed)
    arrays, after = one.arrays(), rng.bit_generator.state
    again, other_rng = scanner(), np.random.default_rng()
    again.restore(arrays)
    assert again.symmetry.same_as(one.symmetry)
    other_rng.bit_generator.state = after
    assert np.array_equal(again.propose(points, other_rng).u, one.propose(points, rng).u)


@pytest.mark.slow
def test_a_symmetry_of_the_target_alone_is_dropped():
    """What is the same within the target, and not in all of the box, is none: the scan finds out
    by images of bad points, and goes on with images of good ones."""
    def lopsided(u):
        return signed(u) + 30 * np.maximum(0, np.abs(u[:, 2] - 0.8) - 0.2) * (u[:, 0] < 0.5)
    one = scanner()
    points, rng = scanned(one, lopsided, 0)
    known = []
    for _ in range(8):
        evaluate(points, one.propose(points, rng), lopsided)
        known.append(len(one.symmetry))
    assert 1 in known and not known[-1]
    late = (points.origin == "mirror") & (points.iteration == points.iteration.max())
    assert points.inside[late].any()


def test_the_usual_box_has_none():
    """In a box of ranges that begin at zero no batch has an image."""
    one, points, rng = proposer(), Points(2), np.random.default_rng(0)
    evaluate(points, one.first(rng), lambda u: (u ** 2).sum(axis=1))
    batch = one.propose(points, rng)
    assert points.inside.any() and "mirror" not in batch.origin
