"""A session from a stranger runs no code, and commands run to their end without a terminal."""

import atexit
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from twophoton_decode.cli import caches

posix = pytest.mark.skipif(os.name != "posix", reason="modes and descriptors of POSIX")

MAIN = "import sys; from twophoton_decode.cli.main import main; main(sys.argv[1:])"
DRAW = """
import os
from twophoton_decode.cli.main import main
try: main(["--version"])
except SystemExit: pass
from twophoton_decode.figures.canvas import rendering
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
figures = [Drawing(str(n), style.figure(1.0), "", {}) for n in range(3)]
print([each.name for each in rendering.render_all(figures)], os.getpid())
"""


def bait(folder, *modules):
    """Modules that leave a file behind when they are imported."""
    folder.mkdir(parents=True, exist_ok=True)
    for module in modules:
        text = f"open({str(folder / 'RAN')!r}, 'w').write(__name__)\n"
        (folder / f"{module}.py").write_text(text)
    return folder / "RAN"


def python(script, *arguments, cwd, **more):
    return subprocess.run(
        [sys.executable, "-P", "-c", script, *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=300, **more,
    )  # fmt: skip


def test_modules_in_the_current_folder_are_imported_by_no_worker(tmp_path):
    ran = bait(tmp_path, "joblib", "numpy", "multiprocessing", "matplotlib", "evil")
    (tmp_path / "matplotlibrc").write_text("backend: module://evil\nlines.linewidth: 0\n")
    done = python(DRAW, cwd=tmp_path)
    assert "['0', '1', '2']" in done.stdout, done.stderr
    assert not ran.exists()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the user's caches would lie."""
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache" / "tp")
    monkeypatch.setattr(caches.os, "access", lambda *_: False)
    monkeypatch.setattr(atexit, "register", lambda *_, **__: None)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / "cache" / "tp"


def used():
    caches.use_private_caches()
    folders = {Path(os.environ[name]).parent for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR")}
    return folders.pop()


@posix
def test_caches_lie_in_a_folder_of_the_users_own(home):
    assert used() == home
    for folder in (home, home / "numba", home / "matplotlib"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("spoil", [
    lambda home: home.chmod(0o777),
    lambda home: (home / "numba").chmod(0o770),
    lambda home: (home.rename(home.with_name("x")), home.symlink_to(home.with_name("x"))),
    lambda home: ((home / "numba").rmdir(), (home / "numba").write_text("")),
])  # fmt: skip
def test_a_cache_that_others_could_have_written_is_not_used(home, spoil):
    used()
    spoil(home)
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR"):
        del os.environ[name]
    found = used()
    assert found.name.startswith("tpdecode-")
    assert stat.S_IMODE(found.stat().st_mode) == 0o700


@posix
def test_a_cache_of_somebody_else_is_not_used(home, monkeypatch):
    used()
    for name in ("MPLCONFIGDIR", "NUMBA_CACHE_DIR"):
        del os.environ[name]
    monkeypatch.setattr(caches.os, "geteuid", lambda: os.getuid() + 1)
    assert used().name.startswith("tpdecode-")


def test_what_the_user_has_set_stays(home, monkeypatch):
    monkeypatch.setenv("MPLCONFIGDIR", "/mine")
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/mine/too")
    caches.use_private_caches()
    assert (os.environ["MPLCONFIGDIR"], os.environ["NUMBA_CACHE_DIR"]) == ("/mine", "/mine/too")
    assert not home.exists()


@posix
@pytest.mark.slow
def test_closed_streams_do_not_end_a_run(tmp_path, small_arrays):
    session = tmp_path / "S"
    made = ("import", "arrays", "-o", session, *small_arrays)
    command = [sys.executable, "-P", "-c", MAIN, *map(str, made)]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&- 2>&- <&-', "sh", *command], check=False, timeout=300
    )
    assert done.returncode == 0
    assert (session / "responses.nc").read_bytes()[:4] == b"\x89HDF"
    assert (session / "summary.json").exists()


STREAMS = """
import os, sys, subprocess
from twophoton_decode.cli.streams import open_standard_streams
open_standard_streams()
print("to nobody")
print("to nobody", file=sys.stderr)
assert sys.stdin is not None and sys.stderr.isatty() is False
file = open(sys.argv[1], "w")
assert file.fileno() > 2, file.fileno()
subprocess.run([sys.executable, "-c", "print(1); import sys; sys.stdin.read()"], check=True)
file.write("whole")
"""


@posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", ">&- 2>&- <&-"])
def test_closed_streams_lead_nowhere(tmp_path, closed):
    command = [sys.executable, "-P", "-c", STREAMS, str(tmp_path / "a.txt")]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *command],
        check=False, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert (tmp_path / "a.txt").read_text() == "whole"
