import numpy as np
import pytest
from scipy.sparse import csr_array

from twophoton_decode.simulation.microscope.movie import (
    Detector,
    Scene,
    expected_photons,
    frames_in_chunks,
    grey_levels,
    wandering,
)


def flat_scene(photons, frames=300, side=20, margin=3, motion=None):
    canvas = side + 2 * margin
    return Scene(
        soma=csr_array((1, canvas * canvas), dtype=np.float32),
        soma_course=np.ones((1, frames), dtype=np.float32),
        neuropil=np.full((1, canvas, canvas), photons, dtype=np.float32),
        neuropil_course=np.ones((1, frames), dtype=np.float32),
        motion=np.zeros((frames, 2)) if motion is None else motion,
        margin=margin,
    )


def movie(scene, detector, seed=0, chunk=70):
    return np.concatenate(
        list(frames_in_chunks(scene, detector, np.random.default_rng(seed), chunk))
    )


@pytest.mark.parametrize("photons", [2.0, 8.0, 32.0])
def test_noise_variance_grows_as_the_photons(photons):
    detector = Detector(grey_per_photon=20.0, offset=100.0, read_noise=10.0)
    grey = movie(flat_scene(photons), detector).astype(float)
    assert grey.mean() == pytest.approx(100 + 20 * photons, rel=0.01)
    # Counting photons: gain² × photons; read noise and rounding come on top.
    assert grey.var(0).mean() == pytest.approx(400 * photons + 100 + 1 / 12, rel=0.02)


def test_grey_levels_end_at_sixteen_bits():
    detector = Detector(grey_per_photon=10.0, offset=0.0, read_noise=0.0)
    grey = grey_levels(np.array([0, 5, 10_000]), detector, np.random.default_rng(0))
    assert grey.dtype == np.uint16
    np.testing.assert_array_equal(grey, [0, 50, 65535])


def test_chunks_cover_all_frames_and_stay_small():
    sizes = [len(part) for part in frames_in_chunks(flat_scene(1.0), Detector(), rng(), 128)]
    assert sizes == [128, 128, 44]


def rng():
    return np.random.default_rng(0)


def spot_scene(motion):
    side, margin = 20, 4
    canvas = side + 2 * margin
    spot = np.zeros((canvas, canvas), dtype=np.float32)
    spot[margin + 10, margin + 12] = 1.0
    frames = len(motion)
    return Scene(
        soma=csr_array(spot.reshape(1, -1)),
        soma_course=np.arange(1, frames + 1, dtype=np.float32)[None],
        neuropil=np.zeros((1, canvas, canvas), dtype=np.float32),
        neuropil_course=np.ones((1, frames), dtype=np.float32),
        motion=np.asarray(motion, dtype=float),
        margin=margin,
    )


def test_tissue_moves_down_and_right_by_whole_and_parts_of_pixels():
    frames = expected_photons(spot_scene([[0, 0], [2, -3], [0.25, 0.5]]), 0, 3)
    assert frames[0, 10, 12] == 1
    assert frames[1, 12, 9] == 2
    expected = 3 * np.outer([0.75, 0.25], [0.5, 0.5])
    np.testing.assert_allclose(frames[2, 10:12, 12:14], expected)
    np.testing.assert_allclose(frames.sum((1, 2)), [1, 2, 3])


def test_any_stretch_of_frames_is_the_same_as_the_whole():
    scene = spot_scene(np.random.default_rng(0).uniform(-2, 2, (9, 2)))
    np.testing.assert_array_equal(expected_photons(scene, 0, 9)[4:7], expected_photons(scene, 4, 7))


def test_wandering_stays_within_its_limit_and_moves():
    motion = wandering(3000, 2.0, np.random.default_rng(1))
    assert np.abs(motion).max() <= 2.0
    assert motion.std() > 0.2
    assert np.median(np.abs(np.diff(motion, axis=0))) < 0.1
