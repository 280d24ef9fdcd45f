"""Linear algebra on one thread, and calls side by side: the same numbers on any number of cores."""

import functools
import sys
from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import ThreadpoolController


def one_thread():
    """Context: linear algebra on one thread; on a busy machine two wait for each other."""
    return _libraries(len(sys.modules)).limit(limits=1, user_api="blas")


@functools.lru_cache(1)
def _libraries(_n_modules):
    """What is loaded: to look for it takes as long as a small batch, and modules may bring more."""
    return ThreadpoolController()


def side_by_side(task, items, threads, each=None):
    """[task(item), ...], in order, so many at the same time.

    Parameters
    ----------
    task : callable
        Most of its time in libraries that let go of Python's lock.
    items : sequence
    threads : int
        No influence on the result.
    each : callable, optional
        What each thread begins with.
    """
    threads = max(1, min(threads, len(items)))
    if threads == 1 and each is None:
        return [task(item) for item in items]
    with ThreadPoolExecutor(threads, initializer=each) as pool:
        return list(pool.map(task, items))
