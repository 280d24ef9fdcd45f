"""The predict command and the saved model in physical units."""

import io
import json
import os
import re
import shutil
import stat

import numpy as np
import pytest

from mlscanner.config.scan_config import make_config
from mlscanner.errors import InputError, ModelFileError
from mlscanner.evaluation import Evaluation
from mlscanner.files import program
from mlscanner.likelihood.observables import Target
from mlscanner.models.model_writer import checksum
from mlscanner.models.registry import make_model
from mlscanner.models.saved_model import load_model
from mlscanner.models.value_scale import ValueScale
from mlscanner.prediction import validate as validation
from mlscanner.prediction.predict import predict_command
from mlscanner.prediction.suggest import spread_out, suggest
from mlscanner.space.parameters import Box
from trained import SMALL, X, save, valley


def write(place, name):
    """A run folder with this model, trained; returns `place`."""
    model, y = make_model(name, SMALL, 2), valley(X)
    scale = ValueScale(Target(-np.inf, 1.0), y + 1)     # as a scan does it
    save(model.fit(X, scale.forward(y + 1) if name.endswith("R") else y < 0, 1), place / name)
    return place


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A results folder with RFR and RFC."""
    place = tmp_path_factory.mktemp("result")
    for name in ("RFR", "RFC"):
        write(place, name)
    return place


def physical(u):
    """a in [-1, 1], b from 1 to 100, log."""
    return np.stack([2 * u[:, 0] - 1, 100 ** u[:, 1]], 1)


def ask(results, name, *options):
    """Output of the command as rows of text."""
    out = results / "out.csv"
    assert predict_command([name, *options, "--output", str(results), "--to", str(out)]) == 0
    return [line for line in out.read_text().splitlines() if line]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["RFR", "DNNR"])
def test_python_in_three_lines(results, tmp_path, name):
    """load_model answers in physical units: value, probability, range."""
    model = load_model((results if name == "RFR" else write(tmp_path, name)) / name)
    u = np.random.default_rng(1).random((200, 2))
    answer = model.predict(physical(u))
    true = valley(u) + 1
    assert np.abs(answer.value - true).mean() < 0.1
    assert ((answer.probability > 0.5) == (true < 1)).mean() > 0.93
    assert answer.in_range.all() and not model.predict([3.0, 5.0]).in_range[0]
    assert np.isnan(model.predict([np.nan, 5.0]).value[0])
    with pytest.raises(ValueError, match="a, b"):
        model.predict(np.zeros((3, 5)))


@pytest.mark.slow
def test_columns_by_name_in_any_order(results, tmp_path):
    """A csv with more columns, swapped, quoted commas: found by name, lines kept as they are."""
    (tmp_path / "p.csv").write_text('reason,b,a\n"no, not",10,0.0\nx,1000,0.5\n\n')
    rows = ask(results, "RFR", str(tmp_path / "p.csv"))
    assert rows[0] == "reason,b,a,predicted_chi2,spread,probability,in_range,near"
    assert rows[1].startswith('"no, not",10,0.0,')
    value = load_model(results / "RFR").predict([0.0, 10.0]).value[0]
    assert float(rows[1].split(",")[4]) == pytest.approx(value, rel=1e-5)
    assert [r.split(",")[-2:] for r in rows[1:]][1] == ["0", "0"]


def test_columns_by_order(results, tmp_path):
    """A txt without names, as Accumulated_points.txt: all parameters in order."""
    (tmp_path / "p.txt").write_text("# a b\n0.0 10\n  -1 1e2 \n")
    rows = ask(results, "RFC", str(tmp_path / "p.txt"))
    assert rows[0] == "# a b spread probability in_range near" and len(rows) == 3


@pytest.mark.parametrize(("text", "said"), [
    ("a,b\n1,2\n1,x\n", "line 3: b = 'x' is not a number"),
    ("a,b\n1,2\n1\n", "line 3: 1 columns"),
    ("a,c\n1,2\n", "column b is missing"),
    ("1 2 3\n", "has 3 columns.*a, b"),
    ("u,v\n1,2\n", "no name of a parameter"),
    ("a,b,a\n1,2,3\n", "twice"),
    ("\n# nothing\n", "holds no points"),
])
def test_wrong_files_are_told(results, tmp_path, text, said):
    """What is wrong, and in which line; nothing is written."""
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        ask(results, "RFR", str(tmp_path / "p.csv"))
    assert not list(results.glob(".*.tmp"))


def test_an_output_that_is_a_device_stays_one(results, tmp_path):
    """/dev/null of the machine was replaced by a file, for root: it is written into; a link to a
    file stays a link."""
    (tmp_path / "p.csv").write_text("a,b\n0.5,3\n")
    node = tmp_path / "null"
    try:
        os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.close(os.open(node, os.O_WRONLY))
    except OSError as error:
        pytest.skip(f"no device can be made or opened here: {error}")
    words = ["RFR", str(tmp_path / "p.csv"), "--output", str(results), "--to"]
    assert predict_command([*words, str(node)]) == 0
    assert stat.S_ISCHR(node.stat().st_mode)
    (tmp_path / "link").symlink_to("answers")
    assert predict_command([*words, str(tmp_path / "link")]) == 0
    assert (tmp_path / "link").is_symlink()
    assert len((tmp_path / "answers").read_text().splitlines()) == 2


def test_missing_file_and_missing_model(results):
    """A file or a model that is not there is said to be missing."""
    with pytest.raises(InputError, match="nowhere.csv cannot be read"):
        ask(results, "RFR", "nowhere.csv")
    with pytest.raises(ModelFileError, match=f"{program()} GBR"):
        ask(results, "GBR", "p.csv")
    with pytest.raises(ModelFileError, match="neither a run folder nor a model"):
        ask(results, "nonsense", "p.csv")


@pytest.mark.parametrize(("words", "said"), [
    (["--suggest", "inf"], "'inf' is not a number of points, 1 or more"),
    (["--validate", "many"], "'many' is not a number of points, 1 or more"),
    (["--suggest", "5", "--seed", "-1"], "'-1' is not a seed, 0 or more"),
])
def test_wrong_numbers_are_explained(results, capsys, words, said):
    """What is no number, or too small or large a one, is refused in words."""
    with pytest.raises(SystemExit) as end:
        ask(results, "RFR", *words)
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_standard_input_and_many_blocks(results, monkeypatch):
    """- reads standard input, block by block, every point once and in order."""
    monkeypatch.setattr("mlscanner.prediction.point_files._ROWS", 7)
    u = np.random.default_rng(2).random((50, 2))
    lines = "".join(f"{a!r},{b!r}\n" for a, b in physical(u).tolist())
    monkeypatch.setattr("sys.stdin", io.StringIO("a,b\n" + lines))
    rows = ask(results, "RFR", "-")
    assert [r.rsplit(",", 5)[0] for r in rows[1:]] == lines.split()
    values = [float(r.split(",")[2]) for r in rows[1:]]
    assert np.allclose(values, load_model(results / "RFR").predict(physical(u)).value, rtol=1e-5)


def test_near(results):
    """Training points and their like are near; a corner that was never visited is not."""
    model = load_model(results / "RFR")
    assert model.near(X).all() and model.near(np.random.default_rng(5).random((100, 2))).mean() > .7
    model.model.training = (X[X[:, 0] < 0.5], None)
    model._tree = None
    assert not model.near(np.array([[0.95, 0.5]]))[0]


@pytest.mark.parametrize("name", ["RFR", "RFC"])
def test_suggested_points_are_good_new_and_spread(name, results):
    """Nine of ten in the target, none a training point, all over the region; same seed, same."""
    model = load_model(results / name)
    u = suggest(model, 400, seed=3)
    assert len(u) == 400 and (valley(u) < 0).mean() > 0.9
    assert not set(map(tuple, u)) & set(map(tuple, X))
    angle = np.arctan2(u[:, 1] - 0.5, u[:, 0] - 0.5)
    assert np.histogram(angle, 8, (-np.pi, np.pi))[0].min() > 20
    assert np.array_equal(u, suggest(model, 400, seed=3))
    rows = ask(results, name, "--suggest", "20")
    assert len(rows) == 21 and rows[0].startswith("a,b,")


def test_spread_out_drops_the_crowd():
    """A dense clump gives way, the lonely points stay."""
    rng = np.random.default_rng(0)
    clump, lonely = rng.random((500, 2)) * 0.01, rng.random((50, 2)) + 1
    kept = spread_out(np.concatenate([clump, lonely]), 60, rng)
    assert len(kept) == 60 and (kept[:, 0] > 1).sum() == 50


class Oracle:
    """Evaluates by the true function; stands in for the pool."""

    def map(self, x):
        """(row, Evaluation) of each point."""
        u = np.stack([(x[:, 0] + 1) / 2, np.log(x[:, 1]) / np.log(100)], 1)
        return [(i, Evaluation("ok", v)) for i, v in enumerate(valley(u) + 1)]


def test_validation_reports_what_is_true(results, monkeypatch):
    """Against a calculator that agrees with the model, and one that never does."""
    model = load_model(results / "RFR")
    report = validation.validate(model, 100, pool=Oracle())
    precision = float(report.split("suggested points: ")[1].split()[0])
    assert precision > 0.9 and "Brier" in report and "mean absolute error of chi2" in report
    monkeypatch.setattr(Oracle, "map", lambda self, x: [(i, Evaluation("crashed"))
                                                         for i in range(len(x))])
    report = validation.validate(model, 100, pool=Oracle())
    assert "suggested points: 0.000" in report and "failed: " in report


def test_points_of_the_users_are_validated(results, tmp_path, monkeypatch):
    """--validate FILE evaluates those points: their errors, and what they are worth as a chain;
    all of it for a calculator that agrees, and less for one that knows another chi2."""
    model = load_model(results / "RFR")
    x = model.box.to_physical(0.5 + 0.1 * (np.random.default_rng(0).random((80, 2)) - 0.5))
    points = tmp_path / "chain.csv"
    np.savetxt(points, x, delimiter=",", header="a,b", comments="")
    told = []
    monkeypatch.setattr(validation, "allowed_config", lambda *words: "mine")
    monkeypatch.setattr(validation, "compare", lambda saved, x, config: told.append(
        (x, config)) or "done")
    assert ask(results, "RFR", "--validate", str(points)) == ["done"]
    assert told[0][1] == "mine"
    np.testing.assert_allclose(told[0][0], x)
    monkeypatch.undo()
    report = validation.compare(model, x, pool=Oracle())
    assert "80 points, evaluated by" in report and "error of chi2" in report

    def worth(report):
        return int(re.search(r"worth (\d+)%", report)[1])

    assert worth(report) > 90
    fine = Oracle.map
    monkeypatch.setattr(Oracle, "map", lambda self, x: [
        (i, Evaluation("ok", e.value + 8 * (i % 2))) for i, e in fine(self, x)])
    assert 40 < worth(validation.compare(model, x, pool=Oracle())) < 60
    # chi2 higher by 2 at each second point: a weight of 1/e, so (1 + 1/e)^2 / (2 + 2/e^2) = 82 %
    monkeypatch.setattr(Oracle, "map", lambda self, x: [
        (i, Evaluation("ok", e.value + 2 * (i % 2))) for i, e in fine(self, x)])
    assert 72 < worth(validation.compare(model, x, pool=Oracle())) < 88


def test_the_model_is_a_likelihood(results):
    """-chi2 / 2 of points of the unit box, one or many; none outside of it; a classifier has no
    chi2."""
    model = load_model(results / "RFR")
    u = np.random.default_rng(0).random((50, 2))
    found = model.log_likelihood(u)
    np.testing.assert_allclose(found, -0.5 * model.predict(model.box.to_physical(u)).value,
                               rtol=1e-9)
    assert model.log_likelihood(u[0]) == pytest.approx(found[0])
    assert np.array_equal(model.log_likelihood(np.array([[1.01, 0.5], [0.5, -0.01]])),
                          [-np.inf, -np.inf])
    with pytest.raises(ModelFileError, match="predicts no chi2"):
        load_model(results / "RFC").log_likelihood(u)


def test_the_likelihood_knows_pre_cuts_and_failures(results):
    """Where a pre-cut is false, and where the model knows that points fail, it is -inf."""
    model = load_model(results / "RFR")
    u = np.random.default_rng(0).random((50, 2))
    left = u[:, 0] < 0.5

    class Failing:
        def probability(self, u):
            return np.where(u[:, 0] < 0.5, 0.9, 0.2)

    model.model.failures = Failing()
    assert np.array_equal(np.isfinite(model.log_likelihood(u)), left)
    model.model.failures = None
    model.box = Box(model.box.parameters, ["a < 0"])
    assert np.array_equal(np.isfinite(model.log_likelihood(u)), left)


def test_what_is_stored_is_not_started_unasked(results, tmp_path):
    """A model from elsewhere names a command: shown, with control characters as escapes, and
    started only with --trust, a yes, or not at all with --input."""
    place = tmp_path / "RFC"
    shutil.copytree(results / "RFC", place)
    path = place / "model" / "model.json"
    content = json.loads(path.read_text())
    mark = tmp_path / "started"
    content["about"]["settings"] |= {
        "Calculator": "evil.py:f\x1b[2J", "input_file": str(tmp_path / "scan_input.py"),
        "Programs": [{"command": ["touch", str(mark)]}]}
    content["checksum"] = checksum(content)
    path.write_text(json.dumps(content))
    (tmp_path / "evil.py").write_text(f"open({str(mark)!r}, 'w')\ndef f(x): return 1.0\n")
    with pytest.raises(InputError, match="--trust") as caught:
        ask(results, str(place), "--validate", "5")
    assert "touch" in str(caught.value) and "\x1b" not in str(caught.value)
    stored = content["about"]["settings"]
    with pytest.raises(InputError, match="Nothing was run"):
        validation.allowed_config(stored, "ab", None, False, lambda text: "n")
    mine = tmp_path / "mine.py"
    mine.write_text("Calculator = 'F_2d'\n")
    names = Box.from_config(make_config(Calculator="F_2d")).names
    assert validation.allowed_config(stored, names, mine, False, None).Calculator == "F_2d"
    with pytest.raises(InputError, match="mine.py has the parameters .* but the model has a, b"):
        validation.allowed_config(stored, ("a", "b"), mine, False, None)
    plain = json.loads(json.dumps(make_config(Calculator="F_2d").as_dict()))
    assert validation.allowed_config(plain, "ab", None, False, None).Calculator == "F_2d"
    for word in ("Observables", "Programs"):     # an older program knew fewer settings
        del plain[word]
    config = validation.run_config(plain)
    assert not config.Programs and not config.Observables
    plain["Calculator"] = "mine.py:f"
    for trusted, answer in ((True, None), (False, lambda text: "y")):
        config = validation.allowed_config(plain, "ab", None, trusted, answer)
        assert config.Calculator == "mine.py:f"
    limited = plain | {"Calculator": "THDM", "Observables": [{"name": "a", "chi2": "x.py:f"}]}
    assert any("x.py:f" in line for line in validation.stored_commands(limited))
    assert not mark.exists()


def test_output_of_old_command_lines_is_still_the_file(results, tmp_path, capsys):
    """`--results DIR --output FILE`, as it was, writes the file and says the new words."""
    words = ["RFR", "--suggest", "3", "--results", str(results), "--output"]
    assert predict_command([*words, str(tmp_path / "new.csv")]) == 0
    assert len((tmp_path / "new.csv").read_text().splitlines()) == 4
    assert f"--to {tmp_path / 'new.csv'}" in capsys.readouterr().err
