"""Tissue that bends: where it is displaced to, and that the truth says so."""

from dataclasses import replace

import numpy as np
import pytest

from twophoton_decode.simulation.microscope.bending import MODES, bending_modes, displaced
from twophoton_decode.simulation.microscope.movie import expected_photons
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.writing import truth

SMALL = SimulationParameters(cells=6, images=4, repeats=3, picture_px=16, field_px=48, seed=3)


def test_patterns_run_from_one_to_minus_one_and_move_nothing_as_a_whole():
    modes = bending_modes(*np.indices((40, 40)), 40)
    assert modes.shape == (MODES, 40, 40)
    np.testing.assert_allclose(modes.mean(axis=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(modes[0, [0, -1], 7], [1, -1], atol=0.01)
    np.testing.assert_allclose(modes[1, 7, [0, -1]], [1, -1], atol=0.01)
    np.testing.assert_allclose(modes[2], modes[0] * modes[1])


def test_a_ramp_is_displaced_by_exactly_its_field():
    rows, columns = np.indices((30, 30)).astype(float)
    field = np.random.default_rng(0).uniform(-2, 2, (2, 24, 24))
    seen = displaced(10 * rows + columns, field, 3)
    still = 10 * rows[3:-3, 3:-3] + columns[3:-3, 3:-3]
    np.testing.assert_allclose(seen, still - 10 * field[0] - field[1], rtol=1e-5)


@pytest.fixture(scope="module")
def bent():
    return simulate(replace(SMALL, bend_px=1.5))


def canvas_at(scene, frame):
    """All that shines in one frame, before it moves."""
    neuropil = np.tensordot(scene.neuropil_course[:, frame], scene.neuropil, axes=1)
    return neuropil + (scene.soma.T @ scene.soma_course[:, frame]).reshape(neuropil.shape)


def test_frames_show_what_the_displacement_says(bent):
    scene, margin = bent.scene, bent.scene.margin
    y, x = np.indices((48, 48))
    for at in abs(scene.bend).sum(axis=(1, 2)).argsort()[-3:]:
        frame, canvas = expected_photons(scene, at, at + 1)[0], canvas_at(scene, at)
        field = scene.displacement(at, at + 1, y, x)[0]
        np.testing.assert_allclose(frame, displaced(canvas, field, margin), rtol=1e-4)
        down, right = np.rint(field).astype(int)
        near = canvas[y - down + margin, x - right + margin]
        unmoved = canvas[margin:-margin, margin:-margin]
        # Rounded to whole pixels, the displacement explains most of what has changed.
        assert ((frame - near) ** 2).mean() < 0.5 * ((frame - unmoved) ** 2).mean()


def test_displacement_is_rigid_motion_plus_patterns_at_any_places(bent):
    scene, places = bent.scene, np.array([3.5, 40.0])
    found = scene.displacement(5, 9, places, places)
    assert found.shape == (4, 2, 2)
    modes = bending_modes(places, places, 48)
    expected = scene.motion[7, 1] + scene.bend[7, :, 1] @ modes
    np.testing.assert_allclose(found[2, 1], expected)
    rigid = replace(scene, bend=None).displacement(5, 9, places, places)
    np.testing.assert_allclose(rigid[:, :, 0], scene.motion[5:9])


def test_bending_changes_nothing_else_and_is_in_the_truth(bent):
    rigid = simulate(SMALL)
    np.testing.assert_array_equal(rigid.dff, bent.dff)
    np.testing.assert_array_equal(rigid.scene.motion, bent.scene.motion)
    assert rigid.scene.bend is None
    assert truth(rigid)["bend"].shape == (SMALL.frames, 0, 2)
    np.testing.assert_array_equal(truth(bent)["bend"], bent.scene.bend)
    assert bent.scene.bend.shape == (SMALL.frames, MODES, 2)
    assert 0.3 < abs(bent.scene.bend).max() <= 1.5
