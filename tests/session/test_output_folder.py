"""A results folder: the program's files are replaced, nobody else's are."""

import errno
from pathlib import Path

import pytest

from twophoton_decode.errors import UsageError
from twophoton_decode.session.output_folder import check_writable, write_files


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_own_files_are_replaced_and_removed_when_not_made_any_more(tmp_path):
    write_files(tmp_path / "out", {"a.csv": b"1", "figures/b.png": b"2"})
    (tmp_path / "out" / "notes.txt").write_text("mine")
    write_files(tmp_path / "out", {"a.csv": b"3"})
    assert contents(tmp_path / "out") == {"a.csv": b"3", "notes.txt": b"mine"}
    assert not (tmp_path / "out" / "figures").exists()


def test_a_folder_with_a_file_of_the_user_stays(tmp_path):
    write_files(tmp_path, {"figures/b.png": b"2"})
    (tmp_path / "figures" / "mine.png").write_bytes(b"9")
    write_files(tmp_path, {"a.csv": b"1"})
    assert contents(tmp_path) == {"a.csv": b"1", "figures/mine.png": b"9"}


def test_a_file_of_the_user_is_never_replaced(tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(UsageError, match="was not written by this command"):
        write_files(tmp_path, {"b.csv": b"1", "a.csv": b"2"})
    assert contents(tmp_path) == {"a.csv": b"mine"}


def test_what_an_interrupted_call_wrote_is_known_again(tmp_path, monkeypatch):
    from twophoton_decode.session import output_folder

    def interrupted(path, content):
        path.write_bytes(content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(output_folder, "write_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_files(tmp_path, {"a.csv": b"1", "b.csv": b"2"})
    write_files(tmp_path, {"a.csv": b"3", "b.csv": b"4"})
    assert contents(tmp_path) == {"a.csv": b"3", "b.csv": b"4"}


def test_sessions_and_files_are_refused(tmp_path):
    session = tmp_path / "S"
    session.mkdir()
    (session / "session.toml").touch()
    for place in (session, session / "figures" / "new"):
        with pytest.raises(UsageError, match="lies in the session"):
            check_writable(place, [session])
    with pytest.raises(UsageError, match="is a file"):
        check_writable(session / "session.toml", [])
    check_writable(tmp_path / "new", [session])


def test_what_cannot_be_written_is_refused_and_nothing_stays(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match=r"file/new cannot be written to .*Not a directory"):
        check_writable(tmp_path / "file" / "new", [])
    check_writable(tmp_path / "a" / "b", [])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    make = Path.mkdir

    def refused(path, *given, **named):
        if path.name == "b":
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        make(path, *given, **named)

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(UsageError, match=r"a/b cannot be written to .*Read-only file system"):
        check_writable(tmp_path / "a" / "b", [])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_takes_no_files_is_refused(tmp_path, monkeypatch):
    from twophoton_decode.session import output_folder

    def full(**given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(output_folder, "TemporaryFile", full)
    with pytest.raises(UsageError, match="No space left on device"):
        check_writable(tmp_path, [])
    assert tmp_path.is_dir()
