"""From the user's input file to one checked, frozen `ScanConfig`; every problem at once."""

import math
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..calculators.functions import TEST_FUNCTIONS
from ..calculators.registry import registered, registered_names
from ..errors import InputError, sentence
from ..space.expressions import CONSTANTS, identifier
from ..space.parameters import clean_label
from . import input_file
from .hints import expected, fall_back, hint
from .input_file import shown
from .observable_checks import RESERVED
from .observable_checks import problems as observable_problems
from .parameter_checks import problems as parameter_problems
from .parameter_checks import scanned_ranges
from .settings import BUILT_IN, ScanConfig, settings
from .settings_machines import problems as machine_problems
from .target_checks import RELATIVE, TARGETS
from .target_checks import problems as target_problems

PER_PARAMETER = ("VarMin", "VarMax", "VarLabel", "VarNum", "VarBlock")  # lists, one entry for each
# of the two test functions, arXiv:2207.09959, sections 3 and 4; so are their boxes below
TEST_TARGET = {"Target_value": 100.0, "Target_width": 20.0}


def load_config(path: str | Path) -> ScanConfig:
    """The settings in the file at `path`, checked.

    Raises
    ------
    InputError
        With one sentence for each problem: file, line, value, what was expected, what to do.
    """
    path = Path(path)
    values, lines = input_file.read(path)
    return _Checker(values, path.name, lines).config(str(path.absolute()))


def make_config(**values: Any) -> ScanConfig:
    """The same from keywords, for notebooks and tests: make_config(Calculator='F_2d', Seed=3)."""
    return _Checker(values).config("")


