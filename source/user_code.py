"""Python functions in files of the user's own: 'file.py:function'."""

import contextlib
import hashlib
import importlib.util
import multiprocessing
import os
import sys
from difflib import get_close_matches
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from .errors import InputError
from .files import located

# what an input file finds there: config/input_file.py gives it the real ones
LISTS = ("VarMin", "VarMax", "VarLabel", "VarNum", "VarBlock", "VarPrior", "Precut", "Observables",
         "Programs", "Keep_outputs", "THDM_fixed", "THDM_searches", "Spread_in", "VarTeX")
MAKERS = ("observable", "correlated", "UserProgram", "python_step")


TEXT = 200      # characters of an error's text, so that the place behind it is kept


class UserCode:
    """One function in one file; found in the main process, loaded in each worker by its path.

    Parameters
    ----------
    path : str
        Absolute path of the file.
    function : str
    """

    def __init__(self, path, function):
        self.path, self.function = str(path), function
        self._loaded = None

    def __getstate__(self):
        return {**self.__dict__, "_loaded": None}  # a loaded module cannot be sent

    @classmethod
    def find(cls, text, folder, what):
        """From 'file.py:function'; relative paths start from `folder`.

        Raises
        ------
        InputError
            No such file or function, beginning with `what`.
        """
        file, _, function = text.rpartition(":")
        path = located(file, folder).resolve()
        if not file or not function.isidentifier():
            raise InputError(f"{what} = '{text}' is not of the form 'file.py:function'. Correct "
                             "it.")
        if not path.is_file():
            raise InputError(f"{what} = '{text}': there is no file {path}. Correct "
                             "the path; it counts from the folder of the input file.")
        code = cls(path, function)
        code.load()
        return code

    def load(self):
        """The function; raises InputError when the file cannot be loaded or has none.

        In a worker, the working folder is then that of the file.
        """
        folder = Path(self.path).parent
        if self._loaded is None:
            with _inside(folder):
                module = self._module()
            self._loaded = vars(module).get(self.function)
            if not callable(self._loaded) or self._loaded is _made:
                raise InputError(_no_function(self.path, self.function, module))
        if multiprocessing.parent_process() is not None:
            with contextlib.suppress(OSError):
                os.chdir(folder)
        return self._loaded

    def _module(self):
        # a name that no other module has; dataclasses search their module in sys.modules
        name = f"user_code_{hashlib.sha256(self.path.encode()).hexdigest()[:12]}"
        spec: Any = importlib.util.spec_from_file_location(name, self.path)
        module = importlib.util.module_from_spec(spec)
        # an input file that holds the function as well is run as it is, and its settings ignored
        vars(module).update({name: [] for name in LISTS} | dict.fromkeys(MAKERS, _made))
        sys.modules[name] = module
        neighbours = str(Path(self.path).parent)
        if neighbours not in sys.path:
            sys.path.append(neighbours)  # what the file imports from beside itself
        kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            error = called(spec.loader.exec_module, module)[1]
        finally:
            sys.dont_write_bytecode = kept
        if error is not None:   # whatever the user's module raises is the user's to correct
            del sys.modules[name]
            raise InputError(f"{self.path} cannot be loaded: {described(error)}. Correct that "
                             "file.") from error
        return module


def _made(*_, **words):
    """Stands for `observable` and the like where only a function of the file is wanted."""
    return SimpleNamespace(**words)


@contextlib.contextmanager
def _inside(folder):
    """Here, a file beside the user's own is found by its name."""
    before = None
    with contextlib.suppress(OSError):  # a folder that is gone; loading says what is missing
        before = Path.cwd()
        os.chdir(folder)
    try:
        yield
    finally:
        if before:
            os.chdir(before)


def _no_function(path, function, module):
    """What the file has instead."""
    there = [name for name, value in vars(module).items() if callable(value) and name[0] != "_"
             and value is not _made and getattr(value, "__module__", "") == module.__name__]
    close = get_close_matches(function, there, 1)
    meant = f" Did you mean {close[0]}?" if close else ""
    return (f"{path} has no function '{function}'.{meant}"
            + (f" It has {', '.join(there)}." if there else " It has no functions at all."))


