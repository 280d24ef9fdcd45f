"""The settings of a run survive damage in words; what differs from them is said."""

import json

import pytest

from mlscanner.config.scan_config import make_config
from mlscanner.errors import StorageError
from mlscanner.likelihood.observables import observable
from mlscanner.store import settings_file, state_file
from mlscanner.store.settings_file import changed_settings, load_settings, save_settings
from mlscanner.store.state_file import State


def test_files_of_a_newer_version_are_refused_in_words(tmp_path, monkeypatch):
    """State and settings of a later format say so and what to do."""
    for part in (state_file, settings_file):
        monkeypatch.setattr(part, "FORMAT", state_file.FORMAT + 1)
    State({}, {}).save(tmp_path)
    save_settings(tmp_path, {"settings": {}})
    monkeypatch.undo()
    for load in (State.load, load_settings):
        with pytest.raises(StorageError, match="newer version of this program. Use that version"):
            load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"null", b'{"format": 1}',
                                     b"\xff\xfe", b'{"format": "x"}',
                                     b'{"format": 1, "settings": 3}',
                                     b"[" * 100_000])
def test_damaged_settings(tmp_path, content):
    """Whatever stands in scan_input_used.json, the error names the file and the way out."""
    (tmp_path / "scan_input_used.json").write_bytes(content)
    with pytest.raises(StorageError, match="scan_input_used.json cannot be read.*--new"):
        load_settings(tmp_path)


def test_settings_come_back(tmp_path):
    """Odd characters too: a path may hold bytes that are no text."""
    content = {"settings": {"Seed": 1, "pathS": "a'\"\n;$(x)é\udcff"}}
    save_settings(tmp_path, content)
    assert load_settings(tmp_path)["settings"] == content["settings"]


def test_a_setting_that_an_older_version_did_not_know():
    """It was at its default then; only another value is a change."""
    new = make_config(Calculator="F_2d").as_dict()
    old = {k: v for k, v in new.items() if k != "Probability_cut"}
    assert changed_settings(old, new) == {}
    assert list(changed_settings(old, {**new, "Probability_cut": 0.5})) == ["Probability_cut"]


def test_each_word_of_an_entry_that_differs_is_said():
    """Old and new value by word, entries that came and went; how they are called is no change."""
    def stored(*entries):
        config = make_config(Calculator="f.py:f", Observables=list(entries), VarMax=[1],
                             Chi_square_threshold=4, VarLabel=["p"], VarMin=[0])
        return json.loads(json.dumps(config.as_dict()))
    mass = {"value": 125.0, "sigma": 0.2}
    old = stored(observable("mass", **mass), observable("rate", upper=1))
    new = stored(observable("mass", value=125.0, sigma=0.3), observable("omega", upper=0.1))
    assert changed_settings(old, new)["Observables"] == \
        "omega is new; rate is removed; mass: sigma 0.2 -> 0.3"
    assert changed_settings(stored(observable("mass", **mass)), stored(
        observable("mass", **mass, label="$m$", unit="GeV"))) == {}
    a, b = observable("a", upper=1), observable("b", upper=1)
    assert changed_settings(stored(a, b), stored(b, a)) == {
        "Observables": "Observables in another order"}
