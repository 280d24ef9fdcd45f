"""Python functions in files of the user's own: 'file.py:function'."""

import hashlib
import importlib.util
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from .errors import InputError
from .files import located


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
        return {**self.__dict__, "_loaded": None}  # a loaded module can not be sent

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
            raise InputError(f"{what} = '{text}' is not of the form 'file.py:function'.")
        if not path.is_file():
            raise InputError(f"{what} = '{text}': there is no file {path}. "
                             "Correct the path; it counts from the folder of the input file.")
        code = cls(path, function)
        code.load()
        return code

    def load(self):
        """The function; raises InputError when the file can not be loaded or has none."""
        if self._loaded is None:
            module = self._module()
            self._loaded = getattr(module, self.function, None)
            if not callable(self._loaded):
                raise InputError(f"{self.path} has no function '{self.function}'.")
        return self._loaded

    def _module(self):
        # a name that no other module has; dataclasses look their module up in sys.modules
        name = f"user_code_{hashlib.sha256(self.path.encode()).hexdigest()[:12]}"
        spec: Any = importlib.util.spec_from_file_location(name, self.path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        neighbours = str(Path(self.path).parent)
        if neighbours not in sys.path:
            sys.path.append(neighbours)  # what the file imports from beside itself
        kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(module)
        except Exception as error:  # whatever the user's module raises is the user's to mend
            del sys.modules[name]
            raise InputError(f"{self.path} can not be loaded: {described(error)}") from error
        finally:
            sys.dont_write_bytecode = kept
        return module


class Ended(SystemExit):
    """This process is told to end; no user's code may take it for an error of its own."""


def attempt(function, *arguments):
    """Call a function of the user's; what it raises is an answer, too.

    A child process that the function has forked and that comes back from it ends here: it would
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


def described(error):
    """'KeyError: mH', also for exceptions whose text can not be had."""
    try:
        text = str(error)
    except Exception:  # an exception of the user's own may have a broken __str__
        text = "(its text can not be shown)"
    return f"{type(error).__name__}: {text}"


class Held:
    """Stands for UserCode where the function is there already."""

    def __init__(self, function):
        self._function = function

    def load(self):
        """The function."""
        return self._function


def real_number(number):
    """What a user's function returned, as float; an array of one number is that number.

    Raises TypeError or ValueError for what is no number, or has an imaginary part: NumPy would
    drop that; and whatever an object of the user's own raises when it is asked for its number.
    """
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
