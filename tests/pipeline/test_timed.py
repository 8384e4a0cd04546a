from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from twophoton_decode.pipeline.stages import QUALITY, RESPOND
from twophoton_decode.pipeline.steps.timed import timed
from twophoton_decode.settings import RecordingSettings, Settings

TRACES = SimpleNamespace(evenly_timed=lambda: "even")


def test_the_stamps_count_unless_the_settings_say_otherwise():
    assert timed(TRACES, RecordingSettings()) is TRACES
    assert timed(TRACES, RecordingSettings(frame_times="even")) == "even"


def test_even_times_contradict_the_microscopes_clock():
    with pytest.raises(ValidationError, match='onset_clock = "microscope" needs frame_times'):
        RecordingSettings(frame_times="even", onset_clock="microscope")


@pytest.mark.parametrize("stage", [QUALITY, RESPOND])
def test_what_depends_on_time_is_made_anew_when_the_setting_changes(stage):
    even = Settings(recording=RecordingSettings(frame_times="even"))
    assert stage.settings_used(Settings()) != stage.settings_used(even)
