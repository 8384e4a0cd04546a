import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr
from skimage.metrics import structural_similarity

from twophoton_decode.decoding.scoring.scores import (
    correlation,
    determination,
    infinite_trials_r,
    is_constant,
    octave_correlation,
    octave_edges,
    similarity,
    two_way_identification,
)
from twophoton_decode.statistics.by_image import mean_by_image


@pytest.fixture
def generator():
    return np.random.default_rng(0)


@given(seed=st.integers(0, 500), offset=st.floats(-100, 100), scale=st.floats(1e-3, 1e3))
def test_correlation_is_pearsons_whatever_offset_and_scale(seed, offset, scale):
    a, b = np.random.default_rng(seed).standard_normal((2, 3, 20))
    expected = [pearsonr(x, y).statistic for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(correlation(a * scale + offset, b), expected, atol=1e-9)


def test_a_constant_row_counts_as_zero_and_is_told(generator):
    rows = np.stack([np.full(7, 0.1), np.zeros(7), generator.standard_normal(7)])
    assert is_constant(rows).tolist() == [True, True, False]
    assert correlation(rows, generator.standard_normal((3, 7)))[:2].tolist() == [0.0, 0.0]


def test_determination_of_known_reconstructions(generator):
    shown, mean = generator.standard_normal((2, 4, 10))
    np.testing.assert_allclose(determination(shown, shown, mean), 1.0)
    np.testing.assert_allclose(determination(shown, mean, mean), 0.0)
    np.testing.assert_allclose(determination(shown, 2 * mean - shown, mean), -3.0)
    assert np.isnan(determination(mean, shown, mean)).all()


def test_two_way_identification_matches_a_count(generator):
    candidates = generator.standard_normal((9, 30))
    own = np.array([0, 3, 3, 8])
    made = candidates[own] + 5 * generator.standard_normal((4, 30))
    expected = []
    for row, true in zip(made, own, strict=True):
        fit = [pearsonr(row, other).statistic for other in candidates]
        expected.append(np.mean([fit[true] > fit[i] for i in range(9) if i != true]))
    assert 0 < np.mean(expected) < 1
    found = two_way_identification(made, candidates, own, np.arange(9))
    np.testing.assert_allclose(found, expected)


def test_two_way_identification_leaves_out_copies_of_the_true_image(generator):
    candidates = generator.standard_normal((4, 30))
    candidates[1] = candidates[0]
    identity = np.array([0, 0, 1, 2])
    found = two_way_identification(candidates[:1], candidates, np.array([0]), identity)
    assert found.tolist() == [1.0]


def test_a_constant_reconstruction_identifies_at_chance(generator):
    candidates = generator.standard_normal((5, 30))
    found = two_way_identification(np.zeros((1, 30)), candidates, np.array([2]), np.arange(5))
    assert found.tolist() == [0.5]


def test_similarity_is_scikit_images(generator):
    shown, made = generator.standard_normal((2, 3, 12, 11))
    expected = [
        structural_similarity(s, r, data_range=4.0) for s, r in zip(shown, made, strict=True)
    ]
    np.testing.assert_allclose(similarity(shown, made, 4.0), expected)
    np.testing.assert_allclose(similarity(shown, shown, 4.0), 1.0)


@pytest.mark.parametrize(("side", "window"), [(6, 5), (5, 5), (3, 3)])
def test_similarity_of_small_pictures_takes_a_smaller_window(generator, side, window):
    shown, made = generator.standard_normal((2, 1, side, 9))
    expected = structural_similarity(shown[0], made[0], data_range=4.0, win_size=window)
    assert similarity(shown, made, 4.0)[0] == pytest.approx(expected)


def test_similarity_is_undefined_for_tiny_or_uniform_pictures():
    assert np.isnan(similarity(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)), 1.0)).all()
    assert np.isnan(similarity(np.ones((1, 9, 9)), np.zeros((1, 9, 9)), 0.0)).all()


@pytest.mark.parametrize(
    ("shape", "edges"), [((32, 32), [1, 2, 4, 8]), ((31, 31), [1, 2, 4, 8]), ((8, 20), [1, 2])]
)
def test_octaves_end_at_nyquist(shape, edges):
    assert octave_edges(shape).tolist() == edges


def test_each_grating_is_scored_in_its_octave(generator):
    """Reconstruction with the right 1 and 5, the inverted 2 cycles/image, and nothing above."""
    x = np.arange(32) / 32

    def grating(cycles):
        return np.broadcast_to(np.sin(2 * np.pi * cycles * x), (32, 32))

    shown = grating(1) + grating(2) + grating(5) + grating(9)
    made = grating(1) - grating(2) + 0.2 * grating(5)
    found = octave_correlation(shown[None], made[None], octave_edges((32, 32)))
    np.testing.assert_allclose(found, [[1.0, -1.0, 1.0, 0.0]], atol=1e-6)


def test_octaves_add_up_to_the_whole(generator):
    """Covariances per band sum to the covariance over pixels (Parseval)."""
    shown, made = generator.standard_normal((2, 1, 16, 16))
    edges = octave_edges((16, 16))
    bands = [np.inf, *edges[::-1]][::-1]
    frequency = np.hypot(np.fft.fftfreq(16)[:, None], np.fft.fftfreq(16)) * 16
    total = 0.0
    for octave, r in enumerate(octave_correlation(shown, made, edges)[0]):
        inside = (frequency >= bands[octave]) & (frequency < bands[octave + 1])
        a, b = (np.fft.ifft2(np.fft.fft2(p[0]) * inside).real for p in (shown, made))
        assert r == pytest.approx(pearsonr(a.ravel(), b.ravel()).statistic, abs=1e-9)
        total += (a * b).sum()
    assert total == pytest.approx(((shown - shown.mean()) * (made - made.mean())).sum())


def test_mean_by_image_matches_a_loop(generator):
    values, image = generator.standard_normal((20, 3)), generator.permutation(20) % 4
    expected = [values[image == i].mean(axis=0) for i in range(4)]
    np.testing.assert_allclose(mean_by_image(values, image, 4), expected)
    np.testing.assert_allclose(mean_by_image(values[:, 0], image, 4), np.array(expected)[:, 0])


def test_r_with_infinitely_many_trials_is_the_score_without_noise(generator):
    """Reconstructions = gain × image + error that stays + noise that averages out."""
    images, repeats, pixels = 200, 6, 100
    shown = generator.standard_normal((images, pixels))
    stays = shown + generator.standard_normal((images, pixels))
    image = np.repeat(np.arange(images), repeats)
    single = stays[image] + 2 * generator.standard_normal((len(image), pixels))
    average = mean_by_image(single, image, images)
    ceiling = infinite_trials_r(correlation(shown, average), single, average, image)
    assert correlation(shown, average).mean() == pytest.approx(np.sqrt(3 / 8), abs=0.01)
    assert ceiling == pytest.approx(np.sqrt(0.5), abs=0.02)


def test_r_with_infinitely_many_trials_needs_repeats(generator):
    single = generator.standard_normal((5, 10))
    assert np.isnan(infinite_trials_r(np.ones(5), single, single, np.arange(5)))


def test_r_with_infinitely_many_trials_of_pure_noise_is_undefined():
    """Two opposite trials average to nothing but what their noise leaves."""
    generator = np.random.default_rng(5)
    single = generator.standard_normal((2, 50))
    single = np.concatenate([single, 0.01 * single - single])
    image = np.array([0, 1, 0, 1])
    average = mean_by_image(single, image, 2)
    assert np.isnan(infinite_trials_r(np.array([0.1, 0.1]), single, average, image))
