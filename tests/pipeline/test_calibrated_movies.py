"""A movie that Fiji saved, and one whose zero is wrong, through the chain to ΔF/F."""

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import ResponseError
from twophoton_decode.pipeline.run import Session
from twophoton_decode.recording.movie import chunks, open_recording
from twophoton_decode.records import Responses, Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import RecordingSettings, Settings, Source

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
DARK, RATE = -200, 8.0


@pytest.fixture(scope="module")
def recorded():
    """The sample movie with a dark level far below zero, as int16."""
    frames = np.concatenate(list(chunks(open_recording([SAMPLE / "raw"]), 500)))
    # The simulated detector adds 20.
    return frames.astype(np.int16) + np.int16(DARK - 20)


def session(folder, frames, **options):
    tifffile.imwrite(folder / "movie.tif", frames, photometric="minisblack", **options)
    source = Source(
        movie=[str(folder / "movie.tif")],
        log=str(SAMPLE / "shown.csv"),
        images=str(SAMPLE / "pictures"),
    )
    settings = Settings(
        source=source, recording=RecordingSettings(frame_rate_hz=RATE, dark_level=DARK)
    )
    return SessionFolder.create(folder / "S", settings)


def extracted(folder):
    Session(folder).run_only("extract")
    Session(folder).run_only("respond")
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory, recorded):
    return extracted(session(tmp_path_factory.mktemp("plain"), recorded))


def test_fijis_copy_gives_the_same_traces_and_responses(tmp_path, recorded, plain):
    stored = (recorded.astype(np.int32) + 32768).astype(np.uint16)
    text = f"ImageJ=1.54f\nimages={len(stored)}\ncf=0\nc0=-32768.0\nc1=1.0\nvunit=Gray Value\n"
    copy = extracted(session(tmp_path, stored, description=text, metadata=None))
    ours, theirs = (read_record(each.path / "traces.nc", Traces) for each in (copy, plain))
    np.testing.assert_array_equal(np.asarray(ours.fluorescence), np.asarray(theirs.fluorescence))
    np.testing.assert_array_equal(np.asarray(ours.neuropil), np.asarray(theirs.neuropil))
    assert "grey level = stored - 32768 (ImageJ)" in ours.notes
    found, expected = (read_record(each.path / "responses.nc", Responses) for each in (copy, plain))
    assert expected.response.shape[1] > 5
    np.testing.assert_array_equal(found.response, expected.response)


def test_a_dark_level_needs_no_new_extraction_and_its_lack_is_told(plain):
    kept = read_record(plain.path / "responses.nc", Responses)
    assert any("counted from -200 grey levels" in note for note in kept.notes)
    change_setting(plain.settings_file, "recording", "dark_level", 0.0)
    verdicts = Session(plain).verdicts()
    assert verdicts["extract"].state == "fresh"
    assert {verdicts[name].state for name in ("quality", "respond")} <= {"stale", "missing"}
    with pytest.raises(ResponseError, match=r"all \d+ cells have a baseline") as lost:
        Session(plain).run_only("respond")
    offered = re.search(r"set dark_level = (-[\d.]+) in \[recording\]", str(lost.value))
    assert float(offered[1]) == pytest.approx(DARK, abs=10)
