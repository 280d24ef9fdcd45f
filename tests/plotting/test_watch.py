"""`plot RUN --watch`: what is served, to whom, and how it ends."""

import http.client
import os
import signal
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest

from mlscanner.plotting.watch import HERE, Server
from plot_runs import make_run
from runner import RUN


def ask(address, method="GET", **headers):
    """Status, headers and text of an answer."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    connection.request(method, parts.path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return answer.status, dict(answer.getheaders()), text


@pytest.fixture
def served(tmp_path):
    """A server of a page and a picture."""
    (tmp_path / "report.html").write_text("<p>page</p>")
    (tmp_path / "corner.pdf").write_bytes(b"%PDF")
    (tmp_path / "secret").write_text("secret")
    with Server(tmp_path / "report.html", {"pictures/corner.pdf": tmp_path / "corner.pdf",
                                           "pictures/time.pdf": tmp_path / "time.pdf"}, 15) as it:
        yield it


def test_the_page_renews_itself_and_its_pictures_are_there(served):
    """By the address with its token; the browser is told to look again, and to keep nothing."""
    status, headers, text = ask(served.address)
    assert (status, text) == (200, "<p>page</p>")
    assert headers["Refresh"] == "15"
    assert headers["Cache-Control"] == "no-store"
    status, headers, text = ask(served.address + "pictures/corner.pdf")
    assert (status, text, headers["Content-Type"]) == (200, "%PDF", "application/pdf")
    assert "Refresh" not in headers
    assert ask(served.address, "HEAD")[2] == ""
    assert served.address.startswith(f"http://{HERE}:")


@pytest.mark.parametrize("path", ["", "wrong/", "{0}/secret", "{0}/../secret", "{0}/%2e%2e/secret",
                                  "{0}/pictures/time.pdf", "{0}//etc/passwd"])
def test_nothing_else_can_be_read(served, path):
    """Without the token, and beside what is named, there is nothing."""
    address = f"http://{HERE}:{served.port}/" + path.format(served.token)
    status, _, text = ask(address)
    assert status == 404
    assert "secret" not in text.replace(path, "")


def test_other_names_of_this_machine_are_refused(served):
    """A page of another site cannot read it under a name of its own; a tunnel's port can."""
    assert ask(served.address, Host="evil.example:80")[0] == 404
    assert ask(served.address, Host="localhost:9999")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_is_taken_in(served, method):
    """Only reading is answered."""
    assert ask(served.address, method)[0] == 501


@pytest.mark.slow
def test_the_command_serves_a_report_until_ctrl_c(tmp_path):
    """A real process: the report of the run is at the address it tells; Ctrl-C is a good end."""
    folder = make_run(tmp_path / "DNNR", dim=1, n=1, iterations=1)
    run = subprocess.Popen([sys.executable, RUN, "plot", folder, "--watch"], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
                           env=os.environ | {"MPLBACKEND": "Agg"})
    try:
        address = run.stdout.readline().split()[1]
        until = time.monotonic() + 200
        while ask(address)[0] != 200 and time.monotonic() < until:
            time.sleep(0.2)
        assert "Scan DNNR" in ask(address)[2]
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=60)
    finally:
        run.kill()
    assert run.returncode == 0
    assert errors == ""
