"""What came of a scan: its points as a table, its model, its pictures."""

import functools
import sys
from pathlib import Path

import numpy as np

from ..errors import InputError, StorageError
from ..models.saved_model import SavedModel, load_model
from ..plotting.command import functions
from ..plotting.plot_data import load_run
from ..store.points_file import NAME
from ..store.points_table import read_table
from ..store.state_file import State


class Result:
    """A run folder, seen from Python; what is asked for is read from it.

    Attributes
    ----------
    folder : Path
    """

    def __init__(self, folder, call=None):
        self.folder, self._call = Path(folder), call

    def __len__(self):
        return len(self._columns["id"])

    def __repr__(self):
        return (f"<Result of {self.folder}: {int(self._columns['in_target'].sum())} of {len(self)} "
                "points are in the target>")

    @functools.cached_property
    def _columns(self):
        return read_table(self.folder / NAME)

    @property
    def points(self):
        """Every evaluated point, a row each, in the order of `id`.

        Columns: id, iteration, origin, the parameters (physical units), predicted, chi2 (or
        value), with hard limits the objective (what a model learns), the observables, in_target
        (0 or 1), status ('ok', or why it failed), reason. A pandas DataFrame where pandas is
        installed, else a structured array.
        """
        return table(self._columns)

    @property
    def good(self):
        """The rows of `points` that are in the target."""
        inside = self._columns["in_target"] == 1
        return table({name: column[inside] for name, column in self._columns.items()})

    @property
    def best(self):
        """The row with the smallest chi2 (the value closest to the target's) of those that did not
        fail and break no hard limit, as a dict; None where there is none."""
        distance = load_run(self.folder).distance
        distance[~np.isfinite(distance)] = np.inf
        if not np.isfinite(distance).any():
            return None
        row = int(np.argmin(distance))
        return {name: column[row].item() if hasattr(column[row], "item") else column[row]
                for name, column in self._columns.items()}

    @functools.cached_property
    def model(self) -> SavedModel:
        """The trained model: `predict(x (n, D))` gives value, spread, probability, in_range, each
        (n,); raises ModelFileError where there is none."""
        return load_model(self.folder)

    @property
    def reason(self):
        """Why the scan ended, in words; None for one that was stopped."""
        state = State.load(self.folder)
        return None if state is None else state.meta["reason"]

    def plot(self, name: str = "corner"):
        """A picture as a matplotlib Figure: 'corner', 'progress', 'profiles', 'profile_pairs',
        'prediction', 'failures' or 'time'. None where there is nothing to draw.

        All of them, and report.html, are drawn into the folder by `mlscanner plot FOLDER`.
        """
        pictures = functions()
        if name not in pictures:
            raise InputError(f"plot({name!r}): there is no such picture. Pictures: "
                             f"{', '.join(pictures)}.")
        from ..plotting import style
        run = load_run(self.folder)
        _let_notebooks_show_figures()
        with style.drawing(run.style):
            return pictures[name](run)

    def continue_(self, n: int, pool=None) -> "Result":
        """Evaluate n points more, whatever ended the scan; returns the new Result.

        `pool` as for `scan`; None: as before.
        """
        if self._call is None:
            raise StorageError(f"{self.folder} holds points that were told. Continue with Scan, "
                               "ask and tell.")
        if isinstance(n, bool) or not isinstance(n, int) or n < 1:
            raise InputError(f"continue_({n!r}): expected a number of points, 1 or more.")
        return self._call.more(self.folder, n, pool)


def _let_notebooks_show_figures():
    """A Figure is shown as a picture, also before pyplot has been imported there."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        from IPython.core.pylabtools import select_figure_formats
        select_figure_formats(shell, {"png"})


def table(columns):
    """Columns (n,) by name as a pandas DataFrame, or as a structured array without pandas."""
    try:
        import pandas as pd
    except ImportError:
        kinds = [(name, column.dtype) for name, column in columns.items()]
        rows = np.empty(len(columns["id"]), kinds)
        for name, column in columns.items():
            rows[name] = column
        return rows
    return pd.DataFrame(columns)
