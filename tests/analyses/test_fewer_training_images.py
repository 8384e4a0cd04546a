"""Scores after training on a quarter, half and all of the images."""

import json

import numpy as np
import pytest
from fitted_recording import carried, decoded

from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.folds.again import folds_again
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.decoding.scoring.scores import correlation
from twophoton_decode.deep.reconstructed import learning as module
from twophoton_decode.deep.reconstructed.learning import SHARES, learning_curve, learnt
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import silent
from twophoton_decode.records import LearningCurve
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.statistics.mean_score import mean_score

IMAGES, FOLDS = 40, 4


@pytest.fixture(scope="module")
def made():
    responses = carried(6, cells=16, images=IMAGES, noise=0.5)
    return decoded(responses, folds=FOLDS), responses


def folds_of(made, session=NO_SESSION):
    return folds_again(*made, "ridge", 0, session, silent)


@pytest.fixture(scope="module")
def found(made):
    return learnt(made[0], folds_of(made), ("none",), 1.0)


def test_shares_are_nested_and_tested_images_stay(made):
    parts = folds_of(made)
    for fold in range(FOLDS):
        tested = np.flatnonzero(parts.fold == fold)
        known = []
        for less in module._shares(parts, fold):
            part = less.part(fold, ("none",))
            np.testing.assert_array_equal(np.unique(less.trials.image[part.test]), tested)
            assert not set(part.known) & set(tested)
            known.append(set(part.known))
        assert known[0] < known[1] < known[2]
        assert [len(each) for each in known] == [8, 15, 30]


def test_a_share_is_a_fit_to_its_images_alone(made, found):
    record, responses = made
    parts = folds_of(made)
    part = next(iter(module._shares(parts, 1))).part(1, ("none",))
    train = np.isin(responses.image, part.known)
    pictures = np.asarray(responses.picture).reshape(IMAGES, -1)
    image = responses.image[train]
    ridge = Ridge().fit(responses.response[train], pictures[image], groups=image)
    tested = np.flatnonzero(record.fold == 1)
    averages = np.stack([responses.response[responses.image == i].mean(axis=0) for i in tested])
    expected = ridge.predict(averages)
    np.testing.assert_allclose(found.made[0, tested].reshape(len(tested), -1), expected, atol=1e-5)


def test_all_training_images_give_the_reconstruction_itself(made, found):
    np.testing.assert_allclose(found.made[-1], made[0].average, atol=1e-5)
    np.testing.assert_array_equal(found.training_images, [8, 15, 30])


def test_scores_rises_and_leads(made, found):
    record = made[0]
    worse = module.Learning(0.0 * found.made + found.made.mean(axis=1, keepdims=True),
                            found.training_images, [])  # fmt: skip
    picture = np.asarray(record.picture, float)
    fields = learning_curve(record, {"other": worse, "ridge": found}, picture, 0)
    LearningCurve(**fields, notes=[])
    rows = picture.reshape(IMAGES, -1)
    r = [correlation(rows, each.reshape(IMAGES, -1)) for each in found.made]
    np.testing.assert_allclose(fields["value"][1, 0], r)
    np.testing.assert_allclose(fields["value"][1, 1, -1], record.ssim, atol=1e-4)
    # With five wrong images each: drawn again here, none of them the image itself.
    draw = np.random.default_rng([0, 9])
    others = np.array([draw.choice(np.delete(np.arange(IMAGES), own), 5) for own in range(IMAGES)])
    wrong = np.mean(
        [[correlation(rows[each], made.reshape(IMAGES, -1)) for made in found.made]
         for each in others.T],
        axis=0,
    )  # fmt: skip
    np.testing.assert_allclose(fields["chance"][1, 0], wrong.mean(axis=1))
    rise = (r[2] - wrong[2]) - (r[1] - wrong[1])
    assert fields["doubling"][1, 0, -1] == pytest.approx(rise.mean())
    expected = mean_score(rise, None, np.arange(IMAGES)).interval
    np.testing.assert_allclose(fields["doubling_ci95"][1, 0, -1], expected)
    np.testing.assert_allclose(fields["lead"], fields["value_mean"][0] - fields["value_mean"][1])
    np.testing.assert_allclose(fields["ceiling"], 1.0)
    assert fields["value_mean"][1, 0, 0] + 0.05 < fields["value_mean"][1, 0, -1]
    assert (fields["chance"][1, 0] < fields["value_mean"][1, 0] - 0.1).all()


def test_pictures_that_resemble_every_image_more_are_no_rise(made, found):
    """Smoother pictures have a higher SSIM with any image: that is not what more images teach."""
    record = made[0]
    mean = record.picture.mean(axis=0).astype(float)
    flat = np.stack([share * mean + np.zeros_like(record.picture) for share in (0.0, 0.5, 1.0)])
    nothing = module.Learning(flat, found.training_images, [])
    fields = learning_curve(record, {"ridge": nothing}, np.asarray(record.picture, float), 0)
    ssim = fields["value_mean"][0, 1]
    assert ssim[2] > ssim[0] + 0.1
    low, high = fields["doubling_ci95"][0, 1, -1]
    assert low < 0 < high


def test_smaller_shares_keep_what_they_learn_elsewhere(made, tmp_path):
    parts = folds_of(made, SessionContext(checkpoints=tmp_path))
    files = [less.part(2, ("none",)).run.checkpoint for less in module._shares(parts, 2)]
    assert len(set(files)) == len(SHARES)
    assert files[-1] == tmp_path / "fold2"


def test_few_images_and_slow_decoders_are_refused(made, monkeypatch):
    with pytest.raises(AnalysisError, match="most_hours"):
        learnt(made[0], folds_of(made), ("none",), 0.0)
    monkeypatch.setattr(module, "FEWEST_IMAGES", 41)
    with pytest.raises(AnalysisError, match="this session has 40"):
        learnt(made[0], folds_of(made), ("none",), 1.0)


def test_the_command_writes_record_figure_and_summary(tmp_path, tpdecode, small_arrays):
    session = tmp_path / "S"
    assert tpdecode("import", "arrays", "-o", session, *small_arrays)[0] == 0
    code, out, err = tpdecode("deep", "learning-curve", session, "--decoder", "ridge")
    assert code == 0, err
    assert "reconstruct:ridge: done" in out
    assert "deep-learning-curve:ridge: ridge: from" in out
    record = read_record(session / "deep/learning_curve/ridge.nc", LearningCurve)
    assert record.decoder.tolist() == ["ridge"]
    # Gabor filters know no luminance, of which SSIM takes notice: the mean image has it.
    assert (record.ceiling > record.value_mean[0, :, -1]).all()
    told = json.loads((session / "summary.json").read_text())["deep"]["learning_curve"]["ridge"]
    assert told["pixcorr"] == pytest.approx(record.value_mean[0, 0, -1])
    figures = {each.name for each in (session / "figures").iterdir()}
    assert {"learning_curve_ridge.png", "learning_curve_ridge.csv"} <= figures
    _, out, _ = tpdecode("deep", "learning-curve", session)
    assert "deep-learning-curve:ridge: unchanged" in out
