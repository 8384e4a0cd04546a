import numpy as np

from twophoton_decode.stimulus.presentations.times import FrameClock

BEGAN = np.array([0.0, 0.1, 0.2, 60.3, 60.4])


def test_a_frame_begins_when_it_was_taken():
    seconds = FrameClock(10.0, 0, BEGAN).seconds(np.array([0.0, 2.0, 3.0]))
    assert seconds.tolist() == [0.0, 0.2, 60.3]


def test_half_a_frame_before_a_pause_is_no_half_of_the_pause():
    assert np.allclose(FrameClock(10.0, 0, BEGAN).seconds(np.array([2.5])), [0.25])


def test_frames_beyond_the_movie_stay_beyond_it():
    assert np.allclose(FrameClock(10.0, 0, BEGAN).seconds(np.array([-1.0, 6.0])), [-0.1, 60.6])


def test_frames_without_times_are_evenly_spaced():
    assert FrameClock(10.0, 0, None).seconds(np.array([-1.0, 5.0])).tolist() == [-0.1, 0.5]
