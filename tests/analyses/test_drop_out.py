"""Drop-out of cells, against reconstructions made anew without them."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made_records import random_recording, reconstruction_of, responses_of
from scipy import stats

from twophoton_decode.analyses.fold import FoldTrials
from twophoton_decode.analyses.readout import FilterReadout
from twophoton_decode.analyses.stability import drop_out as module
from twophoton_decode.analyses.stability.drop_out import compared, drop_out, removal_counts
from twophoton_decode.statistics.paired import holm


def test_counts_go_to_half_of_the_cells():
    assert removal_counts(726).tolist() == [0, 1, 2, 5, 10, 20, 50, 100, 200]
    assert removal_counts(10_000)[-1] == 5000
    assert removal_counts(3).tolist() == [0, 1]
    assert removal_counts(1).tolist() == [0]


def test_removed_cells_stand_at_their_mean():
    reconstruction, responses = random_recording(np.random.default_rng(0), cells=12)
    trials = FoldTrials.of(reconstruction, responses, 1)
    found = drop_out(
        FilterReadout.of(reconstruction, trials), np.array([0, 2, 5]), np.random.default_rng(0)
    )
    filters = reconstruction.reverse_filter[1].astype(float)
    whole = (trials.response - reconstruction.mean_response[1]) @ filters
    shown = (reconstruction.picture - reconstruction.mean_picture[1]).reshape(8, -1)[trials.image]
    r, similarity = [], []
    for t, response in enumerate(trials.response):
        response = response.copy()
        strongest = np.argsort(-response)[:5]
        response[strongest] = reconstruction.mean_response[1][strongest]
        made = (response - reconstruction.mean_response[1]) @ filters
        others = (trials.image == trials.image[t]) & (np.arange(len(whole)) != t)
        r.append(np.corrcoef(made, shown[t])[0, 1])
        similarity.append(np.corrcoef(made, whole[others].mean(axis=0))[0, 1])
    np.testing.assert_allclose(found["r"][:, 2], np.reshape(r, (-1, 3)).mean(1), atol=1e-5)
    expected = np.reshape(similarity, (-1, 3)).mean(axis=1)
    np.testing.assert_allclose(found["similarity"][:, 2], expected, atol=1e-5)
    for measure in ("r", "similarity"):
        np.testing.assert_allclose(found[measure][:, 0], found[f"{measure}_random"][:, 0])


def test_the_whole_population_is_decoded_once(monkeypatch):
    """Once for all draws and for the strongest; what is taken off is decoded, not what is left."""
    reconstruction, responses = random_recording(np.random.default_rng(0), cells=12)
    readout = FilterReadout.of(reconstruction, FoldTrials.of(reconstruction, responses, 1))
    decoded, rows = FilterReadout.decoded, []

    def counted(self, amplitude):
        rows.append(bool((amplitude == self.amplitude).all()))
        return decoded(self, amplitude)

    monkeypatch.setattr(FilterReadout, "decoded", counted)
    drop_out(readout, np.array([0, 2, 5]), np.random.default_rng(0))
    assert rows.count(True) == 1
    # The strongest cells that each of two further counts takes off.
    assert rows.count(False) == 2


def test_removing_every_cell_leaves_nothing(monkeypatch):
    monkeypatch.setattr(module, "DRAWS", 3)
    reconstruction, responses = random_recording(np.random.default_rng(1), cells=6)
    readout = FilterReadout.of(reconstruction, FoldTrials.of(reconstruction, responses, 0))
    rng = np.random.default_rng(0)
    one = [drop_out(readout, np.array([0, 5]), rng)["r_random"][:, 1] for _ in range(200)]
    # Five of six cells gone: each cell is left alone equally often.
    alone = np.zeros(len(readout.trials.shown))
    for cell in range(6):
        only = np.zeros_like(readout.amplitude)
        only[:, cell] = readout.amplitude[:, cell]
        alone += readout.by_image(readout.r(readout.decoded(only))) / 6
    np.testing.assert_allclose(np.mean(one, axis=0), alone, atol=0.04)


@pytest.fixture(scope="module")
def carried_by_the_active():
    """Cells that are strong, one group per image, carry the picture; the others are noise."""
    rng = np.random.default_rng(2)
    images, cells = 16, 64
    image = np.repeat(np.arange(images), 4)
    response = 0.05 * rng.normal(size=(image.size, cells))
    group = np.arange(cells) % images
    response += np.where(group == image[:, None], 1.0 + 0.1 * rng.normal(size=response.shape), 0)
    picture = rng.normal(size=(images, 6, 6))
    filters = np.repeat(picture.reshape(images, -1)[group][None], 2, axis=0)
    responses = responses_of(response, image, picture)
    zero = np.zeros((2, cells))
    made = reconstruction_of(responses, np.arange(images) % 2, np.zeros((2, 6, 6)), zero, filters)
    return FilterReadout.of(made, FoldTrials.of(made, responses, 0))


def test_active_cells_that_carry_the_picture_are_missed(carried_by_the_active):
    found = drop_out(carried_by_the_active, np.array([0, 2, 4]), np.random.default_rng(0))
    assert found["r"][:, 0].min() > 0.9
    assert found["r"][:, 2].mean() < 0.5
    assert found["r_random"][:, 2].min() > 0.85


def test_differences_are_tested_and_corrected():
    rng = np.random.default_rng(3)
    top = rng.normal(size=(12, 3))
    top[:, 0] = 0
    random = top + np.array([0, 0.1, 1]) + 0.5 * rng.normal(size=(12, 3)) * [0, 1, 1]
    untested = np.full((1, 3), np.nan)
    kinds = {"": np.vstack([top, untested]), "_random": np.vstack([random, untested])}
    found = {f"{m}{kind}": kinds[kind] for m in ("r", "similarity") for kind in kinds}
    fields = compared(found, np.arange(13))
    tests = [stats.ttest_rel(top[:, c], random[:, c]) for c in (1, 2)]
    p = [test.pvalue for test in tests]
    expected = holm(np.array([np.nan, *p, np.nan, *p]))
    np.testing.assert_allclose(fields["dropout_r_p"], expected[:3])
    np.testing.assert_allclose(fields["dropout_similarity_p"], expected[3:])
    ends = [tuple(test.confidence_interval()) for test in tests]
    found_ends = np.stack([fields["dropout_r_low"], fields["dropout_r_high"]], axis=1)
    np.testing.assert_allclose(found_ends[1:], ends)
    assert fields["dropout_r_low"][0] == fields["dropout_r_high"][0] == 0
    assert fields["dropout_r_effect"][2] < -0.8
