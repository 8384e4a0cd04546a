"""The server of a page: who may ask, what they may ask for, and nothing else."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from twophoton_decode.errors import SessionError
from twophoton_decode.report.serving import PageServer

PAGE, CORE = b"<!DOCTYPE html><title>a page</title>", b"\x00\xffcore"


class Invented:
    """A page of version v1 with one group; `broken` as while its session is being written."""

    broken = False

    def version(self) -> str:
        return "v1"

    def page(self) -> bytes:
        if self.broken:
            raise SessionError("responses.nc is missing.")
        return PAGE

    def group(self, version: str, name: str) -> bytes | None:
        return CORE if (version, name) == ("v1", "core") else None


@pytest.fixture
def server() -> Iterator[PageServer]:
    with PageServer(Invented()) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def asked(
    server: PageServer, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer to one request; `path` follows the token."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_the_page_its_groups_and_its_state_are_there_under_the_token(server):
    token = f"/{server.token}"
    answer, body = asked(server, f"{token}/")
    assert (answer.status, body) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert asked(server, f"{token}/v1/core")[1] == CORE
    assert json.loads(asked(server, f"{token}/state")[1]) == {"version": "v1"}
    assert server.address == f"http://127.0.0.1:{server.server_port}{token}/"
    # A query changes nothing.
    assert asked(server, f"{token}/?{'x' * 100}")[1] == PAGE


def test_only_this_computer_can_reach_it(server):
    assert server.server_address[0] == "127.0.0.1"


def test_a_browser_is_told_to_run_frame_and_keep_nothing_else(server):
    headers = asked(server, f"/{server.token}/")[0].headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Python" not in headers["Server"]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1",
     "127.0.0.1:{port}.evil.example", "localhost.evil.example:{port}", "[::1]:{port}",
     "0.0.0.0:{port}", ""],
)  # fmt: skip
def test_a_name_that_is_not_of_this_computer_is_refused(server, host):
    given = host.format(port=server.server_port)
    answer, body = asked(server, f"/{server.token}/", Host=given)
    assert answer.status == 421
    assert PAGE not in body


def test_localhost_is_of_this_computer_and_no_or_two_hosts_are_not(server):
    port, path = server.server_port, f"/{server.token}/"
    assert asked(server, path, Host=f"localhost:{port}")[1] == PAGE
    lines = {
        "none": "",
        "two": f"Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n",
    }
    for hosts in lines.values():
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\n{hosts}\r\n".encode())
            assert connection.recv(100).split()[1] == b"421"


def test_without_the_token_there_is_nothing(server):
    token, address = server.token, f"http://127.0.0.1:{server.server_port}"
    for path in (
        "/", "//", f"/{token[:-1]}/", f"/{token}x/", f"/{token.swapcase()}/", "/state",
        "/v1/core", f"//{token}x/", f"/x/{token}/", f"{address}/{token}/", "/é/", "/%00/",
    ):  # fmt: skip
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as connection:
            host = f"127.0.0.1:{server.server_port}"
            request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            connection.sendall(request.encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert answer.split()[1] in (b"404", b"400"), path
        assert PAGE not in answer


def test_tokens_cannot_be_guessed(server):
    with PageServer(Invented()) as other:
        assert other.token != server.token
    assert len(server.token) >= 32


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "v1/../../core", "v1/%2e%2e/core", "v1//core",
     "v1/..", "v1/core/", "v1/core/..", "./v1/core", "v1\\core", "session.toml", "v1/session.toml",
     "responses.nc", "figures/a.png", "v2/core", "v1/core%00", "%2e%2e/", "state/", "..;/"],
)  # fmt: skip
def test_no_path_leads_anywhere_else(server, path):
    answer, body = asked(server, f"/{server.token}/{path}")
    assert answer.status == 404
    assert body == b"There is nothing here.\n"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_nothing_can_be_sent_or_changed(server, method):
    answer, body = asked(server, f"/{server.token}/", method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert PAGE not in body


def test_head_has_the_length_and_no_body(server):
    answer, body = asked(server, f"/{server.token}/", "HEAD")
    assert (answer.status, body) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(PAGE)


def test_what_cannot_be_read_just_now_is_said(server):
    server.viewed.broken = True
    answer, body = asked(server, f"/{server.token}/")
    assert answer.status == 503
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert body == b"responses.nc is missing.\n"


def test_who_goes_away_or_never_ends_a_request_keeps_nobody_waiting(server, capfd):
    with socket.create_connection(("127.0.0.1", server.server_port)) as half:
        half.sendall(b"GET /")
        assert asked(server, f"/{server.token}/")[1] == PAGE
    assert asked(server, f"/{server.token}/")[1] == PAGE
    assert capfd.readouterr().err == ""
