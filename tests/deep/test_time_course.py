"""When layers are decoded: curves that are built in, and times by hand."""

import numpy as np
import pytest

from twophoton_decode.deep.comparison.timing.time_course import (
    half_peak_times,
    pattern_courses,
    time_course,
)

TIMES = np.array([-0.25, 0.25, 0.75, 1.25, 1.75])


@pytest.mark.parametrize(
    ("curve", "onset"),
    [
        ([0.0, 0.0, 0.4, 1.0, 0.2], 0.75 + 0.5 * 0.1 / 0.6),
        ([0.0, 0.5, 1.0, 0.1, 0.9], 0.25),
        ([0.1, 1.0, 0.0, 0.0, 0.0], -0.25 + 0.5 * 0.4 / 0.9),
        ([1.0, 0.8, 0.2, 0.0, 0.0], -0.25),
        ([-0.1, -0.2, -0.1, -0.3, -0.1], np.nan),
    ],
)
def test_onset_is_where_half_of_the_peak_is_passed(curve, onset):
    np.testing.assert_allclose(half_peak_times(np.array(curve), TIMES), onset, atol=1e-9)
    several = np.array([curve, curve])[None]
    assert half_peak_times(several, TIMES).shape == (1, 2)


def test_curves_follow_the_gain_of_the_bins():
    rng = np.random.default_rng(0)
    images, cells = 80, 25
    features = rng.normal(size=(images, 12)).astype(np.float32)
    signal = features @ rng.normal(size=(12, cells))
    average = signal + rng.normal(size=signal.shape)
    gain = np.array([0.0, 0.0, 1.0, 1.0, 0.3])
    binned = gain[:, None] * signal[:, None] + 3 * rng.normal(size=(images, 5, cells))
    fold, content = np.arange(images) % 8, np.arange(images)
    made = pattern_courses(average, binned, {"early": features}, fold, content)["early"]
    mean = made.mean(axis=0)
    assert np.abs(mean[:2]).max() < 0.12
    assert mean[2:4].min() > 0.4 > mean[4]

    late = np.roll(made, 1, axis=1)
    none = rng.normal(size=made.shape)
    found = time_course({"early": made, "late": late, "none": none}, TIMES, content, 300, 0)
    np.testing.assert_allclose(found.curve[0], mean)
    assert found.p[0] < 0.001
    assert found.p[2] > 0.05
    # Half of the peak between the second and the third bin.
    height = mean.max() / 2
    expected = 0.25 + 0.5 * (height - mean[1]) / (mean[2] - mean[1])
    assert found.onset.value[0] == pytest.approx(expected)
    assert found.onset.low[0] < expected < found.onset.high[0]
    assert found.onset_after_first.value[1] == pytest.approx(0.5)
    # Both layers are resampled together, so that what they share cancels.
    np.testing.assert_allclose(found.onset_after_first.low[1], 0.5, atol=1e-9)
    assert found.onset_after_first.value[0] == 0
    assert np.isnan([found.onset.value[2], found.peak.low[2]]).all()
    assert found.peak.value[1] == found.peak.value[0] + 0.5
