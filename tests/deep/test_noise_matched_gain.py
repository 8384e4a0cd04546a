"""The published gain over noise-matched features: the authors' formula, and that it is biased."""

import numpy as np
import pytest
from planted_degraded import fields_of
from scipy import stats

from twophoton_decode.deep.comparison.degraded.nearness import Nearness
from twophoton_decode.deep.comparison.degraded.noise_matched import feature_gain


def published_gain(r_o, r_s, shown, original, r_intact, intact, noise, noise_intact):
    """As in the authors' EstimateMatchedNoise.m and PlotFeatureGain.m, word for word.

    For each signal-to-noise ratio from 10 to -100 dB in steps of 0.1: y = x + n with n of the
    power mean(x²) / 10^(dB / 10), as awgn(x, dB, 'measured') adds it; correlations of y with the
    features of the original and of the stimulus. The ratio whose mean correlation over
    intact pictures is nearest to that of decoded features is taken, or the first with a
    negative one. Gain = (r_o - r_o of y) - (r_s - r_s of y).
    """
    ratios = [10 - 0.1 * step for step in range(1101)]

    def noisy(x, n, decibel):
        return x + n * np.sqrt(np.mean(x**2) / 10 ** (decibel / 10))

    means = np.array(
        [
            np.mean(
                [
                    np.corrcoef(noisy(x, n, decibel), x)[0, 1]
                    for x, n in zip(intact, noise_intact, strict=True)
                ]
            )
            for decibel in ratios
        ]
    )
    target = np.mean(r_intact)
    if target >= 0:
        level = int(np.argmin(np.abs(means - target)))
    else:
        level = int(np.flatnonzero(means < 0)[0])
    gains = []
    for row in range(len(shown)):
        y = noisy(shown[row], noise[row], ratios[level])
        to_original = np.corrcoef(y, original[row])[0, 1]
        to_shown = np.corrcoef(y, shown[row])[0, 1]
        gains.append((r_o[row] - to_original) - (r_s[row] - to_shown))
    return np.array(gains)


@pytest.mark.parametrize("decoded", [0.4, 0.05, -0.02])
def test_the_published_gain_is_the_formula_of_its_authors(decoded):
    rng = np.random.default_rng(3)
    original = rng.normal(0.3, 1, size=(7, 200))
    shown = 0.6 * original + rng.normal(size=(7, 200))
    intact = rng.normal(-0.2, 2, size=(9, 200))
    r_o, r_s, r_intact = rng.normal(0.2, 0.1, 7), rng.normal(0.3, 0.1, 7), np.full(9, decoded)
    found = Nearness(
        r_o[None], r_s[None], np.zeros(7), r_intact, original=original, shown=shown, intact=intact
    )
    gain = feature_gain(found, np.random.default_rng(5))
    again = np.random.default_rng(5)
    noise_intact, noise = again.standard_normal(intact.shape), again.standard_normal(shown.shape)
    expected = published_gain(r_o, r_s, shown, original, r_intact, intact, noise, noise_intact)
    np.testing.assert_allclose(gain, expected, atol=1e-9)
    assert np.ptp(gain) > 0.05


def test_the_published_gain_is_above_zero_without_anything_beyond_the_picture_shown():
    fields, _ = fields_of(0.0, unread=True)
    gain = fields["noise_matched"][0]
    assert stats.ttest_1samp(gain, 0).statistic > 4
    assert fields["noise_matched_mean"][0, 0] == pytest.approx(gain.mean())
    assert fields["design_difference_p"][0, 0] > 0.05
