import numpy as np

from twophoton_decode.decoding.fitting.thin_weights import Basis, ThinWeights


def test_a_mixture_is_the_product_of_its_parts():
    rng = np.random.default_rng(0)
    directions, share = rng.normal(size=(7, 4)), rng.normal(size=(4, 5))
    mixture = ThinWeights(Basis(directions), share)
    targets, response = rng.normal(size=(5, 3)), rng.normal(size=(6, 7))
    np.testing.assert_allclose(mixture @ targets, directions @ share @ targets)
    np.testing.assert_allclose(response @ mixture, response @ directions @ share)


def test_responses_are_projected_once_for_all_mixtures_of_a_basis():
    rng = np.random.default_rng(0)
    basis = Basis(rng.normal(size=(7, 4)))
    first, other = rng.normal(size=(6, 7)), rng.normal(size=(2, 7))
    once = basis.project(first)
    assert basis.project(first) is once
    np.testing.assert_allclose(basis.project(other), other @ basis.directions)
    np.testing.assert_allclose(basis.project(first), once)
