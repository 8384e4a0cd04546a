import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.recording.times.stamps import times_of_stamps


def test_times_count_from_the_first_frame_and_its_stamp_is_kept():
    times, unused = times_of_stamps(np.array([7.0, 7.5, 8.0]), by="a clock")
    assert times.began_s.tolist() == [0.0, 0.5, 1.0]
    assert (times.first_stamp_s, times.by, unused) == (7.0, "a clock", [])
    assert times.unknown_pause.size == 0


def test_a_pause_between_acquisitions_is_known_where_stamps_run_on():
    stamp = np.arange(20) / 10 + np.repeat([0.0, 60.0], 10)
    times, _ = times_of_stamps(stamp, [0, 10], by="a clock")
    assert np.allclose(times.began_s, stamp)
    assert times.unknown_pause.size == 0


@given(
    sizes=st.lists(st.integers(20, 40), min_size=2, max_size=5),
    start=st.floats(-50, 50),
)
def test_where_stamps_begin_anew_the_next_frame_follows_after_one_step(sizes, start):
    stamp = np.concatenate([start + np.arange(size) / 10 for size in sizes])
    begins = np.cumsum([0, *sizes])[:-1]
    times, unused = times_of_stamps(stamp, begins, by="a clock")
    assert np.allclose(times.began_s, np.arange(stamp.size) / 10)
    assert times.unknown_pause.tolist() == begins[1:].tolist()
    assert (times.first_stamp_s, unused) == (start, [])


def test_a_clock_known_to_be_another_one_begins_anew_though_its_stamps_are_later():
    stamp = np.concatenate([np.arange(10), 500 + np.arange(10)]) / 10
    times, _ = times_of_stamps(stamp, [0, 10], by="a clock", anew=True)
    assert np.allclose(times.began_s, np.arange(20) / 10)
    assert times.unknown_pause.tolist() == [10]


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        (np.zeros(30), "do not rise"),
        (np.arange(30)[::-1] / 10, "do not rise"),
        (np.zeros(3), "do not rise"),
        ([0.0, np.nan, 0.2, 0.3], "1 of 4 frames have no time stamp"),
        ([0.0, np.inf, 0.2, 0.3], "1 of 4 frames have no time stamp"),
    ],
)
def test_stamps_that_cannot_be_used_are_not_and_it_is_said(stamp, reason):
    times, unused = times_of_stamps(np.asarray(stamp), [0, 2], by="a clock")
    assert (times.began_s, times.first_stamp_s, times.by) == (None, None, "")
    assert times.unknown_pause.tolist() == [2]
    assert reason in unused[0]


def test_no_stamps_are_not_worth_a_word():
    assert times_of_stamps(np.full(5, np.nan), by="a clock")[1] == []