class Ended(SystemExit):
    """This process is told to end; no user's code may treat it as an error of its own."""


def called(function, *arguments):
    """Call what runs code of the user's; what it raises is an answer, too.

    A child process that this code has forked and that comes back from it ends here: it would
    answer for its parent.

    Returns
    -------
    answer : object or None
    error : BaseException or None
    """
    process, answer, error = os.getpid(), None, None
    try:
        answer = function(*arguments)
    except Ended:
        raise
    except BaseException as raised:  # a point that fails is data
        error = raised
    if os.getpid() != process:
        os._exit(1)
    # in the main process a Ctrl-C is the user's, in a worker nobody sends one
    if isinstance(error, KeyboardInterrupt) and multiprocessing.parent_process() is None:
        raise error
    return answer, error


def attempt(function, *arguments) -> tuple[Any, BaseException | None]:
    """`called` for one point; raises InputError where an import is missing, as for every point."""
    answer, error = called(function, *arguments)
    if isinstance(error, ImportError):
        raise InputError(f"A function of yours cannot import what it needs: {described(error)}. "
                         "Install it in the environment of the scanner, or correct the import.")
    return answer, error


def described(error):
    """'KeyError: mH (f.py, line 3)', also for exceptions whose text cannot be had."""
    text, broken = called(str, error)  # an exception of the user's own has a __str__ of his own
    if broken is not None:
        text = "(its text cannot be shown)"
    place = _place(error)
    text = f"{type(error).__name__}: {text}"
    return text if not place or place in text else f"{text[:TEXT]} ({place})"


def _place(error):
    """'f.py, line 3': the last line of the user's own that was running, '' where there is none."""
    own, frames, trace = str(Path(__file__).parent) + os.sep, [], error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not name.startswith((own, "<frozen ")):
            frames.append((name, trace.tb_lineno))
        trace = trace.tb_next
    # what the user's function calls in a library is left out; a neighbour of its file is not
    near = [(Path(name).name, line) for name, line in frames
            if Path(name).parent == Path(frames[0][0]).parent]
    return f"{near[-1][0]}, line {near[-1][1]}" if near else ""


class Held:
    """Stands for UserCode where the function is there already."""

    def __init__(self, function):
        self._function = function

    def load(self):
        """The function."""
        return self._function


def numbers_in(answer):
    """Numbers by name of what a user's function returned, and why they cannot be read ('').

    A number that is no dict has the name 'value'. To read is to run code of the user's own: an
    object may raise anything when it is asked for its items or its number, or fork.
    """
    what, numbers = "not a number", {}

    def read():
        nonlocal what
        if not isinstance(answer, dict):
            numbers["value"] = real_number(answer)
            return
        for key, number in answer.items():
            name = str(key)
            what = f"{name} is not a number"
            numbers[name] = real_number(number)
    error = attempt(read)[1]
    return numbers, "" if error is None else f"{what}: {described(error)}"


def real_number(number):
    """What a user's function returned, as float; an array of one number is that number.

    Raises TypeError or ValueError for what is no number, or has an imaginary part: NumPy would
    drop that; and whatever an object of the user's own raises when it is asked for its number.
    NaN for a masked one.
    """
    if np.ma.is_masked(number):     # NumPy would give what stands below the mask, mostly 0
        return float("nan")
    if isinstance(number, np.ndarray) and number.size == 1:
        number = number.reshape(-1)[0]
    if number is None or isinstance(number, str | bytes):
        raise TypeError(f"{number!r}"[:80])
    if np.iscomplexobj(number):
        if np.imag(number) != 0:
            raise TypeError(f"{number} is complex")
        number = np.real(number)
    if isinstance(number, np.ndarray) and number.size == 1:   # x**2 of a point of one parameter
        number = number.item()
    return float(number)
