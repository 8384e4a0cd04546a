"""All spaces and populations together: planted differences are found, bad input is refused."""

import numpy as np
import pytest
from planted_layers import IMAGES, SETTINGS, planted_layers

from twophoton_decode.deep.comparison.decoding.network_decoding import (
    Shown,
    decode_network,
    decoding_folds,
)
from twophoton_decode.deep.comparison.decoding.spaces import Space, gabor_energies, simple_spaces
from twophoton_decode.errors import AnalysisError
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.paired import holm


@pytest.fixture(scope="module")
def planted():
    return planted_layers()


def test_what_is_left_out_is_said(planted):
    assert planted.fields["space"] == ["early", "early", "pixels"]
    assert planted.fields["layer"] == ["early"]
    assert any("layer dead (network) is left out" in note for note in planted.more)


def test_planted_features_are_decoded_and_others_are_not(planted):
    two_way, p = planted.fields["two_way_mean"], planted.fields["two_way_p"]
    trained, twin, pixels = range(3)
    assert 0.85 < two_way[2, trained] < 1
    assert two_way[1, twin] > 0.85
    assert p[2, trained] == pytest.approx(1 / 201)
    for row, column in ((1, trained), (2, twin), (0, pixels)):
        assert abs(two_way[row, column] - 0.5) < 0.2
        low, high = planted.fields["two_way_wrong"][row, column, 1:]
        assert low < 0.5 < high
    mean = planted.fields["two_way"].mean(axis=2)
    np.testing.assert_allclose(mean, two_way, rtol=1e-5)
    low, high = planted.fields["two_way_ci95"][2, trained]
    assert low < two_way[2, trained] < high


def test_units_are_told_with_their_places(planted):
    unit_r, space = planted.fields["unit_r"], planted.fields["space_of_unit"]
    assert unit_r.shape == (3, 120)
    means = [unit_r[1, space == n].mean() for n in range(3)]
    np.testing.assert_allclose(means, planted.fields["unit_r_mean"][1], rtol=1e-4)
    np.testing.assert_array_equal(planted.fields["place"][space == 1], np.arange(40) * 3)


def test_differences_are_paired_and_corrected(planted):
    fields = planted.fields
    assert fields["control"] == ["random", "pixels"]
    two_way = fields["two_way"].mean(axis=2)
    np.testing.assert_allclose(
        fields["difference"][:, 0, 0], two_way[:, 0] - two_way[:, 1], rtol=1e-4
    )
    assert fields["difference_p"][2, 0, 0] < 0.05
    assert fields["difference_ci95"][2, 0, 0, 0] > 0


def test_gain_of_the_second_population_over_the_first(planted):
    fields = planted.fields
    gain = fields["difference"][:, 0, 0]
    assert fields["pair"].tolist() == [2]
    assert fields["gain_difference"][0, 0] == pytest.approx(gain[2] - gain[1], rel=1e-4)
    assert fields["gain_difference_ci95"][0, 0, 0] > 0.4


def test_of_several_twins_the_mean_counts_and_their_draw_is_in_the_interval(planted):
    fields = planted_layers(twins=4).fields
    assert [seed for seed in fields["seed"] if seed >= 0] == [0, 1, 2, 3]
    two_way = fields["two_way"].mean(axis=2)
    twins = [place for place, kind in enumerate(fields["kind"]) if kind == "random"]
    gain = two_way[:, 0] - two_way[:, twins].mean(axis=1)
    np.testing.assert_allclose(fields["difference"][:, 0, 0], gain, rtol=1e-4)
    assert fields["gain_difference"][0, 0] == pytest.approx(gain[2] - gain[1], rel=1e-4)
    # Cells "A" carry one twin of four: what other twins would give is all but unknown, though
    # not from the pictures, over which the mean of these four hardly varies.
    width = np.ptp(fields["difference_ci95"][:, 0, 0], axis=-1)
    alone = np.ptp(planted.fields["difference_ci95"][:, 0, 0], axis=-1)
    assert width[1] > 2 * alone[1]
    assert fields["difference_p"][1, 0, 0] > planted.fields["difference_p"][1, 0, 0]


