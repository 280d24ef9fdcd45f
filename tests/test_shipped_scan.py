"""What docs/thdm.md says of the shipped scan is what a run of it gave."""

import importlib.util
import json

from mlscanner.config.scan_config import load_config


def made_by(project):
    """The module that makes numbers, lines and picture."""
    path = project / "tests" / "benchmarks" / "shipped_scan.py"
    spec = importlib.util.spec_from_file_location("shipped_scan", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_numbers_are_of_the_example(project):
    """The run had the settings that the example has now: otherwise the command is due."""
    module = made_by(project)
    numbers = json.loads(module.NUMBERS.read_text(encoding="utf-8"))
    config = load_config(module.SHIPPED)
    assert numbers["settings"] == module.settings(config)
    assert numbers["iterations"] == config.N_iteration
    assert module.PICTURE.stat().st_size > 10_000


def test_the_page_shows_these_numbers(project):
    """docs/thdm.md holds exactly the lines that the numbers make."""
    module = made_by(project)
    numbers = json.loads(module.NUMBERS.read_text(encoding="utf-8"))
    page = module.PAGE.read_text(encoding="utf-8")
    assert module.BEGIN in page and module.updated(page, numbers) == page
    assert numbers["in_target"] > 0
