"""Linear algebra has one thread, and what has threads is looked for once."""

import sys

from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from mlscanner.models import threads
from mlscanner.models.threads import one_thread


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
