"""A server on this machine that serves files well or badly."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Mirrors(BaseHTTPRequestHandler):
    """A folder for each way in which a mirror can serve a file."""

    def do_GET(self):
        _, behaviour, name = self.path.split("/")
        content = self.server.files[name]
        self.server.asked.append(behaviour)
        if behaviour in ("404", "500"):
            self.send_error(int(behaviour))
            return
        self.send_response(200)
        if behaviour != "no-length":
            self.send_header("Content-Length", str(len(content)))
        if behaviour == "unpacking" and "gzip" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if behaviour == "truncated":
            content = content[: len(content) // 2]
        self.wfile.write(b"\0" * len(content) if behaviour == "wrong" else content)

    def log_message(self, *_):
        """Nothing is printed."""


@contextmanager
def serving(files):
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirrors) as server:
        server.files, server.asked = files, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def address(server, behaviour):
    return f"http://127.0.0.1:{server.server_port}/{behaviour}/"


def silent(_what, _done, _total):
    pass
