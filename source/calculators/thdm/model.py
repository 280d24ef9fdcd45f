"""What the built-in models have in common: from inputs to status, chi2 and columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...evaluation import OK
from .searches import SEARCHES

SMALL = 1e-9     # how far beyond a limit a point is at least that does not keep it


@dataclass(frozen=True)
class Model:
    """A Higgs sector.

    Attributes
    ----------
    title : str
        In words.
    meaning : dict of str to str
        Columns, in order, with unit and meaning; one is `excess`.
    spectrum : callable state -> (known, words)
        Where there is a spectrum, bool (n,), and the statuses and reasons, (n,) each, of where
        there is none.
    take : callable (state, mask) -> state
    observables : callable (state, options) -> dict of (n,)
        Every column but `excess`, of points that have a spectrum.
    tests : callable (state, columns, options) -> iterable
        (how far beyond the limit (n,), status, reason): above 0, or no number, where the test
        fails. Logarithms, so that lambdas of a million do not drown the others.
    """

    title: str
    meaning: dict
    spectrum: Any
    take: Any
    observables: Any
    tests: Any

    def evaluate(self, state, options, names=None):
        """Status, reason, chi2 and observables of points.

        Parameters
        ----------
        state : Potential, or what else the model starts from
            With arrays (n,).
        options : Options
        names : sequence of str, optional
            Of the rows of the table; those of `meaning`, in its order, where nothing is said.

        Returns
        -------
        status, reason : ndarray of str, (n,)
        chi2 : ndarray (n,)
            NaN where there is no spectrum.
        table : ndarray (len(names), n)
            Units as in `meaning`; NaN where there is no spectrum, and for a name that is not there.
        """
        with np.errstate(all="ignore"):   # a failed point is NaN here and has a status
            names = tuple(self.meaning) if names is None else names
            known, (status, reason) = self.spectrum(state)
            table, chi2 = np.full((len(names), len(known)), np.nan), np.full(len(known), np.nan)
            if known.any():
                state = self.take(state, known)
                columns = self.observables(state, options)
                chi2[known] = total_chi2(columns, options)
                status[known], reason[known], columns["excess"] = self._verdict(
                    state, columns, options, known.sum())
                index = np.flatnonzero(known)
                for row, name in zip(table, names, strict=True):
                    if name in self.meaning:
                        row[index] = columns[name]
        return status, reason, chi2, table

    def _verdict(self, state, columns, options, count):
        """Status and reason (n,): the first failed test in a fixed order, theory before data.

        Last the excess (n,): 0 where no test fails, else 1 for each that does, and how far.
        """
        words, first, excess = [(OK, "")], np.zeros(count, np.intp), np.zeros(count)
        finite = np.where(np.isfinite(total_chi2(columns, options)), 0.0, np.nan)
        for beyond, word, why in ((finite, "unphysical", "numbers out of range"),
                                  *self.tests(state, columns, options)):
            bad = ~(beyond <= 0.0)
            if bad.any():
                first[bad & (first == 0)] = len(words)
                words.append((word, why))
                excess[bad] += 1.0 + beyond[bad]
        status, reason = np.array(words, object).T[:, first]
        return status, reason, excess


def chi2_parts(options):
    """Names of the columns that add up to chi2."""
    return ["chi2_mh", *(f"chi2_{name}" for name in options.signals),
            *["chi2_stu"] * options.oblique]


def total_chi2(columns, options):
    """chi2 (n,): the mass of h, the chosen tables of signal strengths, and S, T, U if chosen."""
    return sum(columns[name] for name in chi2_parts(options))


def over(value, limit):
    """Logarithm (n,) of value over limit, where it is above; else 0."""
    return np.where(value > limit, np.log(np.maximum(value / limit, SMALL)), 0.0)


def quartic_tests(columns, options):
    """The tests of perturbativity and unitarity of every model."""
    yield (over(columns["max_quartic"], options.perturbativity), "nonperturbative",
           "a quartic coupling is too large")
    yield (over(columns["unitarity"], options.unitarity), "nonunitary",
           "tree-level scattering violates unitarity")


def search_tests(columns, options):
    """The tests of the chosen searches, of those that the model has a column of, in order."""
    for number, name in enumerate(SEARCHES, 1):
        if name not in options.searches or f"lim_{name}" not in columns:
            continue
        if options.search_rule == "each":
            yield over(columns[f"lim_{name}"], 1.0), "excluded", f"search {name}"
        else:
            best = columns["best_search"] == number
            yield (np.where(best, over(columns["lim_best"], 1.0), 0.0), "excluded",
                   f"search {name}, the most sensitive")
