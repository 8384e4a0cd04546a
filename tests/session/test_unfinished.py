"""What a command that failed has made is taken back, and nothing else."""

import pytest

from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.unfinished import taken_back_on_failure
from twophoton_decode.settings import Settings


def fail_in(path, *made, error=KeyboardInterrupt):
    with pytest.raises(error), taken_back_on_failure(path):  # noqa: PT012
        SessionFolder.create(path, Settings())
        for name in made:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text("made")
        raise error


def test_folders_made_for_it_are_removed_and_those_above_stay(tmp_path):
    (tmp_path / "above").mkdir()
    fail_in(tmp_path / "above" / "new" / "S", ".tpdecode/lock", "figures/a.png", "responses.nc")
    assert list((tmp_path / "above").iterdir()) == []


def test_files_of_the_user_stay(tmp_path):
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "mine.png").write_text("mine")
    (tmp_path / "shown.csv").write_text("mine")
    fail_in(tmp_path, "summary.json", error=OSError)
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"mine.png", "shown.csv"}


def test_a_session_that_was_there_stays(tmp_path):
    SessionFolder.create(tmp_path / "S", Settings())
    fail_in(tmp_path / "S", "responses.nc")
    left = {path.name for path in (tmp_path / "S").iterdir()}
    assert left == {"session.toml", "responses.nc"}


def test_a_checkpoint_of_extraction_stays(tmp_path):
    fail_in(tmp_path / "S", "suite2p.building/plane0/data.bin")
    assert (tmp_path / "S" / "session.toml").is_file()


def test_a_log_that_messages_name_stays_but_does_not_make_a_session(tmp_path):
    fail_in(tmp_path / "S", "logs/extract.log", ".tpdecode/lock")
    left = [path.name for path in (tmp_path / "S").rglob("*")]
    assert sorted(left) == ["extract.log", "logs"]


def test_success_keeps_everything(tmp_path):
    with taken_back_on_failure(tmp_path / "S"):
        SessionFolder.create(tmp_path / "S", Settings())
    assert (tmp_path / "S" / "session.toml").is_file()
