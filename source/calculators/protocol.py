"""What a calculator is: rows of parameters come in, an evaluation of each goes out."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from ..evaluation import Evaluation


@runtime_checkable
class Calculator(Protocol):
    """What every calculator has. It is sent once to each worker, so that it can be pickled.

    Attributes
    ----------
    observables : sequence of str
        Names of the numbers of each evaluation, in order; () where they come as dicts.
    citations : sequence of str
        What to cite, one text each.
    share : int
        Points of one task.
    """

    observables: Sequence[str]
    citations: Sequence[str]
    share: int

    def evaluate(self, x: Any, scratch: Any) -> list[Evaluation]:
        """One Evaluation for each row of x (n, D), physical units; never raises for a point.

        scratch: a folder of the worker's own, emptied after the task.
        """


class MayHave(Protocol):
    """What a calculator may have besides; whoever needs it asks whether it is there.

    Attributes
    ----------
    files : sequence of str
        Programs and Python files that evaluating starts: Dask workers must find them.
    point_limit : float
        Seconds that a point may take, instead of `Timeout_point`.
    start_seconds : float
        What a task takes however few points it has: tasks are then made long beside it.
    at_once : bool
        A task of many points takes no longer than one point may.
    value_is_chi2 : bool
        False: the value is not added to the chi2 of the constraints.
    open_names : bool
        True: it may give numbers that `observables` does not list.
    warnings : sequence of str
        Beginnings of reasons, of points that are ok or not, which the end of a scan counts.
    template : Template or None
        The Les Houches file that points are filled into.
    extras : Extras or None
        The steps of `Programs` that it runs itself.
    measurements : int
        How many numbers its chi2 is made of.
    calculator : Calculator
        Whose answers it goes on with.
    """

    files: Sequence[str]
    point_limit: float
    start_seconds: float
    at_once: bool
    value_is_chi2: bool
    open_names: bool
    warnings: Sequence[str]
    template: Any
    extras: Any
    measurements: int
    calculator: Any

    def share_for(self, n_points: int, n_cores: int) -> int:
        """Points of one task, when so many points wait for so many workers."""

    def prepare(self, point: Any, row: Any) -> None:
        """Give a point, whose parameters are row (D,), what the steps of `Programs` start from."""

    def input_text(self, x: Any) -> str:
        """The input file of a point x (D,), which is kept of a point that failed."""

    def describe(self) -> list[str]:
        """Lines for `check`: the programs that were found, and where each parameter stands."""

    def timing(self, k: int, row: Any) -> str:
        """A line for `check`: the time of each program for row (d,), the k-th of its points."""
