"""Dask clusters: one of this machine, one that is there already, or jobs of a batch system."""

import logging
import shlex
import shutil
import socket
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster
from distributed.security import Security

from ..errors import ProgramError
from ..files import located
from .dask_jobs import Jobs
from .scratch import own_folder
from .workers import DEAF_TO, blocked

FOLDER = "mlscan-dask"
NO_PAGE = "127.0.0.1:0"     # Dask's status pages would else be for everybody


class Cluster:
    """Where the workers of a DaskPool are; a context manager that gives a `Client`.

    Parameters
    ----------
    n_cores : int
        Workers of one thread each, on this machine or in all jobs.
    scheduler : str
        Address or scheduler file of an existing cluster; '' to make one.
    jobqueue : dict or None
        For dask-jobqueue, with 'system'; None to make workers on this machine.
    most_failed : int
        So many jobs in a row may die at once.

    Attributes
    ----------
    jobs : Jobs or None
        The jobs of a batch system that this cluster has submitted.
    """

    def __init__(self, n_cores, scheduler="", jobqueue=None, most_failed=5):
        self.n_cores, self.scheduler, self.jobqueue = n_cores, scheduler, jobqueue
        self.most_failed = most_failed
        self.jobs: Jobs | None = None
        self.client: Any = None
        self._made: Any = None
        self._folder: Any = None

    @classmethod
    def from_config(cls, config):
        """A scheduler file counts from the folder of the input file."""
        scheduler = config.Dask_scheduler
        if scheduler and "://" not in scheduler:
            scheduler = str(located(scheduler, Path(config.input_file).parent))
        return cls(config.N_Cores, scheduler, config.Dask_jobqueue, config.Dask_failed_jobs)

    def __enter__(self):
        quiet()
        try:
            if not self.scheduler:
                with blocked(DEAF_TO):  # a Ctrl-C in the terminal is for the main process
                    self._made = self._jobs() if self.jobqueue else self._local()
            self.client = self._connect()
            if self.jobs:
                self.jobs.start()
        except BaseException:
            self.__exit__()
            raise
        return self.client

    def __exit__(self, *exception):
        # a scheduler that is gone cannot be told
        for thing in (self.client, self._made):
            if thing is not None:
                try:
                    thing.close(timeout=5)
                # an assertion: a job that is gone cannot be given back
                except (OSError, TimeoutError, RuntimeError, AssertionError) as error:
                    logging.getLogger("mlscan").debug("closing Dask: %s", error)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _connect(self):
        where = {"address": self._made or self.scheduler}
        if self.scheduler and "://" not in self.scheduler:
            if not Path(self.scheduler).is_file():
                raise ProgramError(f"Dask_scheduler: there is no file {self.scheduler}. Start "
                                   "'dask scheduler --scheduler-file ...' first, or correct the "
                                   "path.")
            where = {"scheduler_file": self.scheduler}
        try:
            return Client(**where, set_as_default=False, name="mlscan")
        except (OSError, TimeoutError, ValueError) as error:
            raise ProgramError(f"Dask_scheduler: no scheduler answers at {self.scheduler} "
                               f"({error}). Start it, or correct the address; then give the same "
                               "command.") from error

    def _local(self):
        """Worker processes on this machine; only the user of this process can talk to them."""
        self._folder = own_folder(Path(tempfile.gettempdir()), FOLDER)
        return LocalCluster(
            n_workers=self.n_cores, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address=NO_PAGE, memory_limit=0, security=Security.temporary(),
            local_directory=str(self._folder), silence_logs=logging.CRITICAL,
            scheduler_kwargs={"allowed_failures": 2, "dashboard": False},
            worker_dashboard_address=NO_PAGE)

    def _jobs(self):
        # for keys, which jobs on other machines read
        self._folder = own_folder(Path.cwd(), f".{FOLDER}")
        cluster = job_cluster({"shared_temp_directory": str(self._folder), **self.jobqueue})
        n_jobs = -(-self.n_cores // self.jobqueue["cores"])
        self.jobs = Jobs(cluster, self.jobqueue["system"], n_jobs, self.most_failed, self._folder)
        return cluster


def job_cluster(words: dict) -> Any:
    """A dask-jobqueue cluster without jobs yet.

    Encrypted, with keys of its own, unless the user says otherwise, and listening on the one
    address by which this machine is known to others, as who reaches a scheduler can run programs.

    Parameters
    ----------
    words : dict
        'system', and the words of dask-jobqueue.

    Raises ProgramError for what dask-jobqueue does not accept.
    """
    try:
        import dask_jobqueue
    except ImportError as error:
        raise ProgramError("Dask_jobqueue needs the package dask-jobqueue, which is not installed. "
                           "Install it: pip install dask-jobqueue") from error
    words = {"processes": words["cores"], "security": True,
             "shared_temp_directory": str(Path.cwd()), "log_directory": "dask-jobs", **words}
    system = words.pop("system")
    _fit_for_a_shell(words)
    if words["security"] is False:
        words["security"] = None
    if system == "HTCondor":
        words.setdefault("disk", "1GB")
    options = dict(words.pop("scheduler_options", {}))
    options = {"dashboard": False, "dashboard_address": NO_PAGE, **options}
    if not {"host", "interface"} & set(options) and not words.get("interface"):
        options["host"] = own_address()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return getattr(dask_jobqueue, f"{system}Cluster")(scheduler_options=options, **words)
    except (TypeError, ValueError, OSError, RuntimeError, ImportError) as error:
        raise ProgramError(f"Dask_jobqueue: {error}. Correct it; examples are in "
                           "docs/cluster.md.") from error


def _fit_for_a_shell(words):
    """dask-jobqueue writes a shell script, and these words of a job into it as they are."""
    python = str(words.get("python") or sys.executable)
    words["python"] = shlex.quote(python) if Path(python).exists() else python
    folder = words["shared_temp_directory"]
    if shlex.quote(folder) != folder:
        raise ProgramError(f"Dask_jobqueue: dask-jobqueue cannot use the folder {folder!r}: "
                           "its name has a blank or another character that is special in a shell. "
                           "Start the scan from another folder, or name one that all machines see "
                           "with 'shared_temp_directory'.")


def own_address() -> str:
    """The address of this machine in its network; nothing is sent to find it."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"


def quiet() -> None:
    """What Dask has to say about lost workers is said by us."""
    for name in ("distributed", "distributed.client", "tornado", "tornado.application", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
