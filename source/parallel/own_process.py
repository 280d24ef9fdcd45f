"""What a worker sets for its own process, before it evaluates a point."""

import multiprocessing
import os


def may_have_children() -> None:
    """Let the functions that this worker calls use multiprocessing: a daemon may have no children.

    Those that are left when the worker ends are in its process group, which is ended, too.
    """
    getattr(multiprocessing.current_process(), "_config", {})["daemon"] = False


def single_thread() -> None:
    """One thread for the linear algebra of this worker, and of the programs it starts."""
    from threadpoolctl import threadpool_limits  # not where only programs are started
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # also for libraries not loaded yet
    threadpool_limits(1)
