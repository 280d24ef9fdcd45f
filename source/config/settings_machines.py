"""Settings of where points are evaluated: this machine, or many."""

from .checks import Check, flag, integer, one_of, text
from .settings_base import section, setting

SYSTEMS = ("SLURM", "HTCondor", "PBS", "SGE", "LSF")


def jobqueue():
    """A dict for dask-jobqueue with 'system', 'cores' and 'memory' among its words."""
    def convert(value):
        if value is None:
            return None
        if not isinstance(value, dict) or not all(isinstance(word, str) for word in value):
            raise ValueError
        return dict(value)
    return Check("None, or a dict like {'system': 'SLURM', 'cores': 8, 'memory': '16GB'}", convert)


@section
class Machines:
    """Beyond one machine (docs/cluster.md)"""

    Executor: str = setting("multiprocessing", one_of("multiprocessing", "dask"), "Where points "
        "are evaluated: in N_Cores processes of this machine, or by Dask workers anywhere (needs "
        "the packages of requirements-dask.txt).")
    Dask_scheduler: str = setting("", text(), "Existing cluster to join: 'tcp://host:8786', "
        "'tls://...', or its scheduler file. If it is '' and Dask_jobqueue is not set: N_Cores "
        "workers here.")
    Dask_jobqueue: dict | None = setting(None, jobqueue(), "Workers that the scan submits to a "
        "batch system and gives back: 'system' ('SLURM', 'HTCondor', 'PBS', 'SGE', 'LSF'), and for "
        "each job 'cores', 'memory', 'walltime', 'queue', ... as dask-jobqueue names them. N_Cores "
        "is the number of cores of all jobs.")
    Dask_failed_jobs: int = setting(5, integer(1), "If so many jobs of Dask_jobqueue in a row end "
        "before they have evaluated a point, the scan ends with an error. A job that ends after it "
        "has evaluated points, by its walltime or --lifetime, is replaced by a new one.")
    Asynchronous: bool = setting(False, flag(), "True: the next batch is proposed before the last "
        "one is evaluated, so that no worker waits; points then depend on how long each takes. "
        "False: same seed, same points.")


def problems(values):
    """(setting, sentence) for what is wrong between these settings; `values` are checked ones."""
    scheduler, job = values["Dask_scheduler"], values["Dask_jobqueue"]
    if values["Executor"] != "dask":
        for key in ("Dask_scheduler", "Dask_jobqueue"):
            if values[key]:
                yield key, (f"{key} is set, but Executor = '{values['Executor']}' does not use it. "
                            f"Set Executor = 'dask', or delete {key}.")
        return
    if scheduler and job:
        yield "Dask_jobqueue", ("Dask_scheduler and Dask_jobqueue are set; one joins a cluster, "
                                "the other makes one. Delete one of them.")
    if scheduler and scheduler.partition("://")[0] not in ("tcp", "tls") and "://" in scheduler:
        yield "Dask_scheduler", (f"Dask_scheduler = '{scheduler}'; expected 'tcp://host:port', "
                                 "'tls://host:port', or the path of a scheduler file. Correct it.")
    if job is not None:
        yield from (("Dask_jobqueue", text) for text in _job_problems(job))


def _job_problems(job):
    if job.get("system") not in SYSTEMS:
        yield (f"Dask_jobqueue['system'] = {job.get('system')!r}; expected one of "
               f"{', '.join(map(repr, SYSTEMS))}. Correct it.")
    cores = job.get("cores")
    if isinstance(cores, bool) or not isinstance(cores, int) or cores < 1:
        yield (f"Dask_jobqueue['cores'] = {cores!r}; expected a whole number, at least 1: the "
               "cores of one job. Correct it.")
    if not isinstance(job.get("memory"), str) or not job["memory"].strip():
        yield (f"Dask_jobqueue['memory'] = {job.get('memory')!r}; expected the memory of one job, "
               "as text: '16GB'. Correct it.")
