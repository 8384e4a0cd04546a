"""Nothing is written, or removed, outside a session; what killed commands left is removed."""

import os
from pathlib import Path

import pytest

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.pipeline.chain import ALL
from twophoton_decode.pipeline.stage import file_of
from twophoton_decode.session.lock import locked
from twophoton_decode.session.output_folder import write_files
from twophoton_decode.session.own_files import is_figure, is_result, refuse_link_on_the_way

posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")


@pytest.fixture
def session(tmp_path):
    """A session, and beside it a folder that is none of its business."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine")
    (tmp_path / "S" / ".tpdecode").mkdir(parents=True)
    (tmp_path / "S" / "session.toml").write_text("")
    return tmp_path / "S"


def lock(session):
    with locked(session / ".tpdecode"):
        pass


def make(session, *names):
    for name in names:
        (session / name).parent.mkdir(parents=True, exist_ok=True)
        (session / name).write_text("made")


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_every_file_of_a_stage_can_be_a_result():
    for stage in ALL:
        if stage.file:
            assert is_result(file_of(stage.file, "efficientnet-lite0@random:0"))
    assert is_result("report.html")
    assert is_result("figures/cell_count_ridge.svg")


@posix
@pytest.mark.parametrize(
    "name",
    ["figures", "reconstruction", "deep", "deep/decoding", "logs", "suite2p", "suite2p.building",
     ".tpdecode/scratch", ".tpdecode/lock", "logs/extract.log", "suite2p/plane0",
     "suite2p/plane0/iscell.npy"],
)  # fmt: skip
def test_a_link_that_would_be_written_through_is_refused(session, name):
    (session / name).parent.mkdir(parents=True, exist_ok=True)
    target = session.parent / "elsewhere"
    (session / name).symlink_to(target)
    with pytest.raises(SessionError, match=rf"{(session / name).name} is a link to {target}"):
        lock(session)
    assert [path.name for path in target.iterdir()] == ["mine.txt"]


@posix
def test_a_private_folder_that_is_a_link_is_refused(session):
    (session / ".tpdecode").rmdir()
    (session / ".tpdecode").symlink_to(session.parent / "elsewhere")
    with pytest.raises(SessionError, match="is a link to"):
        lock(session)
    assert names(session.parent / "elsewhere") == {"mine.txt"}


@posix
def test_a_session_may_be_a_link_and_hold_links_of_the_user(session):
    (session / "raw").symlink_to(session.parent / "elsewhere")
    (session / "suite2p" / "plane0").mkdir(parents=True)
    (session / "suite2p" / "plane0" / "data.bin").symlink_to("/archive/data.bin")
    linked = session.parent / "linked"
    linked.symlink_to(session)
    lock(linked)
    assert (session / ".tpdecode" / "lock").is_file()
    assert (session / "raw").readlink() == session.parent / "elsewhere"
    assert (session / "suite2p/plane0/data.bin").readlink() == Path("/archive/data.bin")
    assert names(session.parent / "elsewhere") == {"mine.txt"}


@posix
@pytest.mark.parametrize("name", [".tpdecode/ledger.json", "suite2p/plane0/F.npy"])
def test_a_pipe_is_not_waited_for(session, name):
    (session / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(session / name)
    with pytest.raises(SessionError, match="neither a file nor a folder"):
        lock(session)


def test_what_killed_commands_left_is_removed_and_nothing_of_the_user(session):
    litter = (
        ".traces.nc.a1b2c3d4", ".session.toml.a1b2c3d4.part", "figures/.one.svg.a1b2c3d4.part",
        "reconstruction/.ridge.nc.zzzzzzzz", ".tpdecode/.ledger.json.a1b2c3d4",
        ".tpdecode/scratch/suite2p-home/cache/x", ".tpdecode/numba/planted.nbi",
        ".tpdecode/matplotlib/matplotlibrc", "suite2p.replaced/plane0/F.npy",
        "suite2p/plane0/clicked_iscell.npy",
    )  # fmt: skip
    kept = (
        "session.toml", "traces.nc", ".mine.nc.a1b2c3d4", "figures/.notes.backup12",
        "figures/one.svg", "figures/.one.svg.old", "suite2p/plane0/F.npy", "raw/.a.nc.a1b2c3d4",
        "suite2p.backup-1/plane0/F.npy", "scratch/mine", ".tpdecode/ledger.json",
    )  # fmt: skip
    make(session, *litter, *kept)
    lock(session)
    assert names(session) - {".tpdecode/lock"} == set(kept)


def test_the_only_copy_of_a_replaced_folder_stays(session):
    make(session, "suite2p.replaced/plane0/F.npy")
    lock(session)
    assert (session / "suite2p.replaced" / "plane0" / "F.npy").exists()


@posix
def test_a_folder_of_comparisons_names_no_file_outside(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".tpdecode.json").write_text('{"files": ["../mine.txt"]}')
    with pytest.raises(SessionError, match=r"names '\.\./mine\.txt'"):
        write_files(tmp_path / "out", {"a.csv": b"a"})
    assert (tmp_path / "mine.txt").exists()


@posix
def test_comparisons_are_not_written_through_a_link(tmp_path):
    for name in ("out", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "out" / "figures").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="is a link to"):
        write_files(tmp_path / "out", {"figures/a.svg": b"a"})
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_half_written_comparisons_are_removed(tmp_path):
    write_files(tmp_path, {"figures/a.svg": b"a"})
    make(tmp_path, "figures/.a.svg.a1b2c3d4.part", "figures/.b.svg.a1b2c3d4.part")
    write_files(tmp_path, {"figures/a.svg": b"a"})
    assert names(tmp_path) == {"figures/a.svg", "figures/.b.svg.a1b2c3d4.part", ".tpdecode.json"}


@posix
def test_a_result_is_not_written_through_a_link_in_a_folder_of_any_name(session):
    (session / "deep").symlink_to(session.parent / "elsewhere")
    with pytest.raises(SessionError, match="deep is a link to"):
        refuse_link_on_the_way(session, session / "deep" / "lite0.nc")
    refuse_link_on_the_way(session, session / "reconstruction" / "ridge.nc")


@pytest.mark.parametrize("name", ["deep/decoding/lite0.nc", "features.nc", "figures/a.svg"])
def test_records_in_new_folders_can_be_results(name):
    assert is_result(name)
    assert is_figure(name) == name.startswith("figures")
