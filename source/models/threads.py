"""Linear algebra on one thread: in, a context; out, the same numbers on any number of cores."""

import functools
import sys

from threadpoolctl import ThreadpoolController


def one_thread():
    """Context: linear algebra on one thread; on a busy machine two wait for each other."""
    return _libraries(len(sys.modules)).limit(limits=1, user_api="blas")


@functools.lru_cache(1)
def _libraries(_n_modules):
    """What is loaded: to look for it takes as long as a small batch, and modules may bring more."""
    return ThreadpoolController()
