"""What is told goes to the screen and to log.txt."""

import logging
from pathlib import Path

import pytest

from mlscanner.errors import StorageError
from mlscanner.scanning.progress import LOG, logging_to


def test_log_goes_to_the_file_and_the_screen(tmp_path, capsys):
    """What is told on the screen stands, with its time, in log.txt; handlers do not pile up."""
    before = list(LOG.handlers)     # pytest has its own there
    for _ in range(2):
        with logging_to(tmp_path):
            LOG.info("in target %d", 7)
    assert LOG.handlers == before
    LOG.log(logging.DEBUG, "nobody hears this")
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert len(lines) == 2
    assert all(line.endswith("  in target 7") and line[:2] == "20" for line in lines)
    assert capsys.readouterr().out.count("in target 7") == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_log_that_can_not_be_closed_hides_no_error(tmp_path):
    """On a full disk the error of the scan is told, not that of its log: it was a traceback."""
    with pytest.raises(StorageError, match="the disk is full"), logging_to(tmp_path):
        log = next(h for h in LOG.handlers if isinstance(h, logging.FileHandler))
        log.stream.close()
        log.stream = open("/dev/full", "w")  # noqa: SIM115, PTH123 - the handler closes it
        LOG.info("a line")
        raise StorageError("the disk is full")
    assert log not in LOG.handlers
