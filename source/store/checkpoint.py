"""A scan between two batches as a `State` on disk, and back."""

import json

import numpy as np

from ..acquisition.batch import Batch
from ..aliases import current_arrays, current_history, current_origin
from .history import Progression
from .state_file import State


def pack(rng, history, batches, reason, arrays, measurements=None):
    """The state of a scan.

    Parameters
    ----------
    rng : numpy.random.Generator
    history : list of Progression
    batches : list of Batch
        Proposed, and not all evaluated yet; oldest first.
    reason : str or None
        Why the scan has ended.
    arrays : dict of str to ndarray
        What the proposer and its model keep.
    measurements : list, optional
        What `goodness.counted` gave, for those who show the run.
    """
    arrays = dict(arrays)
    if batches:
        arrays |= {"batch_u": np.concatenate([b.u for b in batches]),
                   "batch_predicted": np.concatenate([b.predicted for b in batches]),
                   "batch_origin": np.array([o for b in batches for o in b.origin], str)}
    meta = {"rng": rng.bit_generator.state, "reason": reason,
            "history": [vars(h) for h in history], "sizes": [len(b) for b in batches],
            "infos": [b.info for b in batches], "measurements": measurements}
    return State(json.loads(json.dumps(meta, default=_plain)), arrays)


def unpack(state, rng):
    """What `pack` was given: (history, batches, reason, arrays); `rng` goes on from its state."""
    arrays = current_arrays(state.arrays)
    rng.bit_generator.state = state.meta["rng"]
    history = [Progression(**current_history(h)) for h in state.meta["history"]]
    batches = []
    if "batch_u" in arrays:
        u, origin, predicted = (arrays.pop(f"batch_{k}") for k in ("u", "origin", "predicted"))
        end = 0
        for size, info in zip(state.meta["sizes"], state.meta["infos"], strict=True):
            start, end = end, end + size
            batches.append(Batch(u[start:end], [current_origin(str(o)) for o in origin[start:end]],
                                 predicted[start:end], info))
    return history, batches, state.meta["reason"], arrays


def _plain(number):
    """NumPy numbers as JSON knows them."""
    return number.tolist() if hasattr(number, "tolist") else str(number)
