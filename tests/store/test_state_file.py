"""The state survives damage in words."""

import io
import json
import os
import zipfile

import numpy as np
import pytest

from mlscanner.errors import StorageError
from mlscanner.store.state_file import State


@pytest.fixture
def state(tmp_path):
    rng = np.random.default_rng(3)
    saved = State({"rng": rng.bit_generator.state, "reason": None, "history": [], "info": {}},
                  {"u": rng.random((20, 3)), "origin": np.array(["walk", "prior"])})
    saved.save(tmp_path)
    return saved


def test_state_comes_back_exactly(state, tmp_path):
    """Arrays bit for bit, and a random generator that goes on with the same numbers."""
    loaded = State.load(tmp_path)
    assert loaded.meta == state.meta
    assert set(loaded.arrays) == {"u", "origin"}
    assert all(np.array_equal(loaded.arrays[k], state.arrays[k]) for k in state.arrays)
    a, b = np.random.default_rng(0), np.random.default_rng(1)
    a.bit_generator.state, b.bit_generator.state = state.meta["rng"], loaded.meta["rng"]
    assert np.array_equal(a.random(9), b.random(9))


def test_no_state_is_none(tmp_path):
    """A folder in which nothing was stored yet is not an error."""
    assert State.load(tmp_path) is None


def test_any_damage_to_the_state_is_one_clear_error(state, tmp_path):
    """Truncated at 60 places, or with bytes changed at 300: refused in words, or unharmed."""
    path = tmp_path / "state.npz"
    whole = path.read_bytes()
    rng = np.random.default_rng(5)
    damaged = [whole[:n] for n in np.linspace(0, len(whole) - 1, 60).astype(int)]
    for position in rng.integers(0, len(whole), 300):
        bytes_ = bytearray(whole)
        bytes_[position:position + 4] = rng.bytes(4)
        damaged.append(bytes(bytes_))
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            loaded = State.load(tmp_path)
        except StorageError as error:
            refused += 1
            assert "is damaged" in str(error) or "newer version" in str(error)
            assert "--new" in str(error)
        else:  # bytes of no meaning, such as the date of a member of the archive
            assert loaded.meta == state.meta
            assert np.array_equal(loaded.arrays["u"], state.arrays["u"])
    assert refused > 200


def test_a_pickle_in_the_state_is_not_loaded(tmp_path):
    """An object array, which only pickle could read, is refused and nothing in it runs."""
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "trapped"),))

    np.savez(tmp_path / "state.npz", meta=np.array(json.dumps({"format": 1, "arrays": ["u"]})),
             **{"a:u": np.array([Trap()], object)})
    with pytest.raises(StorageError, match="damaged .ValueError"):
        State.load(tmp_path)
    assert not (tmp_path / "trapped").exists()


def test_a_state_that_claims_to_be_huge(tmp_path):
    """An array header that asks for more memory than there is does not end in a traceback."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False,
                                                  "shape": (10 ** 15,)})
    meta = io.BytesIO()
    np.save(meta, np.array(json.dumps({"format": 1, "arrays": ["u"]})))
    with zipfile.ZipFile(tmp_path / "state.npz", "w") as file:
        file.writestr("meta.npy", meta.getvalue())
        file.writestr("a:u.npy", header.getvalue())
    with pytest.raises(StorageError, match="damaged"):
        State.load(tmp_path)
