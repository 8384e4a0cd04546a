"""Generators with and without the brain: scores against formulae, and the command."""

import json

import numpy as np
import pytest
from scipy import stats
from test_latent_decoder import recorded, small

from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.scoring.scores import two_way_identification
from twophoton_decode.deep.latent import driven
from twophoton_decode.deep.latent.driven import Images, driven_pictures, participation_ratio
from twophoton_decode.features import Pixels
from twophoton_decode.records.deep.pictures.driven_pictures import DrivenPictures
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.statistics.image_mean import SHARED_TRAINING, image_means

SPACE = Pixels((16, 16))


class Named(Ridge):
    """Ridge, with what a generator's decoder has."""

    def fit_long(self, R, Y, groups, run):
        self.seen_ = np.unique(Y, axis=0)
        return self.fit(R, Y, groups=groups)

    def predict_mean(self, R, trials):
        return self.predict(R)


@pytest.fixture(scope="module")
def found():
    R, image, fine = recorded(images=40)
    picture = small(fine)
    images = Images(R, image, picture, np.arange(40) % 4, np.arange(40))
    fields, notes = driven_pictures(images, SPACE, {"latent": Named}, 0)
    return fields, notes, images


def way(fields, name):
    return fields["driven_by"].tolist().index(name)


def test_own_responses_are_those_of_a_fit_without_the_fold(found):
    fields, notes, images = found
    assert notes == []
    assert fields["driven_by"].tolist() == [driven.OWN, driven.WRONG, driven.MEAN, driven.EXCHANGED]
    train = images.image % 4 != 1
    Y = SPACE.encode(images.picture)[images.image]
    ridge = Ridge().fit(images.response[train], Y[train], groups=images.image[train])
    average = images.response.reshape(2, 40, -1).mean(axis=0)[1::4]
    made = fields["made"][way(fields, driven.OWN), 1::4]
    np.testing.assert_allclose(made.reshape(10, -1), ridge.predict(average), atol=1e-8)


def test_scores_are_those_of_reconstructions(found):
    fields, _, images = found
    own, rows = way(fields, driven.OWN), images.picture.reshape(40, -1)
    mean = rows[images.image[images.fold[images.image] != 1]].mean(axis=0)
    made = fields["made"][own, 1::4].reshape(10, -1)
    expected = two_way_identification(made - mean, rows - mean, np.arange(1, 40, 4), np.arange(40))
    np.testing.assert_allclose(fields["two_way"][own, 1::4], expected)
    r = [np.corrcoef(a - mean, b - mean)[0, 1] for a, b in zip(made, rows[1::4], strict=True)]
    np.testing.assert_allclose(fields["r"][own, 1::4], r)
    np.testing.assert_array_equal(fields["named"][own, 1::4], expected == 1)


def test_wrong_responses_know_nothing(found):
    fields, _, _ = found
    two_way = fields["two_way_mean"]
    assert two_way[way(fields, driven.OWN)] > 0.95
    for name in (driven.WRONG, driven.MEAN, driven.EXCHANGED):
        assert abs(two_way[way(fields, name)] - 0.5) < 0.15
        left = fields["two_way_left"][way(fields, name)]
        assert left == pytest.approx((two_way[way(fields, name)] - 0.5) / (two_way[0] - 0.5))
    assert fields["ssim_left"][0] == 1
    # Ridge makes the mean picture of the mean response; what rounding leaves is no pattern.
    assert two_way[way(fields, driven.MEAN)] == 0.5
    assert not fields["r"][way(fields, driven.MEAN)].any()


def test_nearest_training_pictures_are_never_of_the_same_fold(found):
    fields, _, images = found
    assert (images.fold[fields["nearest"]] != images.fold).all()
    assert fields["nearer_to_training"][way(fields, driven.OWN)] < 0.4
    assert fields["nearer_to_training"][way(fields, driven.WRONG)] > 0.8


def test_the_dimension_is_the_participation_ratio():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 4)) @ np.diag([2.0, 1.0, 1.0, 0.0])
    values = np.linalg.eigvalsh(np.cov(rows.T))
    assert participation_ratio(rows) == pytest.approx(values.sum() ** 2 / (values**2).sum())
    assert participation_ratio(np.outer(np.arange(5.0), np.ones(3))) == pytest.approx(1)
    assert participation_ratio(np.ones((5, 3))) == 0


def test_a_score_at_chance_has_no_share():
    rows = np.random.default_rng(0).normal(0, 0.1, (2, 20))
    rows -= rows.mean(axis=1, keepdims=True) + 0.001
    ways = [("latent", driven.OWN), ("latent", driven.MEAN)]
    left = driven._left({"ssim": rows, "two_way": rows + 0.5}, ways, np.arange(20))
    assert all(np.isnan(values).all() for values in left.values())


def test_what_is_left_has_a_paired_interval_over_images(found):
    fields, _, images = found
    own, wrong = way(fields, driven.OWN), way(fields, driven.WRONG)
    assert fields["ssim_left_low"][own] == pytest.approx(1)
    assert fields["ssim_left_high"][own] == pytest.approx(1)
    low, high = fields["ssim_left_low"][wrong], fields["ssim_left_high"][wrong]
    assert low < fields["ssim_left"][wrong] < high < 1
    part, whole = fields["ssim"][[wrong, own]]
    for share in (low, high):
        # At its ends the mean of part − share · whole is just told from 0.
        mean = image_means(part - share * whole, images.content, widening=SHARED_TRAINING)
        t = stats.t.ppf(0.975, mean.freedom)
        assert abs(float(mean.mean)) == pytest.approx(t * float(mean.error))


def test_the_command_writes_record_figures_and_summary(tmp_path, tpdecode, small_arrays):
    session = tmp_path / "S"
    assert tpdecode("import", "arrays", "-o", session, *small_arrays)[0] == 0
    text = (session / "session.toml").read_text()
    text = text.replace('generator = "taef2"', 'generator = "taef2@random:0"')
    (session / "session.toml").write_text(text.replace("input_px = 128", "input_px = 32"))
    code, out, err = tpdecode("deep", "generated", session)
    assert code == 0, err
    assert "latent-diffusion is left out: there is no denoiser" in out
    assert "ridge stays as it is" in out
    record = read_record(session / "deep/generated.nc", DrivenPictures)
    assert record.autoencoder == "taef2@random:0"
    assert np.isfinite(record.made).all()
    told = json.loads((session / "summary.json").read_text())["deep"]["generated"]
    assert told["two_way_own"] == pytest.approx(record.two_way_mean[0])
    figures = {each.name for each in (session / "figures").iterdir()}
    assert {"generated_scores.png", "generated_latent.png", "generated_scores.csv"} <= figures
    _, out, _ = tpdecode("deep", "generated", session)
    assert "unchanged, nothing to do" in out
