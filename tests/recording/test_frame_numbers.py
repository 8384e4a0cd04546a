import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.recording.frame_numbers import numbers_and_stamps, place_frames


def no_stamps(number):
    return np.full(len(number), np.nan)


@given(
    missing=st.sets(st.integers(1, 58), max_size=12),
    step=st.integers(1, 8),
    slots=st.integers(1, 5),
)
def test_gaps_are_where_frames_are_missing(missing, step, slots):
    """Averaged frames are numbered in steps; at most a fifth of the frames is missing."""
    kept = np.array([number for number in range(60) if number not in missing])
    number = (kept + 1) * step
    placed = place_frames(number, kept * 0.1, slots, averaged=step > 1)
    assert np.array_equal(placed.place, kept)
    assert placed.dropped == len(missing)
    assert placed.begins.tolist() == [0]
    assert np.isclose(placed.rate_hz, 10.0)


@given(first=st.integers(1, 20), second=st.integers(1, 20), slots=st.integers(1, 5))
def test_a_count_that_begins_anew_begins_a_volume(first, second, slots):
    number = np.concatenate([np.arange(first), np.arange(second)]) + 1
    placed = place_frames(number, no_stamps(number), slots)
    assert placed.place[first] % slots == 0
    assert placed.place[first] - placed.place[first - 1] in range(1, slots + 1)
    assert np.array_equal(np.diff(placed.place[first:]), np.ones(second - 1))
    assert (placed.dropped, placed.rate_hz) == (0, 0.0)
    assert placed.begins.tolist() == [0, first]


def test_a_recording_whose_first_file_is_missing_keeps_its_place():
    number = np.arange(8, 20)
    assert place_frames(number, no_stamps(number), 3).place[0] == 7


def test_time_stamps_count_the_frames_that_were_dropped():
    kept = np.array([number for number in range(100) if number not in (30, 31, 70)])
    placed = place_frames(kept + 1, kept / 29.7, 1)
    assert np.isclose(placed.rate_hz, 29.7)


def test_steps_of_unequal_length_are_uneven():
    frame = np.arange(60)
    assert not place_frames(frame + 1, frame * 0.1, 3).uneven
    assert place_frames(frame + 1, (frame + frame // 3) * 0.1, 4).uneven


def test_numbers_and_stamps_of_both_kinds_are_read():
    texts = [
        "frameNumbers = 3\nframeTimestamps_sec = 0.066667\nepoch = [2020]",
        "Frame Number = 0004\rFrame Timestamp(s) = 1e-1\rscanimage.SI4.x = 1",
        "frameNumbers = 5\n",
    ]
    number, stamp = numbers_and_stamps(texts)
    assert number.tolist() == [3, 4, 5]
    assert np.array_equal(stamp, [0.066667, 0.1, np.nan], equal_nan=True)


def test_one_image_without_a_number_leaves_all_without():
    assert numbers_and_stamps(["frameNumbers = 1", "nothing"]) is None
