"""What is left of motion: nothing where the shifts are the true ones."""

import numpy as np
import pytest

from twophoton_decode.simulation.microscope.bending import bending_modes
from twophoton_decode.simulation.microscope.residual_motion import residual_motion

SIDE = 64
Y, X = (place.ravel() for place in np.meshgrid([15.5, 31.5, 47.5], [15.5, 47.5], indexing="ij"))


@pytest.fixture
def true():
    rng = np.random.default_rng(4)
    motion, bend = rng.uniform(-3, 3, (40, 2)), rng.uniform(-1, 1, (40, 3, 2))
    shift = np.zeros((40, Y.size, 2))
    # The shift s = d(p + s), to which this converges since tissue bends gently.
    for _ in range(60):
        modes = bending_modes(Y + shift[..., 0], X + shift[..., 1], SIDE)
        shift = motion[:, None] + np.einsum("fma,mfp->fpa", bend, modes)
    return shift, motion, bend


def test_true_shifts_leave_nothing_wherever_the_reference_lies(true):
    shift, motion, bend = true
    assert residual_motion(shift, Y, X, motion, bend, SIDE).max() < 1e-6
    rigid = np.repeat(motion[:, None] + [0.4, -0.2], Y.size, axis=1)
    assert residual_motion(rigid, Y, X, motion, bend[:, :0], SIDE).max() < 1e-9


def test_an_error_of_one_frame_is_found_there(true):
    _, motion, bend = true
    shift = np.repeat(motion[:, None], Y.size, axis=1)
    shift[7, 2] += [0.3, -0.4]
    found = residual_motion(shift, Y, X, motion, 0 * bend, SIDE)
    assert found[7, 2] == pytest.approx(0.5)
    found[7, 2] = 0
    assert found.max() < 1e-9


def test_bending_that_was_not_corrected_remains(true):
    _, motion, bend = true
    rigid = np.repeat(motion[:, None], Y.size, axis=1)
    modes = bending_modes(Y + rigid[..., 0], X + rigid[..., 1], SIDE)
    bent = np.einsum("fma,mfp->fpa", bend, modes)
    expected = np.hypot(*np.moveaxis(bent - np.median(bent, axis=0), 2, 0))
    np.testing.assert_allclose(residual_motion(rigid, Y, X, motion, bend, SIDE), expected)
