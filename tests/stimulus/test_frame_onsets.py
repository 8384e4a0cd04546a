import numpy as np

from twophoton_decode.stimulus.presentations.frame_onsets import seconds_of_frames

BEGAN = np.array([0.0, 0.1, 0.2, 60.3, 60.4])


def test_a_frame_begins_when_it_was_taken():
    assert seconds_of_frames(np.array([0.0, 2.0, 3.0]), 10.0, BEGAN).tolist() == [0.0, 0.2, 60.3]


def test_half_a_frame_before_a_pause_is_no_half_of_the_pause():
    assert np.allclose(seconds_of_frames(np.array([2.5]), 10.0, BEGAN), [0.25])


def test_frames_beyond_the_movie_stay_beyond_it():
    assert np.allclose(seconds_of_frames(np.array([-1.0, 6.0]), 10.0, BEGAN), [-0.1, 60.6])


def test_frames_without_times_are_evenly_spaced():
    assert seconds_of_frames(np.array([-1.0, 5.0]), 10.0, None).tolist() == [-0.1, 0.5]
