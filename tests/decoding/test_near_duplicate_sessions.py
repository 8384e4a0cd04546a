"""Whole reconstructions where pictures are also shown shifted, in another contrast or noisy."""

import numpy as np
import pytest

from twophoton_decode.decoding.folds.fold import Fold, Trials
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.encoding.models import encoding_models
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.records import Responses
from twophoton_decode.registry import DECODERS
from twophoton_decode.responses.describe import Measured, describe
from twophoton_decode.settings import DecodingSettings, EncodingSettings, ResponseSettings
from twophoton_decode.simulation.pictures import natural_pictures

SCENES, CELLS, REPEATS = 24, 20, 4
CHANGES = {
    "shifted": lambda p, rng: np.roll(p, 1, axis=2),
    "darker": lambda p, rng: 0.8 * p,
    "noisy": lambda p, rng: p + 0.06 * rng.standard_normal(p.shape),
}


def session(change, seed=0, unrelated=True, grouped=False) -> Responses:
    """Every picture twice; cells tell scenes apart, and know nothing of pictures or see them."""
    rng = np.random.default_rng(seed)
    pictures = natural_pictures(SCENES, 16, np.random.default_rng(9))
    both = np.concatenate([pictures, CHANGES[change](pictures, rng)])
    image = np.concatenate([rng.permutation(2 * SCENES) for _ in range(REPEATS)])
    tuning = rng.standard_normal((SCENES, CELLS))
    if not unrelated:
        rows = pictures.reshape(SCENES, -1) - pictures.mean(axis=0).ravel()
        tuning = rows @ rng.standard_normal((rows.shape[1], CELLS)) / 3
    response = tuning[image % SCENES] + 0.5 * rng.standard_normal((image.size, CELLS))
    measured = Measured(
        response=response,
        image=image,
        repeat=np.arange(image.size) // (2 * SCENES),
        onset_s=np.full(image.size, np.nan),
        roi=np.full(CELLS, -1),
        unit="a.u.",
        has_baseline=False,
    )
    names = np.array([f"{number}.png" for number in range(2 * SCENES)])
    group = np.arange(2 * SCENES) % SCENES if grouped else None
    return describe(measured, both, names, settings=ResponseSettings(), image_group=group)


def settings(**options):
    chosen = {"features": "pixels", "permutations": 0, "bootstraps": 100} | options
    return DecodingSettings(**chosen)


@pytest.mark.parametrize("change", CHANGES)
def test_responses_that_know_nothing_decode_nothing(change):
    """Kept apart, copies give R of 0.3 to 0.7 from responses unrelated to pictures."""
    recordings = [session(change, seed) for seed in range(4)]
    together = [reconstruct(each, "ridge", settings()) for each in recordings]
    apart = reconstruct(recordings[0], "ridge", settings(near_duplicate_correlation=1.0))
    assert apart.r_average.mean() > 0.3
    assert abs(np.mean([each.r_average.mean() for each in together])) < 0.1
    for found in together:
        np.testing.assert_array_equal(found.content[:SCENES], found.content[SCENES:])
        np.testing.assert_array_equal(found.fold[:SCENES], found.fold[SCENES:])
        assert found.two_way_average.mean() < 0.65
        assert any("48 of 48 images show nearly the same" in text for text in found.warnings)


def test_groups_of_the_log_do_the_same():
    found = reconstruct(
        session("shifted", grouped=True), "ridge", settings(near_duplicate_correlation=1.0)
    )
    np.testing.assert_array_equal(found.content, np.arange(2 * SCENES) % SCENES)
    assert found.r_average.mean() < 0.2
    assert any("48 images belong to 24 groups that were given" in text for text in found.warnings)


def test_cells_that_see_pictures_still_decode():
    found = reconstruct(session("darker", unrelated=False), "ridge", settings(permutations=19))
    assert found.r_average.mean() > 0.3
    assert found.p_value == 1 / 20


def test_members_of_a_group_are_not_compared():
    """Whatever is made of an image fits its own copy as well."""
    found = reconstruct(session("darker", unrelated=False), "ridge", settings())
    assert found.pool_size[0] == 1 + 2 * SCENES - 2
    assert found.two_way_average.mean() > 0.7


def test_encoding_models_keep_groups_together():
    recording = session("shifted")
    apart, together = (
        encoding_models(recording, settings(near_duplicate_correlation=each), quick())
        for each in (1.0, 0.95)
    )
    assert np.median(apart.prediction_r) > 0.3
    assert np.median(together.prediction_r) < 0.15
    assert any("48 of 48 images show nearly the same" in text for text in together.notes)


def quick():
    return EncodingSettings(refits=100)


@pytest.mark.parametrize("name", ["ridge", "lasso", "bayes"])
def test_inner_cross_validation_leaves_out_whole_groups(name):
    """Copies with the same responses say the same as repeats of one picture."""
    rng = np.random.default_rng(3)
    pictures, response = rng.standard_normal((20, 16)), rng.standard_normal((20, 10))
    image, content = np.tile(np.arange(40), 2), np.arange(40) % 20
    trials = response[image % 20] + 0.1 * rng.standard_normal((80, 10))
    space, tested = FeatureSpace((4, 4)), np.arange(40) % 20 < 2

    def strength(shown, images, content, tested):
        given = Trials(trials, shown, images, images, space, content)
        return Fold.split(given, tested, DECODERS.load(name)).training, given

    copies, _ = strength(image, np.tile(pictures, (2, 1)), content, tested)
    merged, _ = strength(image % 20, pictures, None, tested[:20])
    np.testing.assert_array_equal(
        copies.group[:, None] == copies.group, merged.group[:, None] == merged.group
    )
    fits = [
        Fold.split(Trials(trials, shown, images, images, space, which), out, DECODERS.load(name))
        for shown, images, which, out in (
            (image, np.tile(pictures, (2, 1)), content, tested),
            (image % 20, pictures, None, tested[:20]),
        )
    ]
    if name != "bayes":
        assert fits[0].fit().strength == pytest.approx(fits[1].fit().strength)
