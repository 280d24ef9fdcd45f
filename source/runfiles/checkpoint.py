"""A scan between two batches as a `State` on disk, and back."""

import json
from dataclasses import asdict

import numpy as np

from runfiles.history import Progression
from selection import Batch
from storage import State


def pack(rng, history, batch, reason, arrays):
    """The state of a scan.

    Parameters
    ----------
    rng : numpy.random.Generator
    history : list of Progression
    batch : Batch or None
        Proposed, and not all judged yet.
    reason : str or None
        Why the scan has ended.
    arrays : dict of str to ndarray
        What the proposer and its model keep.
    """
    arrays = dict(arrays)
    if batch is not None:
        arrays |= {"batch_u": batch.u, "batch_predicted": batch.predicted,
                   "batch_origin": np.array(batch.origin, str)}
    meta = {"rng": rng.bit_generator.state, "reason": reason,
            "history": [asdict(h) for h in history], "info": batch.info if batch else {}}
    return State(json.loads(json.dumps(meta, default=_plain)), arrays)


def unpack(state, rng):
    """What `pack` was given: (history, batch, reason, arrays); `rng` goes on from its state."""
    arrays = dict(state.arrays)
    rng.bit_generator.state = state.meta["rng"]
    history = [Progression(**h) for h in state.meta["history"]]
    batch = None
    if "batch_u" in arrays:
        batch = Batch(arrays.pop("batch_u"), [str(o) for o in arrays.pop("batch_origin")],
                      arrays.pop("batch_predicted"), state.meta["info"])
    return history, batch, state.meta["reason"], arrays


def _plain(number):
    """NumPy numbers as JSON knows them."""
    return number.tolist() if hasattr(number, "tolist") else str(number)