def test_units_that_twins_lack_are_said_once():
    rng = np.random.default_rng(0)
    spaces = [
        Space("network", "early", rng.normal(size=(IMAGES, 9)).astype(np.float32), np.arange(9))
    ]
    for seed in range(3):
        features = rng.normal(size=(IMAGES, 9)).astype(np.float32)
        features[:, : seed + 1] = 1
        spaces.append(Space("random", "early", features, np.arange(9), seed=seed))
    planted = planted_layers()
    notes = decode_network(
        Shown(rng.normal(size=(IMAGES, 12)), np.arange(IMAGES), rng.normal(size=(IMAGES, 12)),
              {"all": np.arange(12)}),
        spaces, planted.folds, SETTINGS,
    )[1]  # fmt: skip
    said = [note for note in notes if "random weights" in note]
    assert len(said) == 1
    assert said[0].startswith("1 to 3 of 9 units of layer early with random weights are left out")


def test_ceilings_stand_beside_the_scores(planted):
    fields = planted.fields
    assert fields["two_way_repeat"][2, 0] > 0.85
    assert 0 < fields["reliability"][2, 0] < 1
    assert fields["unit_r_infinite"][2, 0] == pytest.approx(
        fields["unit_r_mean"][2, 0] / fields["reliability"][2, 0] ** 0.5
    )


def test_candidates_end_with_the_pool(planted):
    # Ten folds of six images: one true and five wrong ones.
    assert planted.fields["candidates"].tolist() == [2, 5, 6]
    assert planted.fields["pool"] == "images of a fold"
    assert planted.fields["top1"][2, 0, 0] == pytest.approx(
        planted.fields["two_way_mean"][2, 0], abs=1e-6
    )


def test_holm_over_layers_is_applied_along_layers():
    from twophoton_decode.deep.comparison.decoding.network_decoding import _corrected

    p = np.array([[[0.01], [0.02], [0.5]]])
    np.testing.assert_allclose(_corrected(p, 1)[0, :, 0], holm(p[0, :, 0]))


def test_folds_hold_five_images_and_few_images_are_refused():
    pictures = np.random.default_rng(0).normal(size=(32, 16, 16))
    folds, notes = decoding_folds(pictures, None, DecodingSettings(folds=32))
    assert np.bincount(folds.fold).min() >= 5
    assert "32 folds were asked for; 6 are used" in notes[0]
    with pytest.raises(AnalysisError, match=r"20 or more.*has 19 among 20"):
        decoding_folds(np.concatenate([pictures[:19], pictures[:1]]), None, DecodingSettings())


def test_a_large_group_has_other_pictures_to_be_told_from():
    """Eight of 60 pictures are alike: in a fold of six, no image would have a wrong candidate."""
    pictures = np.random.default_rng(1).normal(size=(60, 16, 16))
    group = np.where(np.arange(60) < 8, 0, np.arange(60))
    folds, notes = decoding_folds(pictures, group, DecodingSettings(folds=10))
    alike = folds.fold[:8]
    assert len(set(alike)) == 1
    assert np.count_nonzero(folds.fold == alike[0]) >= 16
    assert "10 folds were asked for" in notes[0]
    with pytest.raises(AnalysisError, match="half of the 60 pictures or more show the same"):
        decoding_folds(pictures, np.where(np.arange(60) < 40, 0, np.arange(60)), DecodingSettings())


def test_nothing_to_decode_is_said(planted):
    dead = [Space("network", "dead", np.zeros((IMAGES, 9), np.float32), np.arange(9))]
    shown = Shown(np.ones((IMAGES, 3)), np.arange(IMAGES), np.ones((IMAGES, 3)), {})
    with pytest.raises(AnalysisError, match=r"no layer of the network can be decoded.*zero norm"):
        decode_network(shown, dead, planted.folds, SETTINGS)


def test_gabor_energies_do_not_see_phase():
    rows = np.arange(32)
    waves = [np.cos(2 * np.pi * rows / 6 + phase) for phase in np.linspace(0, np.pi, 7)]
    energies = gabor_energies(np.stack([np.tile(wave, (32, 1)) for wave in waves]))
    assert energies.shape == (7, 624)
    strongest = int(energies[0].argmax())
    # A single filter of the pair passes through zero as the phase moves on by half a cycle.
    assert np.ptp(energies[:, strongest]) < 0.25 * energies[:, strongest].max()


def test_distractors_keep_the_order_of_their_features():
    pictures = np.random.default_rng(0).random((5, 32, 32))
    pixels, gabor = simple_spaces(pictures[:3], pictures[3:])
    np.testing.assert_allclose(pixels.distractors, pictures[3:].reshape(2, -1), rtol=1e-6)
    np.testing.assert_allclose(gabor.distractors, gabor_energies(pictures[3:]))
