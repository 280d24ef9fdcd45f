"""Scans from Python: every kind of function and pool, resume, errors, and the frozen names."""

import concurrent.futures
import inspect
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import mlscanner as ml
from mlscanner.calculators.functions import CallableFunction
from mlscanner.cli.main import main
from mlscanner.config.input_file import OFFERED
from mlscanner.store.points_table import read_table
from python_scans import BOX, SMALL, omega, scan

PACKAGE = Path(__file__).resolve().parents[2] / ".package"
def by_name(mass, g):
    """The same with arguments."""
    return omega({"mass": mass, "g": g})


def many(p):
    """The same of many points."""
    return {"omega": np.where(p["mass"] > 900, np.nan, 100 * p["g"] ** 2 / p["mass"])}


def points(folder):
    """x, chi2 and status of a run, in the order of ids."""
    t = read_table(Path(folder) / "points.csv")
    return np.column_stack([t["mass"], t["g"]]), t["chi2"], t["status"]


# ---- the names are promises

def test_the_public_names_and_their_words():
    """What other people's scripts use: a change here breaks them, and belongs in CHANGELOG.md."""
    assert sorted(ml.__all__) == [
        "Evaluation", "InputError", "Model", "ModelFileError", "Prior", "ProgramError", "Result",
        "Scan", "ScannerError", "StorageError", "UserProgram", "__version__", "correlated", "load",
        "load_model",
        "observable", "python_step", "register_calculator", "register_constraint",
        "register_model", "register_prior", "scan"]
    assert all(hasattr(ml, name) for name in ml.__all__)
    assert set(ml.__all__) <= set(dir(ml))
    words = {name: list(inspect.signature(function).parameters) for name, function in {
        "scan": ml.scan, "load": ml.load, "load_model": ml.load_model, "Scan": ml.Scan,
        "ask": ml.Scan.ask, "tell": ml.Scan.tell, "result": ml.Scan.result,
        "plot": ml.Result.plot, "continue_": ml.Result.continue_}.items()}
    assert words == {
        "scan": ["function", "parameters", "observables", "model", "n_points", "seed", "output",
                 "pool", "vectorised", "progress", "start", "settings"],
        "load": ["run", "function", "pool"], "load_model": ["folder"],
        "Scan": ["parameters", "observables", "model", "seed", "output", "settings"],
        "ask": ["self", "n"], "tell": ["self", "x", "values"], "result": ["self"],
        "plot": ["self", "name"], "continue_": ["self", "n", "pool"]}
    for kind, names in ((ml.Result, {"folder", "points", "good", "best", "model", "reason"}),
                        (ml.Scan, {"names", "points", "good"})):
        assert {n for n in names if hasattr(kind, n) or f"{n} :" in kind.__doc__} == names


def test_what_an_input_file_offers_is_there_from_python(tmp_path):
    """correlated, too: no import from inside for a set of measurements."""
    assert set(OFFERED) <= set(ml.__all__)
    result = ml.scan(lambda p: {"a": p["x"], "b": p["y"]}, {"x": (0, 1), "y": (0, 1)},
                     observables=[ml.correlated(["a", "b"], values=[0.5, 0.5], sigmas=[0.1, 0.2],
                                                matrix=[[1, 0.5], [0.5, 1]])],
                     n_points=20, seed=1, pool=0, output=tmp_path / "run", **SMALL)
    t = read_table(result.folder / "points.csv")
    r, s = (t["a"] - 0.5) / 0.1, (t["b"] - 0.5) / 0.2
    assert np.allclose(t["chi2"], (r * r - r * s + s * s) / 0.75)


