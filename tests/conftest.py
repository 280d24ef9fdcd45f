"""What several test modules share."""

import collections
import os
import signal
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two cores at most, whatever a test starts
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# hundreds of tests start the program: its sources are compiled once, not each time
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import hypothesis
import pytest  # after these: the libraries read them when they are imported

PROJECT = Path(__file__).resolve().parents[1]

LONG = {"slow", "readme", "install"}    # markers of what the quick lane leaves out
# The files that train networks: one process imports TensorFlow and Keras, and not each
NETWORKS = ("test_models", "test_MLs_HEP", "test_conformance", "test_networks", "test_outputs",
            "test_honesty", "test_model_files", "test_predict")
# The files that take longest, in that order; those of many slow tests follow.
LONGEST = (*NETWORKS, "test_documents", "test_dask_pool", "test_resume", "test_stream",
           "test_plots", "test_faults", "test_notebook", "test_chain", "test_dask_jobs",
           "test_stopping", "test_proposer", "test_refining", "test_contours", "test_local_pool",
           "test_scan", "test_run_sh", "test_retarget", "test_install", "test_user_faults",
           "test_examples", "test_moving_target", "test_report", "test_command_line",
           "test_aliases", "test_watch", "test_batch", "test_points_table")


def pytest_configure(config):
    """Keep the compiled tests, too, whatever the environment says; hear Ctrl-C; and give examples
    no time limit."""
    if config.getoption("--quick"):
        os.environ["MLSCAN_TEST_QUICK"] = "1"       # read by runner.py
    sys.dont_write_bytecode = False
    # what a shell starts in the background ignores it, and hands that on to all programs of tests
    signal.signal(signal.SIGINT, signal.default_int_handler)
    hypothesis.settings.register_profile("without a clock", deadline=None)
    hypothesis.settings.load_profile("without a clock")


def pytest_addoption(parser):
    """`--quick`, also behind `./run.sh test`."""
    parser.addoption("--quick", action="store_true",
                     help="only tests that take a moment, some of every room: under a minute")


def pytest_collection_modifyitems(config, items):
    """Leave out what takes long, where that is wanted."""
    if config.getoption("--quick"):
        long = [item for item in items if LONG & {mark.name for mark in item.iter_markers()}]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in set(long)]
    if hasattr(config, "workerinput"):      # xdist takes the files in this order
        longest_file_first(items)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """What is told of a test can be sent from a worker, which half a pair of UTF-16 cannot."""
    report = (yield).get_result()
    told = str(report.longrepr) if report.failed else ""
    if sendable(told) != told:
        report.longrepr = sendable(told)
    report.sections = [(name, sendable(text)) for name, text in report.sections]


def sendable(text):
    """A text that can be encoded."""
    return text.encode("utf-8", "backslashreplace").decode()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """One more than cores: tests of signals, time limits and clusters mostly wait."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file of tests is shared out as a whole, and the files of NETWORKS are as one."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "networks" if Path(file).stem in NETWORKS else file
    return Files(config, log) if config.getvalue("dist") == "loadfile" else None


def longest_file_first(items):
    """So that the cores are done at the same time."""
    length = collections.Counter()
    for item in items:
        marks = {mark.name for mark in item.iter_markers()} & LONG
        length[item.path.stem] += 10 * (marks - {"slow"} != set()) + len(marks)
    for rank, name in enumerate(reversed(LONGEST)):
        length[name] = 10_000 + rank
    items.sort(key=lambda item: -length[item.path.stem])     # the order within a file stays


# An input file in the form of the first release: lists made at the top and appended to, integer
# switches, numbers in quotes, no Calculator.
OLD_STYLE = """
VarMax =[]
VarMin =[]
VarLabel =[]
VarNum =[]
N_Cores = 4
N_iteration = 2
Size_initial_batch=5000
Size_batch_L = 10000
Size_batch_K = 300
Chi_square_threshold = 105
Full_train_period = 1
Frac_random_points = 0.2
K_SMOOTE = 3
####
pathS ='/opt/SPheno-4.0.5' # Path to SPheno
Lesh ='LesHouches.in.THDMII_low'
SPHENOMODEL ='THDMII'                   # as in bin

VarMin.append(0.00000E+00)     # Minimum value
VarMax.append(10.00000E+00)     # Maximum value
VarLabel.append('# Lambda1Input')   # Label
VarNum.append('1')                       # Number

VarMin.append(-3.00000E+03)
VarMax.append(-1.00000E+03)
VarLabel.append('# M12input')
VarNum.append('9')

TotVarScanned = 2  # Total number of variables scanned.
HiggsBounds = 1 #### 1: on
HBPath = '/opt/HiggsBounds-4.2.1'
NH     = '3'
NCH    = '1'
ExcludeHB = 1
HiggsSignal = 2
HSPath =  '/opt/HiggsSignals-1.4.0'
PATHMHUNCERTINITY = '/opt/MHall_uncertainties.dat'
LHC_run = 'latestresults'
"""


@pytest.fixture(scope="session", autouse=True)
def true_fonts():
    """What the program makes of the fonts of a PDF: to make them small takes longer than to draw a
    picture, so that tests have them as shapes."""
    from mlscanner.plotting import style
    true, style.SETTINGS["pdf.fonttype"] = style.SETTINGS["pdf.fonttype"], 3
    return true


@pytest.fixture(scope="session")
def project():
    """The folder of the scanner."""
    return PROJECT


@pytest.fixture
def input_file(tmp_path):
    """A function that writes a text or bytes to an input file and returns its path."""
    def write(content, name="scan_input.py"):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return path
    return write


@pytest.fixture
def old_style():
    """Text of an input file in the form of the first release."""
    return OLD_STYLE
