"""Tables of a point for HiggsBounds: which must be there, and which newer SARAH leaves out."""

import pytest

from mlscanner.calculators.chain.higgs_columns import columns, order, parents
from mlscanner.calculators.chain.higgs_files import check_point, write_tables
from mlscanner.calculators.programs import Failure

LEP = "LEP_HpHm_CS_ratios"


def tables(n=3, p=1, version=5, **changes):
    """All tables of a point, each number 1; `changes`: other texts, None for a file not there."""
    files = {name: "1 " + " ".join(["1.0"] * (width - 1)) + "\n"
             for name, width in columns(version, n, p).items()}
    return {name: text for name, text in (files | changes).items() if text is not None}


def test_newer_sarah_writes_no_lep_table(tmp_path):
    """Without LEP_HpHm_CS_ratios.dat the point goes on, and no such file is written for it."""
    rows = check_point(tables(**{LEP: None}), 5, 3, 1)
    assert LEP not in rows and "BR_Hplus" in rows
    write_tables(tmp_path, [rows, rows])
    assert not (tmp_path / f"{LEP}.dat").exists() and (tmp_path / "BR_Hplus.dat").exists()


def test_where_it_is_written_it_is_used_and_checked():
    """Its row is handed on; a wrong number of columns is an error as before."""
    assert check_point(tables(), 5, 3, 1)[LEP] == "1.0"
    with pytest.raises(Failure, match="columns, expected 2"):
        check_point(tables(**{LEP: "1 1.0 1.0\n"}), 5, 3, 1)


@pytest.mark.parametrize("name", ["BR_Hplus", "BR_t", "effC", "MH_GammaTot", "BR_H_NP"])
def test_any_other_table_must_be_there(name):
    """The point fails, and the reason names the file."""
    with pytest.raises(Failure, match=f"did not write {name}.dat"):
        check_point(tables(**{name: None}), 5, 3, 1)


def row(words):
    """A file of one row."""
    return "1  " + "  ".join(words) + "\n"


def with_nan(name, version, n, p, bosons):
    """SARAH's file: the columns of these decaying bosons are NaN, all others 0.25."""
    read = ["NaN" if parent in bosons else "0.25" for parent in parents(version, n, p)[name]]
    places = order(version, n, p).get(name, range(len(read)))
    return row(word for _, word in sorted(zip(places, read, strict=True)))


@pytest.mark.parametrize(("version", "n", "p"), [(5, 4, 1), (5, 6, 2), (5, 3, 1), (4, 3, 2)])
def test_a_scalar_without_a_width_has_no_ratios(version, n, p):
    """0/0 in the ratios of an inert state is 0, in both tables; all else stays as it was."""
    masses = row(["125.0"] * n + ["4.1E-03", "0.00000000E+00", *["1.0"] * (n - 2)])
    charged = row(["300.0"] * p + [*["1.0"] * (p - 1), "0.0"])
    files = tables(n, p, version, MH_GammaTot=masses, MHplus_GammaTot=charged,
                   BR_H_NP=with_nan("BR_H_NP", version, n, p, {1}),
                   BR_Hplus=with_nan("BR_Hplus", version, n, p, {p - 1}))
    rows = check_point(files, version, n, p)
    for name, boson in (("BR_H_NP", 1), ("BR_Hplus", p - 1)):
        assert rows[name].split() == ["0.0" if parent == boson else "0.25"
                                      for parent in parents(version, n, p)[name]]
        assert len(rows[name].split()) == columns(version, n, p)[name] - 1


@pytest.mark.parametrize("changes", [
    {"BR_H_NP": with_nan("BR_H_NP", 5, 3, 1, {0})}, {"BR_H_NP": with_nan("BR_H_NP", 5, 3, 1, {2})},
    {"BR_Hplus": with_nan("BR_Hplus", 5, 3, 1, {0})}, {"effC": row(["NaN"] * 57)},
    {"BR_H_NP": with_nan("BR_H_NP", 5, 3, 1, {1}).replace("NaN", "Infinity")},
    {"MHplus_GammaTot": row(["300.0", "NaN"]), "BR_Hplus": with_nan("BR_Hplus", 5, 3, 1, {0})}])
def test_any_other_nan_fails_the_point(changes):
    """NaN in the ratios of a boson that decays, in couplings or widths, and Infinity."""
    masses = row(["125.0", "300.0", "300.0", "4.1E-03", "0.0", "1.0"])
    with pytest.raises(Failure, match="not finite"):
        check_point(tables(**{"MH_GammaTot": masses, **changes}), 5, 3, 1)


def test_the_parents_of_a_real_row():
    """The order of the columns: h3 (351 GeV) -> h h, h4 (357 GeV) -> h Z of an N2HDM point."""
    parent = parents(5, 4, 1)["BR_H_NP"]
    assert [parent[k] for k in (16, 18, 37, 38)] == [2, 2, 3, 3]


def pairs_of_sarah(n):
    """A made-up BR_H_NP.dat of SPhenoSARAH: h_k -> h_i h_j has the ratio 0.kij, as in the model
    files of SARAH (for each k the rows of the lower triangle); all else is 0."""
    words = ["0.0"] * n
    for k in range(1, n + 1):
        others = [i for i in range(1, n + 1) if i != k]
        words += [f"0.{k}{j}{i}" for i in others for j in others if j <= i]
    return row(words + ["0.0"] * (columns(5, n, 1)["BR_H_NP"] - 1 - len(words)))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 6])
def test_higgs_pairs_are_those_that_higgsbounds_reads(n):
    """Read with the loops of HiggsBounds 5.10.1, each ratio is of the decay that SARAH wrote: from
    four neutral bosons on the two have the pairs in another order."""
    words = check_point(tables(n, BR_H_NP=pairs_of_sarah(n)), 5, n, 1)["BR_H_NP"].split()
    read = iter(words[n:])
    for k in range(1, n + 1):
        for j in range(1, n + 1):
            for i in range(1, n + 1):
                if k not in (i, j) and j <= i:
                    assert next(read) == f"0.{k}{j}{i}"
    assert set(read) <= {"0.0"}


@pytest.mark.parametrize(("version", "channels"), [(5, ["cs", "cb", "tau", "tb", "WZ"]),
                                                   (4, ["cs", "cb", "tau"])])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_charged_bosons_are_those_that_higgsbounds_reads(version, channels, p):
    """SARAH writes the channels of a charged boson side by side, HiggsBounds reads a channel of
    all bosons side by side; what follows, H+ -> h W, stays."""
    ratio = {(boson, name): f"0.{boson}{k}" for boson in range(1, p + 1)
             for k, name in enumerate(channels)}
    with_w = [f"0.9{k}" for k in range(3 * p if version == 5 else 0)]
    files = tables(3, p, version, BR_Hplus=row([*ratio.values(), *with_w]))
    assert check_point(files, version, 3, p)["BR_Hplus"].split() == [
        ratio[boson, name] for name in channels for boson in range(1, p + 1)] + with_w
