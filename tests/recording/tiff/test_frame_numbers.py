import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.recording.tiff.scanimage.frame_numbers import (
    ImageNumbers,
    image_numbers,
    place_frames,
)


def no_stamps(number):
    return np.full(len(number), np.nan)


def place(number, stamp, slots, averaged=False, acquisition=None):
    if acquisition is None:
        acquisition = np.zeros(len(number), dtype=int)
    return place_frames(ImageNumbers(number, stamp, acquisition), slots, averaged=averaged)


@given(
    missing=st.sets(st.integers(1, 58), max_size=12),
    step=st.integers(1, 8),
    slots=st.integers(1, 5),
)
def test_gaps_are_where_frames_are_missing(missing, step, slots):
    """Averaged frames are numbered in steps; at most a fifth of the frames is missing."""
    kept = np.array([number for number in range(60) if number not in missing])
    number = (kept + 1) * step
    placed = place(number, kept * 0.1, slots, averaged=step > 1)
    assert np.array_equal(placed.place, kept)
    assert placed.dropped == len(missing)
    assert placed.begins.tolist() == [0]
    assert np.isclose(placed.rate_hz, 10.0)


@given(first=st.integers(1, 20), second=st.integers(1, 20), slots=st.integers(1, 5))
def test_a_count_that_begins_anew_begins_a_volume(first, second, slots):
    number = np.concatenate([np.arange(first), np.arange(second)]) + 1
    placed = place(number, no_stamps(number), slots)
    assert placed.place[first] % slots == 0
    assert placed.place[first] - placed.place[first - 1] in range(1, slots + 1)
    assert np.array_equal(np.diff(placed.place[first:]), np.ones(second - 1))
    assert (placed.dropped, placed.rate_hz) == (0, 0.0)
    assert placed.begins.tolist() == [0, first]


def test_a_recording_whose_first_file_is_missing_keeps_its_place():
    number = np.arange(8, 20)
    assert place(number, no_stamps(number), 3).place[0] == 7


def test_time_stamps_count_the_frames_that_were_dropped():
    kept = np.array([number for number in range(100) if number not in (30, 31, 70)])
    placed = place(kept + 1, kept / 29.7, 1)
    assert np.isclose(placed.rate_hz, 29.7)


def test_steps_of_unequal_length_are_uneven():
    frame = np.arange(60)
    assert not place(frame + 1, frame * 0.1, 3).uneven
    assert place(frame + 1, (frame + frame // 3) * 0.1, 4).uneven


def test_numbers_and_stamps_of_every_kind_are_read():
    texts = [
        "frameNumbers = 3\nframeTimestamps_sec = 0.066667\nepoch = [2020]",
        "Frame Number = 0004\rFrame Timestamp(s) = 1e-1\rscanimage.SI4.x = 1",
        "frameNumbers = 5\n",
        '{\n  "frameNumbers": 6,\n  "acquisitionNumbers": 2,\n  "frameTimestamps_sec": 0.2\n}',
        '{"FrameHeader": {"frameNumbers": 7,"frameTimestamps_sec": 0.25}}',
    ]
    found = image_numbers(texts)
    assert found.number.tolist() == [3, 4, 5, 6, 7]
    assert np.array_equal(found.stamp, [0.066667, 0.1, np.nan, 0.2, 0.25], equal_nan=True)
    assert found.acquisition.tolist() == [0, 0, 0, 2, 0]


def test_one_image_without_a_number_leaves_all_without():
    assert image_numbers(["frameNumbers = 1", "nothing"]) is None


def test_damaged_numbers_are_none():
    assert image_numbers(["frameNumbers = 1*2"]) is None
    assert image_numbers(['{"frameNumbers": 1e5}']) is None


def in_acquisitions(frames):
    return [
        f"frameNumbers = {n}\nacquisitionNumbers = {a}\nframeNumberAcquisition = {w}\n"
        for n, a, w in frames
    ]


def test_numbers_within_acquisitions_are_taken():
    texts = in_acquisitions([(1, 1, 1), (2, 1, 2), (3, 2, 1), (5, 2, 3)])
    assert image_numbers(texts).number.tolist() == [1, 2, 1, 3]


def test_numbers_within_acquisitions_that_contradict_are_not():
    texts = in_acquisitions([(1, 1, 1), (2, 1, 1), (3, 2, 1)])
    assert image_numbers(texts).number.tolist() == [1, 2, 3]


def test_a_new_acquisition_whose_first_frames_are_missing_begins_anew():
    number, acquisition = np.array([1, 2, 3, 6, 7]), np.array([1, 1, 1, 2, 2])
    placed = place(number, no_stamps(number), 4, acquisition=acquisition)
    assert placed.place.tolist() == [0, 1, 2, 5, 6]
    assert (placed.begins.tolist(), placed.dropped) == ([0, 3], 0)


def test_volumes_whose_last_step_is_long_keep_their_rate():
    """Three planes a second apart, then four seconds back: a volume takes six seconds."""
    stamp = (np.arange(30) // 3 * 6 + np.arange(30) % 3).astype(float)
    placed = place(np.arange(30) + 1, stamp, 3)
    assert np.isclose(placed.rate_hz, 3 / 6)


@given(gap_s=st.floats(1.0, 1e4), at=st.integers(1, 59), slots=st.integers(1, 3))
def test_a_gap_in_time_leaves_the_rate(gap_s, at, slots):
    stamp = np.arange(60) * 0.1
    stamp[at:] += gap_s
    placed = place(np.arange(60) + 1, stamp, slots)
    assert np.isclose(placed.rate_hz, 10.0)
