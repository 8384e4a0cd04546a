"""Responses to clips as a record: axes that agree, clips of other lengths, a whole round trip."""

import dataclasses

import numpy as np
import pytest

from twophoton_decode.errors import RecordError
from twophoton_decode.records import FrameResponses
from twophoton_decode.session.netcdf import read_record, write_record


def frame_responses(**changed):
    """Two clips of 4 and 3 frames, three showings, five cells."""
    rng = np.random.default_rng(0)
    shown = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 1, 1]], bool)
    values = {
        "response": rng.normal(size=(3, 4, 5)),
        "shown": shown,
        "frame_s": np.where(shown, np.arange(12).reshape(3, 4) / 10, np.nan),
        "clip": [0, 1, 0],
        "repeat": [0, 0, 1],
        "picture": rng.random((2, 4, 6, 6)),
        "clip_frames": [4, 3],
        "clip_name": ["a.npy", "b.npy"],
        "clip_group": [-1, -1],
        "roi": np.arange(5),
        "clip_rate_hz": 10.0,
        "response_unit": "ΔF/F",
        "signal": "dff",
        "indicator_decay_s": 0.7,
        "notes": [],
    }
    return FrameResponses(**(values | changed))


def test_a_record_of_clips_comes_back_as_it_was(tmp_path):
    record = frame_responses()
    write_record(tmp_path / "frame_responses.nc", record)
    found = read_record(tmp_path / "frame_responses.nc", FrameResponses)
    for field in dataclasses.fields(record):
        wanted, there = getattr(record, field.name), getattr(found, field.name)
        if wanted is None:
            assert there is None
        elif isinstance(wanted, np.ndarray):
            np.testing.assert_array_equal(np.asarray(there), wanted.astype(there.dtype))
        else:
            assert there == wanted
    assert (found.showings, found.clips, found.cells) == (3, 2, 5)


def test_a_shorter_clip_ends_where_it_ends():
    record = frame_responses()
    assert record.frames_of(1).shape == (3, 6, 6)
    np.testing.assert_array_equal(record.frames_of(0), np.asarray(record.picture)[0])


def test_frames_of_pictures_and_responses_must_agree():
    with pytest.raises(RecordError, match="along 'frame'"):
        frame_responses(picture=np.zeros((2, 5, 6, 6)))
