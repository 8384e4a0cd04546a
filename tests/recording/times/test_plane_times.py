import numpy as np
import pytest

from twophoton_decode.recording.times.stamps import mid_times

BEGAN = np.arange(6)[:, None] / 5.0 + np.array([0.0, 0.05, 0.09])


def test_half_a_step_after_a_plane_begins():
    found = mid_times(BEGAN, 5.0)
    assert found == pytest.approx([0.0225, 0.0725, 0.1125])


def test_volumes_that_are_not_whole_do_not_count():
    began = BEGAN.copy()
    began[1, 2], began[4, 0] = np.nan, np.nan
    assert mid_times(began, 5.0) == pytest.approx(mid_times(BEGAN, 5.0))
    assert mid_times(np.full((3, 3), np.nan), 5.0) is None


def test_one_late_volume_changes_nothing():
    began = BEGAN.copy()
    began[2, 1:] += 0.06
    assert mid_times(began, 5.0) == pytest.approx(mid_times(BEGAN, 5.0))


@pytest.mark.parametrize(
    ("began", "rate"),
    [(BEGAN[:, :1], 5.0), (BEGAN, 0.0), (BEGAN, 20.0), (BEGAN[:, ::-1], 5.0)],
)
def test_times_that_cannot_be_true(began, rate):
    assert mid_times(began, rate) is None
