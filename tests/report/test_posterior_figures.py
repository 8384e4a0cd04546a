import dataclasses

import numpy as np
import pytest
from invented_recording import changed_scores, reconstruction

from twophoton_decode.decoding.scoring.shown import LEVELS, with_shown
from twophoton_decode.errors import RecordError
from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.reconstruction.posterior import posterior_panels


def with_posterior(scale=1.0):
    """A reconstruction whose errors are as large as it says, times 1/scale."""
    made = reconstruction()
    generator = np.random.default_rng(0)
    sd = generator.uniform(0.5, 2.0, made.picture.shape)
    average = made.picture + sd * generator.standard_normal(sd.shape)
    inside = np.abs(made.picture - average) <= 1.645 * scale * sd
    return changed_scores(
        made, average=average, posterior_sd=scale * sd, coverage_90=float(inside.mean())
    )


def test_right_intervals_hold_what_they_say():
    drawing = posterior_panels(with_posterior())
    np.testing.assert_allclose(drawing.table["nominal"], LEVELS)
    np.testing.assert_allclose(drawing.table["held"], LEVELS, atol=0.02)
    np.testing.assert_allclose(drawing.table["rms_deviation_in_sd"].mean(), 1.0, atol=0.02)
    assert drawing.name == "posterior_ridge"


def test_too_narrow_intervals_hold_less():
    held = posterior_panels(with_posterior(0.5)).table["held"]
    assert held[-2] == pytest.approx(0.589, abs=0.02)  # 0.9 nominal: 2 Phi(0.822) - 1


def test_the_caption_tells_the_coverage_and_the_figure_renders():
    made = with_posterior()
    drawing = posterior_panels(made)
    assert f"holds {100 * made.coverage_90:.1f} %" in drawing.caption
    assert render(drawing)["png"].startswith(b"\x89PNG")


def test_a_decoder_without_posterior_is_refused():
    with pytest.raises(RecordError, match="ridge does not say how sure it is"):
        posterior_panels(reconstruction())


def test_pixels_without_posterior_width_are_counted_and_said():
    """Two columns of sd 0: one that is exact, and one that is off by 1 in every image."""
    plain = with_posterior()
    sd, average = plain.posterior_sd.copy(), plain.average.copy()
    sd[:, :, :2] = 0.0
    average[:, :, 0] = plain.picture[:, :, 0]
    average[:, :, 1] = plain.picture[:, :, 1] + 1.0
    made = with_shown(dataclasses.replace(plain, posterior_sd=sd, average=average))
    side = made.picture.shape[2]
    assert made.posterior_certain == pytest.approx(2 / side)
    assert np.isnan(made.posterior_deviation[:, :, :2]).all()
    error, rest = made.picture - average, sd > 0
    off = np.abs(error[rest] / sd[rest]) > 3
    expected = (off.sum() + error[:, :, 1].size) / error.size
    assert made.beyond_three == pytest.approx(expected)
    held = (np.abs(error[rest] / sd[rest]) <= 1.6448536).sum() + error[:, :, 0].size
    assert made.posterior_held[17] == pytest.approx(held / error.size)
    own = (error[0][rest[0]] / sd[0][rest[0]]).astype(float)
    assert made.image_deviation[0] == pytest.approx(np.sqrt(np.mean(own**2)), rel=1e-5)
    density = np.histogram(error[rest] / sd[rest], made.deviation_edge, density=True)[0]
    np.testing.assert_allclose(made.deviation_density, density, rtol=1e-5)
    caption = posterior_panels(made).caption
    assert "of the pixels have a posterior standard deviation of 0" in caption
    assert "posterior standard deviation of 0" not in posterior_panels(plain).caption


def test_a_posterior_without_any_width_is_drawn():
    plain = with_posterior()
    made = with_shown(dataclasses.replace(plain, posterior_sd=np.zeros_like(plain.posterior_sd)))
    assert made.posterior_certain == 1.0
    assert np.isnan(made.image_deviation).all()
    assert not made.deviation_density.any()
    assert "100.0 % of the pixels have" in posterior_panels(made).caption
