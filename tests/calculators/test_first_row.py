"""HiggsBounds 5.10 reads the couplings of one search from the first row of a call: the answers are
those of calls with one row, whatever shares a call."""

import random
from pathlib import Path

import pytest

from mlscanner.calculators.chain import first_row
from mlscanner.calculators.chain.first_row import FirstRow
from mlscanner.calculators.chain.higgs_columns import columns
from mlscanner.calculators.chain.higgs_files import Bounds, masses_of, sm_like
from mlscanner.calculators.chain.higgs_programs import HiggsBounds
from standins import install

N = 3
UNIT = 30.0     # a coupling that gives the rate of the loosest limit: as the real search has it


def point(masses, couplings, ratios, width=1e-9):
    """Rows of a point: couplings to b quarks, and (expected, observed) ratios of each boson in
    its best search but that one, which stand in BR_H_NP as numbers that only `answer` reads."""
    effc = ["0.0"] * (columns(5, N, 1)["effC"] - 1)
    effc[4 * N:5 * N] = map(str, couplings)
    rest = [str(number) for pair in ratios for number in pair]
    return {"MH_GammaTot": " ".join(map(str, [*masses, *[width] * N])), "effC": " ".join(effc),
            "MHplus_GammaTot": "500.0 1.0", "BR_H_NP": " ".join(rest)}


def limit(mass):
    """A limit that depends on the mass, as steeply as the real one within 40 GeV."""
    return 7.4 ** ((mass * 0.61803) % 1.0)


def answer(first, rows_):
    """What HiggsBounds says of a row behind this first one: the search of the best expected ratio
    for each boson, then the largest observed ratio. Bosons within 20 GeV are added."""
    b = [float(word) / UNIT for word in first["effC"].split()[4 * N:5 * N]]
    masses = masses_of(rows_, N, 1)[:N]
    numbers = [float(word) for word in rows_["BR_H_NP"].split()[:2 * N]]
    found = []
    for j, mass in enumerate(masses):
        near = [k for k in range(N) if abs(masses[k] - mass) <= 20 and 200 <= masses[k] <= 1100]
        rate = sum(b[k] ** 2 for k in near)
        mean = sum(b[k] ** 2 * masses[k] for k in near) / rate if rate else mass
        expected = rate / limit(mean) if mean >= 250 else 0.0
        found.append((expected * 0.8, 1284) if expected > numbers[2 * j]
                     else (numbers[2 * j + 1], 1341 + j))
    ratio, channel = max(found)
    return Bounds(float(ratio < 1), ratio, channel)


class Program:
    """Calls, counted by their number of rows."""

    def __init__(self):
        self.calls, self.first_row = [], FirstRow(N, 1)

    def together(self, some, first):
        self.calls.append(len(some) + 1)
        return [answer(first, rows_) for rows_ in some]

    def alone(self, some):
        self.calls += [1] * len(some)
        return [answer(rows_, rows_) for rows_ in some]

    def batch(self, points):
        return self.first_row.evaluate(points, self.alone, self.together)


def drawn(rng, strength):
    """A point with couplings up to `strength`, in every second one two bosons close together."""
    mass = rng.uniform(205, 1000)
    masses = [125.0, mass, mass + rng.uniform(-25, 25) if rng.random() < 0.5
              else rng.uniform(150, 1200)]
    expected = [rng.uniform(0, 2) for _ in masses]
    return point(masses, [rng.uniform(0, UNIT * strength) for _ in masses],
                 [(number, number * rng.uniform(0.4, 2.8)) for number in expected])


@pytest.mark.parametrize("seed", range(20))
def test_every_row_as_if_it_were_alone(seed):
    """Of random points, the answers are those of one row a call: with couplings that decide, hide
    another search, or do nothing; the plain call gives others."""
    rng, program = random.Random(seed), Program()
    points = [drawn(rng, 10 ** power) for power in (1, *(rng.uniform(-2, 0.5) for _ in range(40)))]
    right = [answer(rows_, rows_) for rows_ in points]
    assert program.batch(points) == right
    assert [answer(points[0], rows_) for rows_ in points] != right


@pytest.mark.parametrize(("masses", "mine", "others"), [
    ([125.0, 501.6, 514.5], [0, 3.0, 0.01], [0, 0.01, 3.0]),        # the limit is loose in between
    ([125.0, 245.0, 256.0], [0, 0.1, 3.0], [0, 9.0, 0.1])])         # and none below 250 GeV
def test_bosons_that_are_combined(masses, mine, others):
    """Two bosons of one search: their mean mass, and with it the limit, moves with the couplings
    of the first row."""
    right = point(masses, [UNIT * c for c in mine],
                  [(1.0 if masses[1] < 250 else 4.0, 0.5)] * 3)
    plain = point([125.0, 900.0, 950.0], [UNIT * c for c in others], [(50.0, 0.0)] * 3)
    points = [right, plain, plain, plain]
    assert answer(right, right).channel == 1284
    assert Program().batch(points) == [answer(rows_, rows_) for rows_ in points]


