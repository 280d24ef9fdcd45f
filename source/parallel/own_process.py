"""What a worker sets for its own process, before it evaluates a point."""

import functools
import multiprocessing
import os
import signal
import threading

OURS = __name__.split(".")[0]


def may_have_children() -> None:
    """Let the functions that this worker calls use multiprocessing: a daemon may have no children.

    Those that are left when the worker ends are in its process group, which is ended, too.
    """
    getattr(multiprocessing.current_process(), "_config", {})["daemon"] = False
    children_hear_signals()


@functools.cache    # once a process: it cannot be taken back
def children_hear_signals() -> None:
    """Let processes that a user's function forks end at a signal as they would in a script of his.

    They inherit our handlers. A handler written in Python runs when Python gets to it, which a
    process that has just begun to wait for a lock or a pipe does not: the pool of multiprocessing
    ends its processes by SIGTERM and waits for them, then for ever. And what wakes the main
    process at a signal is shared: it took the SIGTERM of its child for one of its own.
    Signals wait while a process is forked: what a handler raises amid the functions that Python
    calls after a fork is ignored, and the child would never end.
    """
    forking = threading.local()

    def before():
        forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())

    def after():
        signal.pthread_sigmask(signal.SIG_SETMASK, forking.mask)

    os.register_at_fork(before=before, after_in_parent=after, after_in_child=_default_handlers)
    os.register_at_fork(after_in_child=after)   # they are called in this order


def _default_handlers():
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler) and str(getattr(handler, "__module__", "")).split(".")[0] == OURS:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT
                          else signal.SIG_DFL)


def single_thread() -> None:
    """One thread for the linear algebra of this worker, and of the programs it starts."""
    from threadpoolctl import threadpool_limits  # not where only programs are started
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"  # also for libraries not loaded yet
    threadpool_limits(1)
