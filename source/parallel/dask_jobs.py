"""Jobs of a batch system in which Dask workers run: one that ends is replaced by a new one."""

import getpass
import logging
import re
import shutil
import time
from dataclasses import dataclass
from typing import Any

from ..errors import ProgramError
from ..shown import one_line
from .processes import run_program

LOG = logging.getLogger("mlscan")
ASK = 15.0      # seconds between questions to the batch system, which many people ask
SILENT = 120.0  # seconds without its workers until a job counts as ended where it cannot be asked
AT_ONCE = 60.0  # seconds with workers that have evaluated nothing: a shorter job died at once
ANSWER = 20.0   # seconds that a batch system may take to list jobs
# Lists the jobs of a user that wait or run, a line each with the number first.
LISTS = {
    "SLURM": ("squeue", "-h", "-u", "{user}", "-o", "%A"),
    "PBS": ("qstat", "-u", "{user}"),
    "SGE": ("qstat", "-u", "{user}"),
    "LSF": ("bjobs", "-noheader", "-u", "{user}", "-o", "jobid"),
    "HTCondor": ("condor_q", "-constraint", "JobStatus < 3 || JobStatus > 5", "-format", "%d\n",
                 "ClusterId"),
}
_FINISHED = re.compile(r"\s[CF]\s")     # a job that PBS lists for a while after its end


@dataclass
class _Job:
    born: float             # readings of time.monotonic()
    seen: float = 0.0       # its first worker
    last: float = 0.0       # a worker of it
    worked: bool = False    # it has evaluated a point
    missed: int = 0         # lists in a row in which it was not


class Jobs:
    """The jobs of a `dask_jobqueue` cluster; asked by one thread.

    Parameters
    ----------
    cluster : dask_jobqueue.JobQueueCluster
        Without jobs.
    system : str
        One of `LISTS`.
    n_jobs : int
        So many are kept until the scan ends.
    most_failed : int
        So many in a row that end before they have evaluated a point end the scan.
    folder : path
        Small and of this process; commands of the batch system are started there.
    """

    def __init__(self, cluster: Any, system: str, n_jobs: int, most_failed: int, folder: Any):
        self.cluster, self.system, self.n_jobs, self.folder = cluster, system, n_jobs, folder
        self.most_failed, self.failed, self.replaced = most_failed, 0, 0
        self._jobs: dict[str, _Job] = {}
        self._count, self._asked = 0, time.monotonic()

    def start(self):
        """Submit the first jobs; raises ProgramError with the words of the batch system."""
        trouble = self._fill()
        if trouble:
            raise ProgramError(f"Dask_jobqueue: a job could not be submitted: {trouble}. Correct "
                               "it, then give the same command.")

    def worked(self, address):
        """The worker at this address has evaluated a point."""
        worker = self.cluster.scheduler.workers.get(address)
        job = worker and self._jobs.get(self._job_of(str(worker.name)))
        if job:
            job.worked, self.failed = True, 0

    def look(self):
        """Replace jobs that have ended; call it every second or so.

        Raises ProgramError when too many in a row have died at once.
        """
        now = time.monotonic()
        present = {self._job_of(str(worker.name))
                   for worker in list(self.cluster.scheduler.workers.values())}
        for name in present & self._jobs.keys():
            job = self._jobs[name]
            job.seen, job.last, job.missed = job.seen or now, now, 0
        absent = self._jobs.keys() - present
        if (absent or len(self._jobs) < self.n_jobs) and now > self._asked + ASK:
            self._asked, listed = now, self._listed()
            self._replace([name for name in absent if self._has_ended(name, now, listed)])

    def _job_of(self, worker):
        """The job of a worker by its name: that of the job, with '-' and a number for each."""
        return worker if worker in self._jobs else worker.rpartition("-")[0]

    # ---- have they ended? --------------------------------------------------------------------
    def _listed(self):
        """Numbers of the jobs that wait or run, as text; None where that cannot be told."""
        program, *words = LISTS[self.system]
        found = shutil.which(program)
        if not found:
            return None
        try:
            words = [word.replace("{user}", getpass.getuser()) for word in words]
        except (KeyError, OSError):     # a user without a name
            return None
        outcome = run_program([found, *words], self.folder, ANSWER)
        if outcome.trouble or (outcome.code and "No unfinished job" not in outcome.output):
            return None
        lines = [line for line in outcome.output.splitlines()
                 if self.system != "PBS" or not _FINISHED.search(line)]
        return {match[1] for match in (re.match(r"\s*(\d+)", line) for line in lines) if match}

    def _has_ended(self, name, now, listed):
        job = self._jobs[name]
        if name not in self.cluster.workers:    # given up by Dask, as its workers were gone
            return True
        if listed is None:
            return bool(job.seen) and now > job.last + SILENT
        number = re.match(r"\d+", str(self.cluster.workers[name].job_id or ""))
        # twice, as a list may be older than the job
        job.missed = 0 if number and number[0] in listed else job.missed + 1
        return job.missed > 1

    # ---- new ones ----------------------------------------------------------------------------
    def _replace(self, names):
        """Submit a new job for each of these, and for those that could not be submitted before."""
        for name in names:
            job = self._jobs.pop(name)
            lived = (job.last or time.monotonic()) - (job.seen or job.born)
            if not job.worked and (not job.seen or lived < AT_ONCE):
                self._failed(f"the last one after {lived:.0f} s" if job.seen else
                             "the last one before it had a worker")
            self.cluster.worker_spec.pop(name, None)
        trouble = self._fill()
        self.replaced += len(names)
        if names:
            LOG.info("%d of %d jobs ended and are replaced by new ones (%d so far).", len(names),
                     self.n_jobs, self.replaced)
        if trouble:
            LOG.warning("Note: a job could not be submitted: %s.", trouble)
            self._failed(trouble)

    def _failed(self, what):
        self.failed += 1
        if self.failed >= self.most_failed:
            raise ProgramError(
                f"{self.failed} jobs in a row ended before they evaluated a point, {what}. Their "
                "messages are in their log_directory (dask-jobs). Correct what they report, then "
                "give the same command. Dask_failed_jobs sets how many are tried.")

    def _fill(self):
        """Submit as many jobs as are lacking; returns what went wrong in words."""
        for _ in range(self.n_jobs - len(self._jobs)):
            self._count += 1        # no name twice: Dask might close a new job for an old one
            name = f"mlscan-{self._count}"
            self._jobs[name] = _Job(time.monotonic())
            self.cluster.worker_spec[name] = self.cluster.new_spec
        try:
            self.cluster.sync(_submitted, self.cluster)
        except (RuntimeError, OSError, ValueError) as error:
            self._forget_unsubmitted()
            return one_line(error).rstrip(".")[:500]
        return ""

    def _forget_unsubmitted(self):
        for name, job in list(self.cluster.workers.items()):
            if job.job_id is None:
                job.status = type(job.status).failed
                for table in (self.cluster.workers, self.cluster.worker_spec, self._jobs):
                    table.pop(name, None)


async def _submitted(cluster):
    await cluster
