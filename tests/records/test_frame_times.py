import numpy as np

from twophoton_decode.records.frame_times import even_steps


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
