"""How well one point fits, against numbers worked out by hand."""

import numpy as np
import pytest
from test_thdm_describe import EXAMPLE

from mlscanner.calculators.thdm import describe_point, fit
from mlscanner.calculators.thdm.options import Options

ALIGNED = {"mh": 125.20, "mH": 800, "mA": 800, "mHp": 800, "cos_ba": 0.0, "TanBeta": 2,
           "m12sq": 800**2 * 0.4}


def test_the_standard_model_has_its_chi2():
    """56.25 of 64 measurements: 53.42 for the rates, 2.83 for S, T, U (docs/thdm.md); p = 0.74."""
    assert fit.measurements(Options()) == 64
    assert fit.standard_model(Options()) == pytest.approx(56.3, abs=0.05)
    assert fit.p_value(fit.standard_model(Options()), Options()) == pytest.approx(0.74, abs=0.005)
    only = Options(signals=("atlas",), oblique=False)
    assert fit.measurements(only) == 17
    assert fit.standard_model(only) < 17


def test_p_value_of_a_published_table():
    """chi2 = 18.31 at 10 degrees of freedom has p = 0.05 (any table of the distribution)."""
    ten = Options(signals=(), oblique=False)
    assert fit.measurements(ten) == 1
    assert fit.p_value(3.841, ten) == pytest.approx(0.05, abs=1e-4)


def test_a_point_of_the_alignment_limit_is_the_standard_model():
    """Heavy, degenerate, aligned: the table says that chi2 is that of the Standard Model."""
    table, _ = describe_point({"THDM_basis": "physical"}, ALIGNED)
    line = next(x for x in table.splitlines() if "above the SM" in x)
    assert abs(float(line.split()[3])) < 0.5


def test_the_strongest_pulls_come_first():
    """m_h far off is the first one, with its size: (mh - 125.20) over the combined error."""
    table, _ = describe_point({"THDM_basis": "physical", "THDM_mh_theory_uncertainty": 1.0},
                              ALIGNED | {"mh": 135.20})
    lines = table[table.index("Strongest pulls"):].splitlines()[1:6]
    assert lines[0].split()[0] == "m_h"
    assert float(lines[0].split()[1]) == pytest.approx(10 / np.hypot(0.11, 1.0), abs=1e-4)
    sizes = [abs(float(line.split()[-1])) for line in lines]
    assert sizes == sorted(sizes, reverse=True)


def test_pulls_without_correlations_are_chi2():
    """One measurement alone: the square of its pull is its chi2."""
    table, _ = describe_point({"THDM_signals": (), "THDM_oblique": False}, EXAMPLE)
    pull = float(table[table.index("Strongest pulls"):].splitlines()[1].split()[-1])
    total = next(x for x in table.splitlines() if x.strip().startswith("total"))
    assert pull**2 == pytest.approx(float(total.split()[1]), rel=1e-5)