def test_small_couplings_cost_one_call():
    """Where the search can play no part one call is enough: small couplings, also of bosons that
    are combined, none, or no boson in its range of masses. Else two, if it plays none."""
    rng = random.Random(1)
    small = [drawn(rng, 1e-3) for _ in range(30)]
    assert {first_row._kind(rows_, N, 1) for rows_ in small} >= {"compare", "alone"}
    close = [point([125.0, 300.0, 900.0], [0, UNIT / 2, UNIT / 2], [(1, 1), (3, 3), (9, 9)])] * 9
    for points, calls in ((small, [len(small) + 1]), (close, [len(close) + 1] * 2),
                          ([point([125.0, 150.0, 1300.0], [1, 9, 9], [(1, 1)] * 3)] * 9, [10]),
                          ([point([125.0, 300.0, 500.0], [0, 0, 0], [(1, 1)] * 3)] * 9, [10])):
        program = Program()
        assert program.batch(points) == [answer(rows_, rows_) for rows_ in points]
        assert program.calls == calls


def test_a_few_rows_are_evaluated_alone():
    """For two rows that is cheaper."""
    program = Program()
    program.batch([point([125.0, 300.0, 500.0], [UNIT] * 3, [(1, 1)] * 3)] * 2)
    assert program.calls == [1, 1]


def test_where_most_rows_end_alone_they_start_alone():
    """Comparing is left out for some batches when it did not pay, and then tried again."""
    rng, program = random.Random(2), Program()
    strong = [drawn(rng, 1e3) for _ in range(12)]
    strong = [rows_ for rows_ in strong if first_row._kind(rows_, N, 1) == "compare"]
    right = [answer(rows_, rows_) for rows_ in strong]
    seen = []
    for _ in range(first_row.REST + 2):
        program.calls.clear()
        assert program.batch(strong) == right
        seen.append(max(program.calls))
    assert seen == [len(strong) + 1, *[1] * first_row.REST, len(strong) + 1]


@pytest.mark.parametrize("seed", range(5))
def test_no_rate_is_larger_than_the_largest(seed):
    """The bound by which rows are spared a second call holds for the search of these tests, whose
    limits are those of the real one."""
    rng = random.Random(seed)
    for _ in range(200):
        rows_ = drawn(rng, 10 ** rng.uniform(-3, 1))
        off = {**rows_, "BR_H_NP": " ".join(["0.0"] * 2 * N)}
        assert answer(off, off).ratio <= first_row.largest_rate(rows_, N, 1)


def test_a_boson_with_other_decays_has_a_smaller_rate():
    """The part of its width that goes to two jets bounds the rate; a width of 0 tells nothing."""
    rates = [first_row.largest_rate(point([125.0, 300.0, 90.0], [0, 3, 0], [(1, 1)] * 3, width),
                                    N, 1) for width in (0.0, 1e-6, 1.0, 10.0)]
    assert rates[0] == rates[1] == pytest.approx(9 * first_row.RATES[0][2])
    assert rates[1] > rates[2] == pytest.approx(10 * rates[3])


def test_a_row_that_stops_the_program_stops_no_other():
    """The rows in front are not made of a point, but for the names and widths of its tables."""
    odd = point([125.0, 300.0, 500.0], [1, 1, 1], [(1, 1)] * 3)
    odd |= {"MHall_uncertainties": "7.0 7.0 7.0 0.0", "MH_GammaTot": "66.0 1.0 1.0 1.0 1.0 1.0"}
    first = FirstRow(N, 1)._first(odd, [0.5] * 9)
    assert set(first) == set(odd) and "7.0" not in first["MHall_uncertainties"]
    assert "66.0" not in first["MH_GammaTot"]
    assert len(first["MHall_uncertainties"].split()) == 4


@pytest.mark.slow
def test_with_the_program(tmp_path, monkeypatch):
    """A HiggsBounds whose Key.dat names the search gives points the same in a call, in another
    order, and alone; without the care it would not."""
    monkeypatch.setenv("STANDIN_FIRST_ROW", "1")
    folder = Path(install(tmp_path)["HBPath"])
    program = HiggsBounds(folder / "build/HiggsBounds", N, 1, 20.0)
    program.probe()
    points = []
    for coupling in (0.3, 0.9, 0.2, 0.6, 0.1):
        rows_ = sm_like(5, N, 1)
        words = rows_["effC"].split()
        words[4 * N + 1] = str(UNIT * coupling)
        points.append({**rows_, "effC": " ".join(words)})
    together = program.evaluate_tables(points, tmp_path)
    assert [answer.channel for answer in together] == [1341, 1284, 1341, 1284, 1341]
    assert together == [program.evaluate_tables([rows_], tmp_path)[0] for rows_ in points]
    assert together[::-1] == program.evaluate_tables(points[::-1], tmp_path)
    program.first_row = None
    assert program.evaluate_tables(points, tmp_path) != together
