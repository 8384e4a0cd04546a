import numpy as np

from twophoton_decode.records.movie.frame_times import FrameTimes, even_steps


def test_long_steps_and_those_that_do_not_lead_forward_are_not_even():
    seconds = np.array([0.1, 0.1, 0.15, 0.151, 0.0, -5.0, np.nan, 0.1])
    assert even_steps(seconds).tolist() == [True, True, True, False, False, False, False, True]


def test_the_median_is_that_of_steps_forward():
    """Else the steps backward would bring the usual step below that of any frame."""
    seconds = np.array([1.0, 1.0, -9.0, -9.0, -9.0])
    assert even_steps(seconds).tolist() == [True, True, False, False, False]


def test_no_step_forward_is_none_that_is_even():
    assert even_steps(np.array([0.0, -1.0, np.nan])).tolist() == [False] * 3
    assert even_steps(np.array([])).size == 0


def test_gaps_are_long_steps_and_pauses_of_unknown_length():
    began = np.array([0.0, 0.1, 0.2, 5.2, 5.3, 5.4, 5.5])
    gaps = FrameTimes(began, unknown_pause=np.array([5])).gaps()
    assert gaps.frame.tolist() == [3, 5]
    assert np.allclose(gaps.seconds, [4.9, np.nan], equal_nan=True)


def test_gaps_are_no_part_of_the_rate():
    began = np.arange(40) / 8 + np.repeat([0.0, 60.0], 20)
    assert np.isclose(FrameTimes(began).rate_hz(), 8.0)
    assert FrameTimes().rate_hz() == 0.0


def test_a_movie_ends_a_period_after_its_last_frame_began():
    assert FrameTimes().end_s(80, 8.0) == 10.0
    assert FrameTimes(np.array([0.0, 0.125, 9.0])).end_s(3, 8.0) == 9.125


def test_frames_of_several_images_begin_with_their_first():
    times = FrameTimes(np.arange(9.0), 3.0, np.array([4, 6, 8])).every(3, 2)
    assert times.began_s.tolist() == [0.0, 3.0]
    assert times.unknown_pause.tolist() == []
    assert FrameTimes(np.arange(9.0), 3.0, np.array([4])).every(3, 3).unknown_pause.tolist() == [2]


def test_a_late_stamp_between_two_on_time_is_no_gap():
    began = np.arange(20) / 10
    began[7] += 0.08
    times = FrameTimes(began)
    assert times.gaps().frame.size == 0
    assert np.isclose(times.rate_hz(), 10.0)
    began[12:] += 0.1
    assert FrameTimes(began).gaps().frame.tolist() == [12]