class _Checker:
    """Checks `values`; `lines` tells where they stand in the file named `name`."""

    def __init__(self, values, name="", lines=None):
        self.given = {key: value for key, value in values.items() if key in settings()}
        self.others = [key for key in values if key not in settings()]
        self.name, self.lines = name, lines
        self.problems = []  # (line, text)
        self.bad = set()
        self.values = {}

    def config(self, path):
        self._unknown_names()
        self._defaults()
        for key in self.given:
            self._one(key, settings()[key])
        for rule in (self._calculator, self._parameters, self._ranges, self._labels,
                     self._priors, self._observables, self._batches, self._target, self._programs,
                     self._machines):
            rule()
        if self.problems:
            raise InputError([text for _, text in sorted(self.problems, key=lambda p: p[0])])
        return ScanConfig(**self.values, input_file=path)

    def report(self, text, key=None, index=None):
        line = None
        if self.lines is not None and key is not None:
            items: Any = self.given.get(key)
            length = len(items) if index is not None and hasattr(items, "__len__") else None
            line = self.lines.of(key, index, length)
        where = self.name + (f", line {line}" if line else "") + (": " if self.name else "")
        self.problems.append((line or 0, where + text))

    def _empty(self, key):
        value = self.given.get(key)
        return value is None or (isinstance(value, str | list | tuple) and not value)

    # ---- single values

    def _unknown_names(self):
        for key in self.others:
            close = get_close_matches(key, list(settings()), 1) or [
                name for name in settings() if name.lower() == key.lower()]
            remedy = (f"Did you mean {close[0]}?" if close else
                      "Delete it; if it is a variable of your own, begin its name with '_'.")
            self.report(f"{key} is not a setting. {remedy}", key)

    def _defaults(self):
        self.values = {key: field.default for key, field in settings().items()}
        path = self.given.get("pathS")
        if "Calculator" not in self.given and isinstance(path, str) and path.strip():
            self.values["Calculator"] = "SPheno"
        calculator = self.given.get("Calculator")
        _, dim = TEST_FUNCTIONS.get(str(calculator), (None, 0))
        if dim and self._empty("VarMin") and self._empty("VarMax"):
            half = 10 * math.pi
            self.values.update(VarMin=(-half,) * dim, VarMax=(half,) * dim)
            self.given = {key: value for key, value in self.given.items()
                          if key not in ("VarMin", "VarMax")}
        if any(self.given.get(key) is not None for key in RELATIVE):
            self.values["Chi_square_threshold"] = None
        if dim and not set(TARGETS) & set(self.given):
            self.values.update(TEST_TARGET)

    def _one(self, key, field):
        value, check = self.given[key], field.metadata["check"]
        if check is None:
            self.values[key] = value
        elif expected(check, value) is None:
            self.values[key] = getattr(check, "convert", lambda v: v)(value)
        else:
            self.bad.add(key)
            self._wrong(key, field, value, check)

    def _wrong(self, key, field, value, check):
        item = check.item
        wrong = [] if item is None or not isinstance(value, list | tuple) else [
            i for i, part in enumerate(value) if expected(item, part) is not None]
        for i in wrong[:3]:
            self.report(f"{key}[{i}] = {shown(value[i])}; expected "
                        f"{expected(item, value[i])}. {hint(value[i], item) or 'Correct it.'}",
                        key, i)
        if not wrong:
            remedy = hint(value, check) or fall_back(field)
            self.report(f"{key} = {shown(value)}; expected {expected(check, value)}. {remedy}", key)

    def _good(self, *keys):
        return not self.bad & set(keys)

    # ---- rules between values

    def _calculator(self):
        name = self.values["Calculator"]
        file, colon, function = str(name).rpartition(":")
        own = colon and file.strip() and function.isidentifier()
        if not self._good("Calculator") or name in BUILT_IN or own or registered(name) is not None:
            return
        lower = {known.lower(): known for known in BUILT_IN}
        close = get_close_matches(name.lower(), list(lower), 1)
        meant = f" Did you mean '{lower[close[0]]}'?" if close else ""
        self.bad.add("Calculator")
        self.report(f"Calculator = {shown(name)} is not known.{meant} Choose one of "
                    f"{', '.join([*BUILT_IN, *registered_names()])}, or 'file.py:function' for a "
                    "function of your own.",
                    "Calculator")

    def _parameters(self):
        if not self._good(*PER_PARAMETER, "TotVarScanned"):
            self.bad.update(PER_PARAMETER)
            return
        sizes = {key: len(self.values[key]) for key in PER_PARAMETER}
        needed = {key: n for key, n in sizes.items() if n or key in ("VarMin", "VarMax")
                  or (key in ("VarLabel", "VarNum") and self.values["Calculator"] == "SPheno")}
        if not any(needed.values()):
            self.bad.update(PER_PARAMETER)
            self.report("no parameter is scanned: VarMin, VarMax and VarLabel are empty. Append "
                        "one value to each for every parameter, as in scan_input.py.")
        elif len(set(needed.values())) > 1:
            self._lengths(needed)
        else:
            self._total(needed["VarMin"])

    def _lengths(self, sizes):
        self.bad.update(PER_PARAMETER)
        usual = max(set(sizes.values()), key=list(sizes.values()).count)
        odd = next(key for key, n in sizes.items() if n != usual)
        self.report("the lists have different lengths: "
                    + ", ".join(f"{key} has {n}" for key, n in sizes.items())
                    + ". Each list needs one entry for every parameter.", odd)

    def _total(self, n):
        total = self.values["TotVarScanned"]
        if total is not None and total > n:
            self.bad.add("TotVarScanned")
            self.report(f"TotVarScanned = {total}, but only {n} parameters are listed. Append the "
                        f"others to VarMin, VarMax, VarLabel and VarNum, or set it to {n}.",
                        "TotVarScanned")
            total = n
        if len(self.values["VarTeX"]) > n:
            self.report(f"VarTeX has {len(self.values['VarTeX'])} entries for {n} parameters. "
                        "Delete those that are too many: the first label is that of the first "
                        "parameter, and so on.", "VarTeX")
        self.values["TotVarScanned"] = n if total is None else total
        if not self.values["VarLabel"]:
            self.values["VarLabel"] = tuple(f"x{i + 1}" for i in range(n))
        for key in ("VarNum", "VarBlock"):
            self.values[key] = self.values[key] or ("",) * n

    def _ranges(self):
        if not self._good(*PER_PARAMETER):
            return
        low, high = self.values["VarMin"], self.values["VarMax"]
        entries = self.values["VarPrior"] if self._good("VarPrior") else ()
        for i in scanned_ranges(self.values["VarLabel"][:self.values["TotVarScanned"]], low, high,
                                entries):
            if low[i] is None or high[i] is None:
                key = "VarMin" if low[i] is None else "VarMax"
                self.bad.add(key)
                self.report(f"{key}[{i}] = None, but {self.values['VarLabel'][i]!r} is scanned. "
                            "Give a number; only fixed parameters and formulas need none.", key, i)
            elif not low[i] < high[i]:
                self.bad.add("VarMin")
                remedy = ("Swap them, or correct one." if low[i] > high[i] else
                          "Correct one; a parameter needs a range to be scanned.")
                self.report(f"VarMin[{i}] = {low[i]:g} is not below VarMax[{i}] = {high[i]:g} "
                            f"({self.values['VarLabel'][i]!r}). {remedy}", "VarMin", i)

    def _priors(self):
        if not self._good(*PER_PARAMETER, "VarPrior", "Precut", "TotVarScanned"):
            return
        v, n = self.values, self.values["TotVarScanned"]
        for key, index, text in parameter_problems(v["VarLabel"][:n], v["VarMin"][:n],
                                                   v["VarMax"][:n], v["VarPrior"], v["Precut"]):
            self.report(text, key, index)

    def _labels(self):
        if not self._good(*PER_PARAMETER):
            return
        v, seen = self.values, dict[str, int]()
        for i in range(v["TotVarScanned"]):
            label = v["VarLabel"][i]
            key = identifier(clean_label(label))
            if key in seen:
                other = v["VarLabel"][seen[key]]
                what = "is the same parameter as" if clean_label(label) == clean_label(other) else \
                    f"is called {key!r} in formulas, as is"
                self.report(f"VarLabel[{i}] = {label!r} {what} VarLabel[{seen[key]}] = {other!r}. "
                            "Rename one (the label may be any text if VarNum and VarBlock give the "
                            "place), or remove its four lines.", "VarLabel", i)
            elif clean_label(label) in RESERVED:
                self.report(f"VarLabel[{i}] = {label!r}: points.csv has a column "
                            f"{clean_label(label)!r} already. Rename the parameter.",
                            "VarLabel", i)
            elif key in CONSTANTS:
                self.report(f"VarLabel[{i}] = {label!r} is a number in formulas "
                            f"({CONSTANTS[key]:.6g}). Rename the parameter.", "VarLabel", i)
            seen.setdefault(key, i)

    def _observables(self):
        v = self.values
        if not self._good("Observables", "VarLabel", "TotVarScanned"):
            return
        names = [clean_label(label) for label in v["VarLabel"][:v["TotVarScanned"]]]
        band = self._good("Target_value") and v["Target_value"] is not None
        for index, text in observable_problems(v["Observables"], names, band):
            self.report(text, "Observables", index)
        for index, spec in enumerate(v["Programs"] if self._good("Programs") else ()):
            for text in spec.problems:
                self.report(sentence(f"{type(spec).__name__} in Programs: {text}"), "Programs",
                            index)

    def _batches(self):
        small, large = self.values["Size_batch_K"], self.values["Size_batch_L"]
        if self._good("Size_batch_K", "Size_batch_L") and small > large:
            key = "Size_batch_K" if "Size_batch_K" in self.given else "Size_batch_L"
            self.report(f"Size_batch_K = {small} is larger than Size_batch_L = {large}, but the "
                        "K points of a batch are chosen from the L candidates. Make K smaller, or "
                        "L larger.",
                        key)

    def _target(self):
        if self._good(*TARGETS):
            for key, text in target_problems(self.values):
                self.report(text, key)

    def _programs(self):
        v = self.values
        if v["Calculator"] != "SPheno":
            return
        needed = {"pathS": "", "Lesh": ""}
        if v["HiggsBounds"] == 1:
            needed["HBPath"] = " with HiggsBounds = 1"
        if v["HiggsSignal"] in (1, 2):
            needed["HSPath"] = f" with HiggsSignal = {v['HiggsSignal']}"
        for key, when in needed.items():
            if self._good(key) and not v[key]:
                self.report(f"{key} is not set, but Calculator = 'SPheno'{when} needs it "
                            f"({settings()[key].metadata['doc'].rstrip('.')}). Set it.", key)

    def _machines(self):
        if self._good("Executor", "Dask_scheduler", "Dask_jobqueue"):
            for key, text in machine_problems(self.values):
                self.report(text, key)
