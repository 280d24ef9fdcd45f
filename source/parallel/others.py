"""Pools of other people: anything with a `map`, and clients of Dask clusters that are there."""

import shutil
import time

from ..errors import ProgramError
from .scratch import evaluated_in_scratch, make_root
from .tasks import PoolBase

POLL = 0.1  # seconds between looks at new work


class Evaluate:
    """What is sent to such a pool: rows of points (n, d) become evaluations.

    Parameters
    ----------
    calculator : object
        As for PoolBase.
    """

    def __init__(self, calculator):
        self.calculator = calculator

    def __call__(self, x):
        root = make_root()
        try:
            return evaluated_in_scratch(self.calculator, x, root)
        finally:
            shutil.rmtree(root, ignore_errors=True)


class MapPool(PoolBase):
    """A pool that has a `map`: of concurrent.futures, multiprocessing, mpi4py.futures, emcee, ...

    It is neither started nor ended here. A point that hangs or takes its worker with it is for
    that pool to deal with: there is no Timeout_point, and a pool that breaks ends the scan.

    Parameters
    ----------
    calculator : object
        As for PoolBase.
    pool : object
        pool.map(function, iterable) gives answers in order, or futures of them.
    """

    def __init__(self, calculator, pool):
        super().__init__(calculator)
        self.pool = pool
        size = getattr(pool, "_max_workers", None) or getattr(pool, "size", None)
        self.n_workers = size if isinstance(size, int) and size > 0 else 1

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def stream(self, work):
        """Evaluate what is in `work` and what is put there meanwhile, until it is closed and done.

        Yields (key, Evaluation). Raises ProgramError when the pool breaks.
        """
        while (work or not work.closed) and not self._over(work) and self._may_begin():
            tasks = []
            while work:
                tasks.append(work.take())
            answers = iter(self._answers(tasks))
            for task in tasks:
                yield from zip(task.keys, self._next(answers), strict=True)
                if self._over(work):
                    return
            if not tasks:
                time.sleep(POLL)

    def _answers(self, tasks):
        try:
            return self.pool.map(Evaluate(self.calculator), [task.x for task in tasks])
        except Exception as error:  # whatever that pool raises
            raise self._broken(error) from error

    def _next(self, answers):
        try:
            answer = next(answers)
            return answer.result() if hasattr(answer, "result") else answer
        except Exception as error:  # whatever that pool raises
            raise self._broken(error) from error

    def _broken(self, error):
        return ProgramError(
            f"the pool {type(self.pool).__name__} failed ({type(error).__name__}: {error}). All "
            "evaluated points are on disk. If your function cannot be sent to other processes, put "
            "it into a file that can be imported; or use pool=0, which evaluates it here.")


class Connected:
    """An existing Dask client, as a cluster for DaskPool; it stays open.

    Parameters
    ----------
    client : distributed.Client
    """

    jobs = None     # it has submitted none to a batch system

    def __init__(self, client):
        self.client, self.n_cores = client, max(1, sum(client.nthreads().values()))

    def __enter__(self):
        return self.client

    def __exit__(self, *exception):
        pass


def is_dask_client(pool):
    """Whether this is a distributed.Client: those have plug-ins for their workers."""
    return hasattr(pool, "register_plugin") and hasattr(pool, "nthreads")
