"""state.npz: what a scan needs to go on exactly, replaced as a whole or not at all."""

import io
import json
import struct
import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from ..errors import StorageError
from ..files import write_atomic

FORMAT = 1  # of state.npz and scan_input_used.json; newer ones are refused
STATE = "state.npz"
# what NumPy, zipfile and json have to say about bytes that are not what they should be
DAMAGE = (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile, zlib.error, struct.error,
          NotImplementedError, RuntimeError, MemoryError, OverflowError, SyntaxError)


class State:
    """What a scan needs to go on exactly, beside its points: plain numbers and arrays.

    Attributes
    ----------
    meta : dict
        JSON: random-number state, history, sizes of the batches, why it finished.
    arrays : dict of str to ndarray
        The batches being evaluated, and what the proposer and the model keep.
    """

    def __init__(self, meta, arrays):
        self.meta, self.arrays = meta, arrays

    def save(self, folder):
        """Replace the state file, atomically and durably."""
        buffer = io.BytesIO()
        meta = json.dumps({"format": FORMAT, "arrays": sorted(self.arrays), **self.meta})
        np.savez(buffer, meta=np.array(meta), **{f"a:{k}": v for k, v in self.arrays.items()})
        write_atomic(Path(folder, STATE), buffer.getvalue())

    @classmethod
    def load(cls, folder):
        """The saved state, or None where there is none yet.

        Raises StorageError when the file is damaged or of a newer version.
        """
        path = Path(folder, STATE)
        if not path.exists():
            return None
        try:
            # as bytes: NumPy does not close a damaged file that it opened itself
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                meta = json.loads(str(file["meta"]))
                newer = int(meta.pop("format")) > FORMAT
                arrays = {} if newer else {k: file[f"a:{k}"] for k in meta.pop("arrays")}
        except DAMAGE as error:
            raise StorageError(
                f"{path} is damaged ({type(error).__name__}). The points are safe in points.csv; "
                "start a new run with --new.") from error
        if newer:
            raise StorageError(f"{path} was written by a newer version of this program. "
                               "Use that version, or start a new run with --new.")
        return cls(meta, arrays)
