import numpy as np
import pytest
from simulated_trials import trials

from twophoton_decode.decoding.decoders.all_cells import Decoder as AllCells
from twophoton_decode.decoding.decoders.cell_selection import Decoder


def plain_loops(response, Y, image, threshold):
    """Select by correlation of sums over repeats, then least squares per feature."""
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
        if chosen:
            coef[chosen, j] = np.linalg.lstsq(R[:, chosen], F[:, j], rcond=None)[0]
    return coef


@pytest.mark.parametrize("threshold", [0.5, 1.0, 2.0])
def test_weights_match_plain_loops(threshold):
    response, image, pictures = trials(cells=15, images=20)
    decoder = Decoder(threshold=threshold).fit(response, pictures[image])
    expected = plain_loops(response, pictures[image], image, threshold)
    assert 0 < np.count_nonzero(expected) < expected.size
    np.testing.assert_allclose(decoder.coef_, expected, atol=1e-7)


def test_without_a_threshold_it_is_least_squares_over_all_cells():
    response, image, pictures = trials()
    chosen = Decoder(threshold=0.0).fit(response, pictures[image])
    everything = AllCells().fit(response, pictures[image])
    np.testing.assert_allclose(chosen.coef_, everything.coef_, atol=1e-7)


def test_features_that_no_cell_encodes_stay_at_their_mean():
    response, image, pictures = trials()
    decoder = Decoder(threshold=1e6).fit(response, pictures[image])
    np.testing.assert_allclose(
        decoder.predict(response), np.broadcast_to(pictures.mean(axis=0), (48, 9))
    )
    assert "9 of 9 features" in decoder.warnings_[0]
