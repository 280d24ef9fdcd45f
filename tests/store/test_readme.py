"""README.txt of a run folder: written once, with what the columns mean."""

from mlscanner.config.scan_config import make_config
from mlscanner.likelihood.observables import observable
from mlscanner.store.settings_file import described, save_settings


def test_it_names_files_columns_and_how_to_load(tmp_path):
    """Parameters with ranges, observables with what is known of them; what is there stays."""
    config = make_config(Calculator="f.py:f", Chi_square_threshold=4,
                         VarLabel=["a", "b"], VarMin=[0, 1], VarMax=[2, 3],
                         TotVarScanned=2, Observables=[observable("m", value=1, sigma=0.1,
                                                                  unit="GeV")])
    save_settings(tmp_path, described(config, "RFR"))
    text = (tmp_path / "README.txt").read_text()
    assert "model RFR, calculator f.py:f" in text and "points.csv" in text
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert "parameter from 1 to 3" in lines["b"]
    assert "observable in GeV: value = 1.0, sigma = 0.1" in lines["m"]
    assert 'pandas.read_csv("points.csv")' in text
    (tmp_path / "README.txt").write_text("mine")
    save_settings(tmp_path, described(config, "RFR"))
    assert (tmp_path / "README.txt").read_text() == "mine"
