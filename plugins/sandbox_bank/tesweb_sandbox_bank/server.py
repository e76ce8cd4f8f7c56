"""The HTTP server: a thread for each connection, on this machine only.

Granian, which serves tesweb, cannot end a connection without an answer; the fault panel has to. So
this is the standard library's server: a demo asks it a few times in a second.
"""

import ctypes
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from socketserver import ThreadingMixIn
from typing import IO, Any, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from flask import Flask

from tesweb_sandbox_bank.misbehaviour import HANG_UP

ADDRESS = "127.0.0.1"
#: Ends whoever connects and says nothing, in seconds.
_PATIENCE = 30
_LONGEST_LINE = 65_536
#: PR_SET_PDEATHSIG of prctl(2).
_SET_PARENT_DEATH_SIGNAL = 1


class Server(ThreadingMixIn, WSGIServer):
    """Listens as soon as it is made; `serve_forever` answers."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        """Raises OSError where the port is taken."""
        super().__init__((ADDRESS, port), Handler)

    def server_bind(self) -> None:
        """Without the question for the machine's name, which may take its time."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = ADDRESS, self.server_address[1]
        self.setup_environ()

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://{ADDRESS}:{self.server_port}"

    def serve(self, app: Flask) -> None:
        """Answer until `shutdown`."""
        self.set_app(app)
        self.serve_forever(0.05)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the base's
        """Whoever hangs up is no error, and nothing of a request belongs into the log."""


class Quiet(ServerHandler):
    """What went wrong is logged by the application, without values."""

    request_handler: WSGIRequestHandler

    def log_exception(self, exc_info: object) -> None:
        """The base would write a traceback."""


class Handler(WSGIRequestHandler):
    """One connection."""

    timeout = _PATIENCE

    def handle(self) -> None:
        """One request; the base does the same with a handler that talks."""
        self.raw_requestline = self.rfile.readline(_LONGEST_LINE + 1)
        if len(self.raw_requestline) > _LONGEST_LINE or not self.parse_request():
            return
        environ, log = self.get_environ(), self.get_stderr()
        handler = Quiet(self.rfile, cast("IO[bytes]", self.wfile), log, environ)
        handler.request_handler = self
        app = cast("Server", self.server).get_app()
        if app is not None:
            handler.run(app)

    def get_environ(self) -> dict[str, Any]:
        """WSGI's, and how to end the connection without an answer."""
        return super().get_environ() | {HANG_UP: self._hang_up}

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """A line without the query: nothing that was typed stands in a log."""
        del size
        path = self.path.partition("?")[0]
        print(f"{self.command} {path} {code}", file=sys.stderr, flush=True)  # noqa: T201 - the log

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing else: the standard library's words repeat what was sent."""

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def end_with_signals(server: Server) -> None:
    """End in good order at SIGTERM and SIGINT."""

    def end(_number: int, _frame: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def end_with_parent() -> None:
    """End as soon as whoever started us is gone, however that came: the pipe to it breaks."""

    def watch() -> None:
        with suppress(OSError):
            while os.read(sys.stdin.fileno(), 1024):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
    if sys.platform == "linux":
        # Others may have inherited the pipe and live on: the kernel looks at the parent itself.
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
