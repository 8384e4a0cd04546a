"""Pictures from elsewhere as candidates: units, repeats, and what the session showed."""

import numpy as np
import pytest
from simulated_trials import responses, trials

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.decoding.scoring.distractors import usable_distractors
from twophoton_decode.errors import StimulusImageError
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.settings import DecodingSettings

SPACE = FeatureSpace((6, 6))


def pictures(count, seed):
    return np.random.default_rng(seed).normal(size=(count, 6, 6))


def test_units_of_the_files_do_not_matter():
    shown, others = pictures(8, 0) * 0.2 + 0.5, pictures(30, 1)
    plain, _ = usable_distractors(others, shown, SPACE)
    scaled, notes = usable_distractors(255 * others + 10, shown, SPACE)
    np.testing.assert_allclose(plain, scaled, atol=1e-12)
    np.testing.assert_allclose([plain.mean(), plain.std()], [shown.mean(), shown.std()])
    assert notes == []


def test_what_the_session_showed_is_left_out_and_repeats_count_once():
    shown, others = pictures(8, 0), pictures(30, 1)
    given = np.concatenate([others, 3 * shown[2:4] + 1, others[:5]])
    used, notes = usable_distractors(given, shown, SPACE)
    assert len(used) == 30
    assert notes[0].startswith("5 of 37 distractors repeat another one")
    assert notes[1].startswith("2 of 37 distractors show the same as a picture of the session")


def test_what_counts_as_the_same_is_the_sessions_setting():
    shown, others = pictures(8, 0), pictures(20, 1)
    close = shown[:3] + 0.1 * pictures(3, 2)  # r of about 0.995
    given = np.concatenate([others, close, shown[3:4]])
    for limit, left in ((0.95, 20), (0.999, 23), (1.0, 23)):
        used, notes = usable_distractors(given, shown, SPACE, limit)
        assert len(used) == left
        assert f"near_duplicate_correlation under [decoding] is {limit:g}" in notes[-1]


def test_without_distractors_there_are_none():
    used, notes = usable_distractors(None, pictures(8, 0), SPACE)
    assert used.shape == (0, 6, 6)
    assert notes == []


def test_only_pictures_of_the_session_are_refused():
    shown = pictures(8, 0)
    with pytest.raises(StimulusImageError, match="all 8 distractors are pictures that the session"):
        usable_distractors(shown, shown, SPACE)
    with pytest.raises(StimulusImageError, match="uniform"):
        usable_distractors(np.ones((4, 6, 6)), shown, SPACE)


def test_distractors_change_no_reconstruction():
    response, image, shown = trials(images=12, pixels=36, cells=9)
    record = responses(response, image, shown.reshape(-1, 6, 6))
    settings = DecodingSettings(features="pixels", folds=4, permutations=2, bootstraps=100)
    without = reconstruct(record, "ridge", settings)
    among = reconstruct(record, "ridge", settings, distractors=pictures(200, 1))
    np.testing.assert_array_equal(among.single, without.single)
    assert list(without.pool_name) == ["session"]
    assert list(among.pool_size) == [12, 201]
    # Candidates fit less often at random than the true image does, in both pools.
    assert among.top1_average[1, :, 0].mean() > 0.75
    assert among.rank_average[1].mean() < 0.5 * 101
    np.testing.assert_array_equal(among.rank_average[0], without.rank_average[0])
