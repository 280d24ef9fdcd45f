"""`./run.sh point THDM`: the table, the SLHA spectrum, and what is said of wrong input."""

import pytest

from mlscanner.calculators.slha import Slha
from mlscanner.calculators.thdm import describe_point, point_command
from mlscanner.errors import InputError, StorageError

EXAMPLE = {"Lambda1Input": 0.16693, "Lambda2Input": 0.304411, "Lambda3Input": 0.13175,
           "Lambda4Input": -0.30437, "Lambda5Input": -0.0763187, "M12inputt": -16982.4,
           "TanBeta": 2.07321}


def test_the_slha_spectrum_is_the_one_spheno_wrote():
    """Masses, mixing, vevs and mass terms of SARAH's example, read back by our own reader."""
    _, text = describe_point({}, EXAMPLE)
    file = Slha(text)
    expected = {("MASS", 25): 125.256241, ("MASS", 35): 247.938770, ("MASS", 36): 219.148865,
                ("MASS", 37): 234.390659, ("HMIX", 20): 3.94196496e4, ("HMIX", 21): -5.35597332e3,
                ("HMIX", 11): -0.775636827, ("MINPAR", 9): -1.69824e4}
    for (block, entry), value in expected.items():
        assert file.value(block, entry) == pytest.approx(value, rel=1e-7), (block, entry)


def test_decay_blocks_add_up():
    """Four DECAY blocks; branching ratios sum to 1."""
    _, text = describe_point({}, EXAMPLE)
    sums, pdg = {}, None
    for line in text.splitlines():
        words = line.split()
        if words[0] == "DECAY":
            pdg = int(words[1])
        elif pdg:
            sums[pdg] = sums.get(pdg, 0.0) + float(words[0])
            assert words[1] == "2"
    assert set(sums) == {25, 35, 36, 37}
    assert all(s == pytest.approx(1.0, abs=1e-7) for s in sums.values())


def test_the_table_shows_every_test_whatever_is_switched_on():
    """b -> s gamma fails and says so, though it does not decide the status by default."""
    table, _ = describe_point({}, EXAMPLE)
    assert "type II: ok" in table
    assert any("b -> s gamma" in line and "FAILED" in line and line.endswith(", off")
               for line in table.splitlines())
    table, _ = describe_point({"THDM_flavour": True, "THDM_searches": ["tautau"]}, EXAMPLE)
    assert "excluded (b -> s gamma)" in table
    on = [line for line in table.splitlines() if "passed" in line or "FAILED" in line]
    words = ("b -> s gamma", "search tautau", "unitarity", "global minimum")
    assert not any(line.endswith(", off") for line in on if line.strip().startswith(words))
    assert any(line.endswith(", off") for line in on if "search H_hh" in line)


def test_a_tachyon_has_no_spectrum():
    """No MASS block, but the reason in SPINFO and in the table."""
    table, text = describe_point({}, {**EXAMPLE, "M12inputt": 1e5})
    assert "tachyon" in table
    assert "Block MASS" not in text and "squared mass is negative" in text


def test_wrong_values_are_named():
    """Unknown and missing parameters, a negative tan beta, an unknown switch."""
    with pytest.raises(InputError, match="Did you mean Lambda1Input"):
        describe_point({}, {**EXAMPLE, "Lambda1Inpt": 1.0})
    with pytest.raises(InputError, match="no value for TanBeta"):
        describe_point({}, {k: v for k, v in EXAMPLE.items() if k != "TanBeta"})
    with pytest.raises(InputError, match="TanBeta = -2 is not above 0"):
        describe_point({}, {**EXAMPLE, "TanBeta": -2})
    with pytest.raises(InputError, match="THDM_typ is not a setting"):
        describe_point({"THDM_typ": "I"}, EXAMPLE)


def test_command(capsys, tmp_path):
    """Both bases; the SLHA text to the screen or to a file."""
    assert point_command(["THDM", "--set", *(f"{k}={v}" for k, v in EXAMPLE.items())]) == 0
    assert "Block MASS" in capsys.readouterr().out
    file = tmp_path / "point.slha"
    assert point_command(["THDM", "--type", "I", "--slha", str(file), "--set", "mh=125.09",
                          "--set", "mH=300", "mA=250", "mHp=280", "cos_ba=0.05", "TanBeta=5",
                          "m12sq=15000"]) == 0
    assert "type I" in capsys.readouterr().out
    assert "DECAY       37" in file.read_text(encoding="utf-8")
    link = tmp_path / "link"
    link.symlink_to("point.slha")
    assert point_command(["THDM", "--slha", str(link), "--set",
                          *(f"{k}={v}" for k, v in EXAMPLE.items())]) == 0
    assert link.is_symlink() and "type II" in file.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="expected NAME=VALUE"):
        point_command(["THDM", "--set", "mh"])
    with pytest.raises(InputError, match="with a finite number"):
        point_command(["THDM", "--set", "mh=1e400"])
    with pytest.raises(StorageError, match="no/point.slha cannot be written"):
        point_command(["THDM", "--slha", str(tmp_path / "no" / "point.slha"), "--set",
                       *(f"{k}={v}" for k, v in EXAMPLE.items())])