def test_a_name_that_is_not_there():
    """`ml.scam` is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="scam"):
        ml.scam  # noqa: B018 - asking is the test


# ---- functions

@pytest.mark.parametrize(("function", "words"), [
    (omega, {}), (by_name, {}), (many, {"vectorised": True}),
    (lambda p: omega({"mass": p[0], "g": p[1]}), {}),
    (CallableFunction(omega, BOX, named=True), {}),
])
def test_every_kind_of_function_gives_the_same_scan(tmp_path, function, words):
    """By name, by position, of arguments, vectorised, a calculator object."""
    result = scan(tmp_path, function, 20, **words)
    x, chi2, status = points(result.folder)
    fine = status == "ok"
    assert 0 < fine.sum() <= 20
    assert np.allclose(chi2[fine], ((100 * x[fine, 1] ** 2 / x[fine, 0] - 0.12) / 0.02) ** 2)
    assert (fine == (x[:, 0] <= 900)).all()


@pytest.mark.slow
def test_a_scan_starts_from_points_one_has(tmp_path):
    """They come first, do not count as points of the scan, and it can be gone on with."""
    first = scan(tmp_path, n=30, output=tmp_path / "first")
    for start in (first, [str(first.folder)]):
        second = scan(tmp_path, n=20, output=tmp_path / "second", start=start)
        origin = [str(o) for o in np.asarray(second.points["origin"])]
        assert origin[:30] == ["imported first"] * 30 and len(second) == 50
    assert len(second.continue_(5)) == 55
    with pytest.raises(ml.InputError, match="no such file"):
        scan(tmp_path, output=tmp_path / "third", start="nothing.csv")


@pytest.mark.slow
def test_pools_give_the_same_points(tmp_path):
    """Processes of ours, of concurrent.futures, threads, multiprocessing: the same numbers."""
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as executor, \
            concurrent.futures.ThreadPoolExecutor(2) as threads, spawn.Pool(1) as old:
        pools = {"here": 0, "ours": 2, "processes": executor, "threads": threads, "old": old}
        found = {name: points(scan(tmp_path, pool=pool, output=tmp_path / name).folder)
                 for name, pool in pools.items()}
    for parts in found.values():
        for part, same in zip(parts, found["here"], strict=True):
            assert np.array_equal(part, same, equal_nan=part.dtype != object)


@pytest.mark.slow
def test_a_dask_client_of_the_user(tmp_path):
    """Its workers get the function, a lambda too; the points are the same, and it stays open."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1",
                                  dashboard_address=None) as cluster, \
            distributed.Client(cluster) as client:
        found = scan(tmp_path, lambda p: {"omega": 100 * p["g"] ** 2 / p["mass"]}, 20, pool=client)
        assert client.status == "running"
    assert np.array_equal(points(found.folder)[0],
                          points(scan(tmp_path, n=20, output=tmp_path / "here").folder)[0])


def test_a_pool_that_breaks_is_said_to_and_the_points_are_kept(tmp_path):
    """A ProgramError; the same call with another pool goes on."""
    class Breaking:
        def map(self, function, tasks):
            for number, task in enumerate(tasks):
                if number == 5:
                    raise BrokenPipeError("gone")
                yield function(task)
    with pytest.raises(ml.ProgramError, match=r"Breaking failed \(BrokenPipeError: gone\)"):
        scan(tmp_path, pool=Breaking())
    assert len(ml.load(tmp_path / "run")) == 5
    assert len(scan(tmp_path)) == 40


# ---- going on

@pytest.mark.slow
def test_the_same_call_is_complete_or_goes_on(tmp_path):
    """Once more: nothing is evaluated; with more points: those alone."""
    before = points(scan(tmp_path).folder)
    calls = []

    def counted(p):
        calls.append(1)
        return omega(p)
    assert len(scan(tmp_path)) == 40
    result = scan(tmp_path, omega, 60)
    assert np.array_equal(points(result.folder)[0][:40], before[0])
    more = result.continue_(10)
    assert (len(more), more.reason) == (70, "Max_evaluations: 70 points are evaluated")
    with pytest.raises(ml.InputError, match="1 or more"):
        more.continue_(0)
    with pytest.raises(ml.StorageError, match="begun with other settings: Calculator"):
        scan(tmp_path, counted)
    assert not calls


def test_a_run_is_loaded_with_its_function(tmp_path):
    """Without it the error says so; with it, it goes on; file functions need none."""
    scan(tmp_path)
    with pytest.raises(ml.InputError, match="omega was a function of a Python session"):
        ml.load(tmp_path / "run").continue_(5)
    assert len(ml.load(tmp_path / "run", omega, 0).continue_(5)) == 45
    with pytest.raises(ml.StorageError, match="not a run folder"):
        ml.load(tmp_path / "nothing")


