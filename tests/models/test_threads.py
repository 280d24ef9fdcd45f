"""Linear algebra has one thread, what has threads is looked for once, and tasks go side by side."""

import sys
import threading

import pytest
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from mlscanner.models import threads
from mlscanner.models.threads import one_thread, side_by_side


def test_libraries_are_looked_for_when_a_module_more_is_there(monkeypatch):
    """Not at each batch; and what is loaded later has one thread, too."""
    looked = []
    with one_thread():
        monkeypatch.setattr(threads, "ThreadpoolController",
                            lambda: looked.append(1) or ThreadpoolController())
    with one_thread():
        assert not looked
    monkeypatch.setitem(sys.modules, "a module more", sys)
    with threadpool_limits(2, user_api="blas"):
        with one_thread():
            assert looked == [1]
            assert {library["num_threads"] for library in threadpool_info()
                    if library["user_api"] == "blas"} == {1}
        assert {library["num_threads"] for library in threadpool_info()
                if library["user_api"] == "blas"} == {2}


def test_tasks_are_done_at_the_same_time():
    """So many as there are threads, in order; each begins with what it is told to."""
    both, begun = threading.Barrier(2, timeout=60), []

    def task(item):
        both.wait()     # would break if one came after the other
        return 10 * item
    assert side_by_side(task, range(4), 2, lambda: begun.append(threading.get_ident())) \
        == [0, 10, 20, 30]
    assert len(set(begun)) == 2


@pytest.mark.parametrize("threads", [1, 3])
def test_one_thread_is_this_one(threads):
    """Nothing is started for one thread or one task, unless it has to begin with something."""
    def who(items, each=None):
        return set(side_by_side(lambda _: threading.current_thread(), items, threads, each))
    assert who(range(1 if threads > 1 else 3)) == {threading.main_thread()}
    assert threading.main_thread() not in who([1], lambda: None)
    assert side_by_side(len, [], threads) == []


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_of_a_task_is_told(threads):
    """As if there were no threads."""
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda item: 1 / item, [2, 1, 0], threads)
