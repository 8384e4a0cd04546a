import numpy as np
import pytest
from invented_recording import changed_scores, reconstruction

from twophoton_decode.decoding.scoring.shown import LEVELS
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
    np.testing.assert_allclose(drawing.more["images"]["rms_deviation_in_sd"].mean(), 1.0, atol=0.02)
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
