import numpy as np
import pytest
from simulated_trials import trials

from twophoton_decode.decoding.decoders.all_cells import Decoder as AllCells
from twophoton_decode.decoding.decoders.cell_selection import Decoder
from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge


def plain_loops(response, Y, image, threshold, strength):
    """Select by correlation of sums over repeats, then ridge per feature."""
    R, F = response - response.mean(axis=0), Y - Y.mean(axis=0)
    images = np.unique(image)
    features = np.stack([F[image == i][0] for i in images])
    coef = np.zeros((R.shape[1], F.shape[1]))
    for j in range(F.shape[1]):
        chosen = []
        for k in range(R.shape[1]):
            sums = np.array([R[image == i, k].sum() for i in images])
            r = np.corrcoef(sums, features[:, j])[0, 1]
            if abs(r) * np.sqrt(len(images) - 1) > threshold:
                chosen.append(k)
        X = R[:, chosen]
        coef[chosen, j] = np.linalg.solve(X.T @ X + strength * np.eye(len(chosen)), X.T @ F[:, j])
    return coef


@pytest.mark.parametrize("threshold", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("strengths", [(0.0,), (0.1, 1.0, 10.0)])
def test_weights_match_plain_loops(threshold, strengths):
    response, image, pictures = trials(cells=15, images=20)
    Y = pictures[image]
    decoder = Decoder(threshold, strengths).fit(response, Y)
    expected = plain_loops(response, Y, image, threshold, decoder.strength_)
    assert 0 < np.count_nonzero(expected) < expected.size
    np.testing.assert_allclose(decoder.coef_, expected, atol=1e-7)


def test_with_every_cell_selected_it_is_ridge_or_least_squares():
    response, image, pictures = trials(noise=3.0)
    Y = pictures[image]
    everything, ridge = Decoder(threshold=0.0).fit(response, Y), Ridge().fit(response, Y)
    np.testing.assert_allclose(everything.coef_, ridge.coef_, atol=1e-8)
    assert everything.strength_ == ridge.strength_ > 0
    unpenalised = Decoder(threshold=0.0, strengths=(0.0,)).fit(response, Y)
    np.testing.assert_allclose(unpenalised.coef_, AllCells().fit(response, Y).coef_, atol=1e-7)


def test_features_that_no_cell_encodes_stay_at_their_mean():
    response, image, pictures = trials()
    decoder = Decoder(threshold=1e6).fit(response, pictures[image])
    np.testing.assert_allclose(
        decoder.predict(response), np.broadcast_to(pictures.mean(axis=0), (48, 9))
    )
    assert "9 of 9 features" in decoder.warnings_[0]
