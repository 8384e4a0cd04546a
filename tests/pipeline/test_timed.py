from types import SimpleNamespace

import numpy as np
import pytest
import tifffile
from pydantic import ValidationError

from twophoton_decode.extraction.suite2p.stored_times import has_frame_times, read_frame_times
from twophoton_decode.pipeline.chain import QUALITY, RESPOND
from twophoton_decode.pipeline.inputs.timed import timed
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages.extract import add_frame_times
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.ledger import Ledger
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


def test_rois_that_an_earlier_version_detected_get_the_times_of_their_movie(tmp_path):
    """Edited ROIs are not detected anew, but their frames were taken when they were taken."""
    times = 3 + np.arange(30) / 10 + np.repeat([0.0, 5.0], 15)
    planes = {"DeltaT": times.tolist(), "DeltaTUnit": ["s"] * 30}
    images = np.random.default_rng(0).integers(0, 99, (30, 16, 16)).astype(np.uint16)
    metadata = {"axes": "TYX", "Plane": planes}
    tifffile.imwrite(tmp_path / "raw.ome.tif", images, ome=True, metadata=metadata)
    (tmp_path / "suite2p").mkdir()
    settings = Settings.model_validate(
        {"source": {"movie": ["raw.ome.tif"]}, "recording": {"frame_rate_hz": 10.0}}
    )
    assert not has_frame_times(tmp_path / "suite2p")
    add_frame_times(StageInput(SessionFolder(tmp_path), settings, Ledger(tmp_path / "ledger.json")))
    found = read_frame_times(tmp_path / "suite2p")
    assert np.allclose(found["frame_time_s"], times - 3)
    assert found["first_stamp_s"] == 3.0
    assert "unknown_pause" not in found
