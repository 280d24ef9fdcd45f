"""`./run.sh plot RUN --watch`: the report of a running scan, served to this machine only."""

import hmac
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..errors import ScannerError
from ..shown import say
from ..store.points_file import NAME

HERE = "127.0.0.1"
HOSTS = (HERE, "localhost")
EVERY = 15          # seconds between two drawings, and two requests of the browser


def watch(folder, draw, page, pictures, wait=EVERY):
    """Serve the report until Ctrl-C, drawn anew when there are new points; returns 0.

    Nothing can be changed: only the page and the PDFs of its pictures can be read, by who knows the
    address with its token.

    Parameters
    ----------
    folder : Path
        The run.
    draw : callable
        Draws the pictures and the page.
    page : Path
        The page that it writes.
    pictures : collection of str
        Names of the pictures, in `folder`/pictures.
    wait : float
        Seconds.
    """
    with Server(page, {f"pictures/{n}.pdf": folder / "pictures" / f"{n}.pdf" for n in pictures},
                wait) as server:
        say(f"Open {server.address}  (Ctrl-C ends this; the scan continues)")
        say(f"From another machine: ssh -L {server.port}:{HERE}:{server.port} THIS_MACHINE, then "
            "open the same address there.", flush=True)
        last = None
        try:
            while True:
                now = (folder / NAME).stat().st_mtime_ns
                if now != last:
                    try:
                        draw()
                    except ScannerError as error:   # a row that is being written, a full disk
                        say(f"Not drawn this time (tried again soon): {error}", flush=True)
                last = now
                time.sleep(wait)
        except KeyboardInterrupt:
            return 0


class Server:
    """Reads files to a browser on this machine, while it is entered.

    Parameters
    ----------
    page : Path
    others : dict of str to Path
        What else may be read, by the path behind the token.
    renew : float
        Seconds after which the browser reads the page again.

    Attributes
    ----------
    port : int
    address : str
    """

    def __init__(self, page, others, renew):
        self.token = secrets.token_urlsafe(16)
        files = {"": (page, "text/html; charset=utf-8")} | {
            name: (path, "application/pdf") for name, path in others.items()}

        class Handler(_Handler):
            def find(self, token, name):
                known = hmac.compare_digest(token.encode(), owner.token.encode())
                return files.get(name) if known else None

            def more(self, name):
                return {} if name else {"Refresh": str(round(renew))}

        owner = self
        self._server = ThreadingHTTPServer((HERE, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.address = f"http://{HERE}:{self.port}/{self.token}/"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """GET and HEAD of known names; everything else is refused."""

    timeout = 30

    def find(self, token, name):
        """(path, kind) of what may be read, or None."""
        raise NotImplementedError

    def more(self, name):
        """More headers."""
        raise NotImplementedError

    def do_GET(self):
        self._answer(True)

    def do_HEAD(self):
        self._answer(False)

    def _answer(self, body):
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        token, _, name = self.path.split("?")[0].lstrip("/").partition("/")
        found = self.find(token, name) if host in HOSTS else None
        if found is None:
            self.send_error(404)
            return
        path, kind = found
        try:
            content = path.read_bytes()
        except OSError:     # a picture that this run does not have
            self.send_error(404)
            return
        self.send_response(200)
        for key, value in {"Content-Type": kind, "Content-Length": str(len(content)),
                           "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
                           "X-Content-Type-Options": "nosniff", **self.more(name)}.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *words):
        """Nothing: the terminal is for the user."""
