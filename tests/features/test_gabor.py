import numpy as np
import pytest
from skimage import data

from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.features.gabor import FeatureSpace, gabor_bank


@pytest.fixture(scope="module")
def space():
    return FeatureSpace((32, 32))


@pytest.fixture(scope="module")
def crops():
    camera = data.camera()[::2, ::2].astype(float)
    corners = np.random.default_rng(0).integers(0, 256 - 32, (60, 2))
    return np.stack([camera[y : y + 32, x : x + 32] for y, x in corners])


def test_bank_has_the_papers_number_of_filters():
    assert gabor_bank().shape == (1248, 32 * 32)
    assert (11**2 + 5**2 + 3**2 + 1) * 4 * 2 == 1248


def test_filters_have_unit_norm_and_no_dc():
    bank = gabor_bank()
    np.testing.assert_allclose(np.linalg.norm(bank, axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose(bank.sum(axis=1), 0.0, atol=1e-10)


def test_uniform_picture_has_no_features(space):
    np.testing.assert_allclose(space.encode(np.full((1, 32, 32), 7.0)), 0.0, atol=1e-9)


def test_no_two_filters_are_alike():
    overlap = np.abs(gabor_bank() @ gabor_bank().T)
    np.fill_diagonal(overlap, 0.0)
    assert overlap.max() < 0.999


def test_finest_level_is_the_coarser_ones_made_smaller():
    """The filters in the middle of the 11² and 5² levels fall off alike in units of spacing."""
    bank = gabor_bank().reshape(-1, 32, 32)
    fine = bank[: 121 * 8].reshape(11, 11, 8, 32, 32)[5, 5, 0]
    coarse = bank[121 * 8 : 146 * 8].reshape(5, 5, 8, 32, 32)[2, 2, 0]

    def spread(picture):
        power = picture**2 / (picture**2).sum()
        return np.sqrt((power * ((np.arange(32) - 15.5) ** 2)[:, None]).sum())

    assert spread(coarse) / spread(fine) == pytest.approx(11 / 5, rel=0.1)


def test_natural_pictures_survive_the_way_there_and_back(space, crops):
    target = crops - crops.mean(axis=0)
    back = space.decode(space.encode(target))
    ceiling = correlation(target.reshape(60, -1), back.reshape(60, -1))
    assert ceiling.mean() > 0.95
    assert ceiling.min() > 0.8


def test_decode_is_the_decoding_matrix(space):
    features = np.random.default_rng(1).standard_normal((3, space.count))
    expected = (features @ space.decoding_matrix).reshape(3, 32, 32)
    np.testing.assert_allclose(space.decode(features), expected)


def test_way_back_is_the_stabilised_least_squares_solution(space):
    """It minimises ‖f − Bx‖² + ε‖x‖²: the gradient vanishes there."""
    features = np.random.default_rng(2).standard_normal(space.count)
    picture = space.decode(features[None])[0].ravel()
    bank = space.bank
    epsilon = 1e-2 * np.linalg.norm(bank, 2) ** 2
    gradient = bank.T @ (bank @ picture - features) + epsilon * picture
    np.testing.assert_allclose(gradient, 0.0, atol=1e-8)


def test_pictures_of_working_size_stay_as_they_are(space, crops):
    np.testing.assert_array_equal(space.prepare(crops), crops)


@pytest.mark.parametrize("shape", [(31, 31), (64, 64), (20, 48)])
def test_other_pictures_are_brought_to_working_size(shape):
    space = FeatureSpace(shape)
    rows = np.linspace(0, 1, shape[0])[:, None] * np.ones(shape)
    prepared = space.prepare(np.stack([rows, np.full(shape, 3.0)]))
    assert prepared.shape == (2, 32, 32)
    np.testing.assert_allclose(prepared[1], 3.0)
    assert np.all(np.diff(prepared[0].mean(axis=1)) >= -1e-9)
    assert prepared[0].mean() == pytest.approx(0.5, abs=0.01)


def test_making_smaller_averages():
    """A checkerboard at the pixel scale turns grey instead of aliasing."""
    board = np.indices((64, 64)).sum(axis=0) % 2.0
    prepared = FeatureSpace((64, 64)).prepare(board[None])
    np.testing.assert_allclose(prepared[0, 2:-2, 2:-2], 0.5, atol=0.1)