@pytest.mark.slow
def test_python_and_the_command_line_go_on_with_each_other(tmp_path, monkeypatch, capsys):
    """A run of an input file: begun here, gone on with there, and back."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text("def f(p):\n    return (p['x'] - 0.3) ** 2 * 100\n")
    settings = {k: v for k, v in SMALL.items() if k[0].isupper()}
    (tmp_path / "input.py").write_text(
        "Calculator = 'mine.py:f'\nVarLabel, VarMin, VarMax = ['x'], [0], [1]\nN_Cores = 1\n"
        "N_iteration = 1\nLive_plots = -1\n" + "".join(f"{k} = {v}\n" for k, v in settings.items()))
    begun = ml.scan("input.py", model="RFR", output="out/RFR", progress=False, pool=0)
    assert (len(begun), begun.reason) == (40, "N_iteration: 1 iteration is done")
    assert main(["RFR", "--input", "input.py", "--output", "out", "--more", "1"]) == 0
    assert "40 points evaluated already, none is evaluated again" in capsys.readouterr().out
    assert len(ml.load("out/RFR", pool=0).continue_(20)) == 80


@pytest.mark.slow
@pytest.mark.parametrize("how", ["-c", "stdin", "script"])
def test_it_works_where_nothing_can_be_sent(tmp_path, how):
    """python -c, a script on standard input, a script without guard: it runs once, and says
    how several processes could be used."""
    text = textwrap.dedent(f"""
        import mlscanner as ml
        print("begun", flush=True)
        r = ml.scan(lambda p: float(p[0] ** 2 * 100), {{"x": (0, 1)}}, n_points=20, pool=2,
                    output="run", **{SMALL!r})
        print(len(r))""")
    (tmp_path / "script.py").write_text(text)
    words = {"-c": ["-c", text], "stdin": ["-"], "script": ["script.py"]}[how]
    done = python(words, tmp_path, input=text if how == "stdin" else None)
    assert done.stdout.split("\n")[0] == "begun"
    assert "function is evaluated in this process" in done.stdout
    assert done.stdout.endswith("20\n")
    assert done.stderr == ""


@pytest.mark.slow
def test_a_script_without_a_guard_uses_processes(tmp_path):
    """A function of a module beside the script goes to workers, which do not run the script."""
    (tmp_path / "mine.py").write_text("import os\ndef f(p):\n"
                                      "    return {'chi2': p[0], 'pid': os.getpid()}\n")
    (tmp_path / "script.py").write_text(textwrap.dedent(f"""
        import os
        import mlscanner as ml
        from mine import f
        print("begun", flush=True)
        r = ml.scan(f, {{"x": (0, 1)}}, n_points=20, pool=2, output="run", **{SMALL!r})
        print(os.getpid() in r.points["pid"])"""))
    done = python(["script.py"], tmp_path)
    assert (done.stdout, done.stderr) == ("begun\nFalse\n", "")


@pytest.mark.slow
def test_ctrl_c_keeps_the_points_and_the_same_call_goes_on(tmp_path):
    """KeyboardInterrupt comes through; what was evaluated is there, and not evaluated again."""
    (tmp_path / "script.py").write_text(textwrap.dedent(f"""
        import sys, time
        import mlscanner as ml
        called = []
        def f(p):
            called.append(p)
            print("called", flush=True)
            time.sleep(5 if len(called) == 6 and "slow" in sys.argv else 0)
            return float(p[0])
        r = ml.scan(f, {{"x": (0, 1)}}, n_points=30, pool=0, output="run", **{SMALL!r})
        print(len(r))"""))
    environment = os.environ | {"PYTHONPATH": str(PACKAGE)}
    process = subprocess.Popen([sys.executable, "script.py", "slow"], cwd=tmp_path, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    for _ in range(6):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said, trouble = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in trouble
    assert "evaluated points are kept in run. The same call continues." in said
    kept = len(ml.load(tmp_path / "run"))
    assert kept >= 5
    done = python(["script.py"], tmp_path)
    assert done.stdout.endswith("30\n")
    assert done.stdout.count("called") == 30 - kept + 1     # the last one is evaluated once more


def python(words, folder, **more):
    """Run Python in a folder; returns the finished process."""
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True,
                          timeout=120, check=False, env=os.environ | {"PYTHONPATH": str(PACKAGE)},
                          **more)


# ---- what is wrong

@pytest.mark.parametrize(("words", "text"), [
    ({"n_point": 5}, "n_point is neither an argument .* nor a setting. Did you mean n_points"),
    ({"Size_batch": 5}, "Did you mean Size_batch_"),
    ({"Seed": 3}, "seed and Seed mean the same"),
    ({"model": "DNR"}, "DNR is not a model"),
    ({"pool": -1}, "pool = -1"), ({"pool": "many"}, "pool = 'many'"),
    ({"n": "5"}, "Max_evaluations = '5'"), ({"n": 0}, "Max_evaluations = 0"),
])
def test_wrong_words(tmp_path, words, text):
    """One clear InputError, before anything is made."""
    with pytest.raises(ml.InputError, match=text):
        scan(tmp_path, **words)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("parameters", [
    [(0, 1)], {"a": (1,)}, {"a": (0, 1, 2)}, {"a": None}, {"a": True}, {1: (0, 1)}, {"": (0, 1)},
    {"a": ""}, {"a": (1, 0)}, {"a": (0, 1, "lag")}, {}, {"a": 1.0}, {"a": ("0", "1")}])
def test_wrong_parameters(tmp_path, parameters):
    """Each is refused with an InputError that names what was found."""
    with pytest.raises(ml.InputError):
        ml.scan(omega, parameters, output=tmp_path / "run", **SMALL)
    assert not (tmp_path / "run").exists()


class Bare:
    """A calculator that lacks what one has."""

    def evaluate(self, x, scratch):
        return []


@pytest.mark.parametrize(("function", "parameters", "text"), [
    (5, BOX, "function = 5; expected"), (None, BOX, "function = None; expected"),
    (Bare(), BOX, "Bare has no attribute share, observables, citations"),
    (omega, None, "parameters are missing"), ("THDMM", BOX, "Did you mean 'THDM'"),
    ("none.py", None, "none.py: no such file"), ("none.py:f", BOX, "there is no file")])
def test_wrong_functions(tmp_path, function, parameters, text):
    """What cannot be evaluated is said before anything is made."""
    with pytest.raises(ml.InputError, match=text):
        ml.scan(function, parameters, output=tmp_path / "run", **SMALL)
    assert not (tmp_path / "run").exists()


def test_every_kind_of_parameter(tmp_path):
    """Ranges with and without prior, whole numbers, choices, fixed ones and formulas."""
    result = ml.scan(lambda p: float(p["n"] + p["half"] + p["c"]),
                     {"x": np.array([0, 1]), "n": (1, 5, "integer"), "c": "choice [1, 3]",
                      "k": 2, "half": "x / k", "w": (-3, 3, "normal(0, 1)")},
                     n_points=20, pool=0, output=tmp_path / "run", **SMALL)
    t = result.points
    assert np.allclose(np.asarray(t["half"]), np.asarray(t["x"]) / 2)
    assert set(np.asarray(t["c"])) == {1.0, 3.0}
    assert (np.asarray(t["k"]) == 2).all()


def test_a_folder_of_other_files_stays_as_it_is(tmp_path):
    """No run is begun among a user's files; nor with another model in the folder of a run."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("mine")
    with pytest.raises(ml.StorageError, match="holds files, but no run"):
        scan(tmp_path)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["thesis.tex"]
    scan(tmp_path, output=tmp_path / "other", n=20)
    with pytest.raises(ml.StorageError, match="begun with the model RFR, not GBR"):
        scan(tmp_path, output=tmp_path / "other", n=20, model="GBR")


def test_without_output_it_is_the_folder_of_the_command_line(tmp_path, monkeypatch):
    """./result/RFR of the current folder, then RFR_2."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLSCANNER_HOME", raising=False)
    for name in ("RFR", "RFR_2"):
        assert scan(tmp_path, output=None, n=20).folder == tmp_path / "result" / name
    assert json.loads((tmp_path / "result/RFR/scan_input_used.json").read_text())["model"] == "RFR"
