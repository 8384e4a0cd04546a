import numpy as np

from twophoton_decode.recording.times.stamps import BY_NUMBERS, times_of_places


def test_frames_after_dropped_ones_are_as_late_as_their_numbers_say():
    times = times_of_places(np.array([4, 5, 8, 9]), np.array([0]), 10.0)
    assert np.allclose(times.began_s, [0.0, 0.1, 0.4, 0.5])
    assert (times.first_stamp_s, times.by) == (None, BY_NUMBERS)


def test_a_new_acquisition_is_no_dropped_frame():
    times = times_of_places(np.array([0, 1, 6, 7, 9]), np.array([0, 2]), 10.0)
    assert np.allclose(times.began_s, [0.0, 0.1, 0.2, 0.3, 0.5])
    assert times.unknown_pause.tolist() == [2]


def test_nothing_is_known_where_nothing_is_missing_or_there_is_no_rate():
    assert times_of_places(np.arange(5), np.array([0]), 10.0).began_s is None
    assert times_of_places(np.array([0, 2]), np.array([0]), 0.0).began_s is None
    assert times_of_places(np.arange(5), np.array([0, 3]), 0.0).unknown_pause.tolist() == [3]
