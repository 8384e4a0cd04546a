"""Quality follows extraction, and comes to sessions that were extracted before it existed."""

import json

import numpy as np
import pytest
from extracted_session import OF_EXTRACTION, pretend_extracted

from twophoton_decode.cli.headline import headline
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.pipeline.run import Session
from twophoton_decode.records import Quality, Traces
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.session.settings.file import change_setting
from twophoton_decode.settings import RecordingSettings, Settings, Source

ROIS, FRAMES, RATE = 4, 400, 10.0
FIGURES = {"images", "motion", "traces", "noise", "neuropil", "bleaching"}


def traces():
    """An older session's traces: none of what may be absent."""
    rng = np.random.default_rng(0)
    bad = np.zeros(FRAMES, dtype=bool)
    bad[:30] = True
    return Traces(
        fluorescence=(200 + 5 * rng.standard_normal((ROIS, FRAMES))).astype(np.float32),
        neuropil=(50 + rng.standard_normal((ROIS, FRAMES))).astype(np.float32),
        deconvolved=np.zeros((ROIS, FRAMES), dtype=np.float32),
        is_cell=[True, True, True, False],
        cell_probability=[0.9, 0.8, 0.7, 0.1],
        plane=np.zeros(ROIS),
        center_y=np.arange(ROIS),
        center_x=np.arange(ROIS),
        pixel_offset=np.arange(ROIS + 1),
        pixel_y=np.arange(ROIS),
        pixel_x=np.arange(ROIS),
        pixel_weight=np.ones(ROIS),
        mean_image=rng.random((1, 8, 8)),
        motion_y=np.where(np.arange(FRAMES) == 200, 3.0, 0.0)[None],
        motion_x=np.zeros((1, FRAMES)),
        bad_frame=bad,
        plane_delay_s=[0.05],
        frame_rate_hz=RATE,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session that was extracted, its figures as their tables alone."""

    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    path = tmp_path_factory.mktemp("quality")
    (path / "movie.tif").write_bytes(b"not read here")
    settings = Settings(
        source=Source(movie=[str(path / "movie.tif")]),
        recording=RecordingSettings(frame_rate_hz=RATE),
    )
    folder = SessionFolder.create(path / "S", settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)
        summary = {"planes": 1, "frames": FRAMES, "rois": ROIS, "cells": 3}
        pretend_extracted(folder, traces(), summary)
        yield folder


def states(folder):
    return {key: verdict.state for key, verdict in Session(folder).verdicts().items()}


def test_a_session_that_was_extracted_gets_its_quality(session):
    extracted = dict.fromkeys(OF_EXTRACTION, "fresh")
    assert states(session) == extracted | {"quality": "missing", "report": "missing"}
    said = []
    Session(session, say=said.append).run()
    assert set(states(session).values()) == {"fresh"}
    assert any(line.startswith("quality: 30 of 400 frames (8 %) are flagged") for line in said)
    found = read_record(session.path / "quality.nc", Quality)
    assert (found.bad_frames, found.largest_motion) == (30, 3.0)
    numbers = json.loads(session.summary.read_text())["quality"]
    assert numbers == {
        "noise_level_percent": pytest.approx(np.median(found.noise_level[:3])),
        "snr": pytest.approx(np.median(found.snr[:3])),
        "bad_frames": 30,
        "largest_motion_px": 3.0,
        "bleaching_percent": pytest.approx(found.cell_bleaching),
    }
    assert {file.stem for file in session.figures.glob("quality_*.png")} == {
        f"quality_{name}" for name in FIGURES
    }
    page = session.report.read_text()
    assert "Is the recording sound?" in page
    assert "30 of 400 frames (8 %) are flagged for bad motion" in page
    level, snr = numbers["noise_level_percent"], numbers["snr"]
    assert (
        f"noise level {level:.1f} %/√Hz, signal-to-noise {snr:.1f} (medians over cells); "
        "30 bad frames"
    ) in headline(session)


def test_it_depends_on_the_settings_of_traces_and_extraction_does_not(session):
    Session(session).run()
    change_setting(session.settings_file, "traces", "neuropil_coefficient", 0.5)
    extracted = dict.fromkeys(OF_EXTRACTION, "fresh")
    assert states(session) == extracted | {"quality": "stale", "report": "stale"}
    Session(session).run_only("quality")
    assert read_record(session.path / "quality.nc", Quality).coefficient.tolist() == [0.5] * ROIS
    change_setting(session.settings_file, "traces", "neuropil_coefficient", 0.7)
