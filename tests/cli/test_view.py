"""``tpdecode view`` as a program: it shows, says where, and ends when told to."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def session(simulated_population):
    return Path(simulated_population.session.path)


def started(session, *options):
    command = [sys.executable, "-m", "twophoton_decode", "view", str(session), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C of POSIX")
def test_it_shows_the_page_until_ctrl_c(session):
    before = {path: path.stat().st_mtime_ns for path in session.rglob("*")}
    program = started(session, "--no-browser")
    try:
        lines = [program.stdout.readline(), program.stdout.readline()]
        address = re.search(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", lines[1])[0]
        assert lines[1] == f"the page is at {address} until you press Ctrl-C\n"
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert b"<title>" in answer.read()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(address[:-2] + "/", timeout=60)
        program.send_signal(signal.SIGINT)
        output, error = program.communicate(timeout=60)
    finally:
        program.kill()
    assert (program.returncode, output.strip(), error) == (0, "", "")
    assert {path: path.stat().st_mtime_ns for path in session.rglob("*")} == before


def test_a_port_that_is_taken_is_said(tpdecode, session):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, error = tpdecode("view", session, "--no-browser", "--port", port)
    assert code == 2
    assert f"port {port} cannot be used" in error


def test_a_folder_that_is_no_session_is_refused(tpdecode, tmp_path):
    code, _, error = tpdecode("view", tmp_path, "--no-browser")
    assert code == 2
    assert "is not a session" in error


def test_the_browser_is_opened_at_the_address(tpdecode, session, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or False)

    def interrupted(server):
        assert server.address == opened[0]
        raise KeyboardInterrupt

    monkeypatch.setattr("twophoton_decode.report.serving.PageServer.serve_forever", interrupted)
    code, output, _ = tpdecode("view", session)
    assert code == 0
    assert f"the page is at {opened[0]}" in output
    assert "no browser could be opened" in output
