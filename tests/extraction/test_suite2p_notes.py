"""What was odd about the movie's files stays with the traces."""

import json

import numpy as np

from twophoton_decode.extraction import suite2p_engine
from twophoton_decode.records import IntensityMapping, Recording
from twophoton_decode.settings import ExtractionSettings


class NoSuite2p:
    def __init__(self, log, scratch):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def run(self, job, progress):
        pass


def test_warnings_of_the_files_and_doubts_about_the_rate_are_noted(tmp_path, monkeypatch):
    monkeypatch.setattr(suite2p_engine, "Suite2pProcess", NoSuite2p)
    monkeypatch.setattr(suite2p_engine, "fingerprint", lambda folder: "")
    monkeypatch.setattr(suite2p_engine, "read_folder", lambda folder: folder)
    recording = Recording(
        file=np.array(["a.tif"]), file_frames=np.array([600]), height=256, width=256,
        dtype="uint16", layout="scanimage", frame_rate_hz=30.0,
        source={"frame_rate_hz": "ScanImage header"}, warnings=("three frames were dropped",),
    )  # fmt: skip
    folder = suite2p_engine.extract(
        recording, lambda path, progress: IntensityMapping(0.0, 1.0), frame_rate_hz=15.0,
        settings=ExtractionSettings(), folder=tmp_path / "suite2p", logs=tmp_path,
        scratch=tmp_path / "scratch",
    )  # fmt: skip
    origin = next(folder.rglob(suite2p_engine.ORIGIN))
    assert json.loads(origin.read_text())["notes"] == [
        "three frames were dropped",
        "frame_rate_hz is 15, but ScanImage header says 30 Hz",
    ]
