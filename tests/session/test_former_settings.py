"""Settings that an earlier version had and that did nothing: read over, said, never set anew."""

import pytest

from twophoton_decode.errors import SettingsError
from twophoton_decode.session.settings.file import (
    change_setting,
    read_settings,
    with_changes,
    without_effect,
    write_settings,
)
from twophoton_decode.settings import Settings


@pytest.fixture
def old(tmp_path):
    """A file as earlier versions wrote it."""
    path = tmp_path / "session.toml"
    write_settings(path, Settings())
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[extraction]\n", "[extraction]\ndiameter_px = 20.0 # of a cell\n"), "utf-8"
    )
    return path


def test_an_old_file_opens_with_its_diameter_said_to_change_nothing(old):
    assert read_settings(old) == Settings()
    (said,) = without_effect(old)
    assert said.startswith("session.toml: diameter_px in [extraction] changes nothing")
    assert "spatial_scale in [extraction] sets the size" in said


def test_other_settings_of_an_old_file_can_be_changed(old):
    change_setting(old, "extraction", "spatial_scale", 2)
    assert read_settings(old).extraction.spatial_scale == 2
    assert "diameter_px = 20.0 # of a cell" in old.read_text(encoding="utf-8")


def test_a_new_file_has_none_and_none_is_set_by_an_option(tmp_path):
    write_settings(tmp_path / "session.toml", Settings())
    assert without_effect(tmp_path / "session.toml") == []
    with pytest.raises(SettingsError, match="diameter_px: no such setting"):
        with_changes(Settings(), {"extraction.diameter_px": 20.0}, "--set")
