"""A page over HTTP, for a browser on the same computer and nobody else."""

from __future__ import annotations

import hmac
import json
import os
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final, Protocol

from twophoton_decode.errors import TpDecodeError
from twophoton_decode.report.sheet import policy

LOOPBACK: Final = "127.0.0.1"

_HTML: Final = "text/html; charset=utf-8"
_TEXT: Final = "text/plain; charset=utf-8"


class Viewed(Protocol):
    """What is shown: a page, its groups of arrays, and what its results are called."""

    def version(self) -> str:
        """What the results are called as they are now."""

    def page(self) -> bytes:
        """The page of the results as they are now."""

    def group(self, version: str, name: str) -> bytes | None:
        """A group of the page of that version; None where there is none."""


class PageServer(ThreadingHTTPServer):
    """Answers to those who know the token, at a name of this computer, and only reads.

    Other programs and other users of the computer reach the port too; the token, which only
    the address has, keeps them out. A web page elsewhere that has a name of its own lead here
    (DNS rebinding) is known by the Host that its browser sends.

    Parameters
    ----------
    viewed : Viewed
    port : int
        0 takes a free one.
    """

    daemon_threads = True
    # A port that was just used is free again; on Windows it would mean that two share one.
    allow_reuse_address = os.name == "posix"

    def __init__(self, viewed: Viewed, port: int = 0) -> None:
        self.viewed = viewed
        self.token = secrets.token_urlsafe(24)
        super().__init__((LOOPBACK, port), _Handler)

    def server_bind(self) -> None:
        """Take the port, without asking the network what this computer is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a browser that went away go."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    @property
    def address(self) -> str:
        """Where the page is, with the token."""
        return f"http://{LOOPBACK}:{self.server_port}/{self.token}/"

    @property
    def hosts(self) -> tuple[str, str]:
        """What a browser on this computer calls it."""
        return f"{LOOPBACK}:{self.server_port}", f"localhost:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    # Says nothing of the program and the version of Python.
    server_version, sys_version = "tpdecode", ""
    # A request that does not come to its end holds a thread no longer.
    timeout = 30

    def do_GET(self) -> None:
        """Send what was asked for, or why not."""
        try:
            status, kind, body = self._answer()
        except (TpDecodeError, OSError) as error:
            # While a session is run, its files may not be whole yet.
            status, kind = HTTPStatus.SERVICE_UNAVAILABLE, _TEXT
            body = f"{error}\n".encode()
        except Exception:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, b"See the terminal of tpdecode.\n")
            raise
        self._send(status, kind, body)

    def do_HEAD(self) -> None:
        """Send the same without its body."""
        self.do_GET()

    def parse_request(self) -> bool:
        """Read the first line and the headers; other methods are refused, whatever they ask."""
        if not super().parse_request():
            return False
        if self.command in ("GET", "HEAD"):
            return True
        self._send(HTTPStatus.METHOD_NOT_ALLOWED, _TEXT, b"Only GET and HEAD.\n")
        return False

    def _answer(self) -> tuple[HTTPStatus, str, bytes]:
        nothing = (HTTPStatus.NOT_FOUND, _TEXT, b"There is nothing here.\n")
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            return HTTPStatus.MISDIRECTED_REQUEST, _TEXT, b"This is another computer.\n"
        first, *parts = self.path.partition("?")[0].split("/")
        token, rest = "".join(parts[:1]), parts[1:]
        if first or not hmac.compare_digest(token.encode(), self.server.token.encode()):
            return nothing
        viewed = self.server.viewed
        if rest == [""]:
            return HTTPStatus.OK, _HTML, viewed.page()
        if rest == ["state"]:
            told = json.dumps({"version": viewed.version()})
            return HTTPStatus.OK, "application/json", told.encode()
        group = viewed.group(*rest) if len(rest) == 2 else None
        return nothing if group is None else (HTTPStatus.OK, "application/octet-stream", group)

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in _headers(kind, len(body)).items():
            self.send_header(name, value)
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep the terminal as it is: what was asked for, the browser shows."""


def _headers(kind: str, length: int) -> dict[str, str]:
    return {
        "Content-Type": kind,
        "Content-Length": str(length),
        "Content-Security-Policy": f"{policy(served=True)}; frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
