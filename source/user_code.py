"""Python functions in files of the user's own: 'file.py:function'."""

import importlib.util
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
        spec: Any = importlib.util.spec_from_file_location("user_code", self.path)
        module = importlib.util.module_from_spec(spec)
        neighbours = str(Path(self.path).parent)
        if neighbours not in sys.path:
            sys.path.append(neighbours)  # what the file imports from beside itself
        kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(module)
        except Exception as error:  # whatever the user's module raises is the user's to mend
            raise InputError(f"{self.path} can not be loaded: "
                             f"{type(error).__name__}: {error}") from error
        finally:
            sys.dont_write_bytecode = kept
        return module


def real_number(number):
    """What a user's function returned, as float.

    Raises TypeError or ValueError for what is no number, or has an imaginary part: NumPy would
    drop that.
    """
    if np.iscomplexobj(number):
        if np.imag(number) != 0:
            raise TypeError(f"{number} is complex")
        number = np.real(number)
    if isinstance(number, np.ndarray) and number.size == 1:   # x**2 of a point of one parameter
        number = number.item()
    return float(number)
