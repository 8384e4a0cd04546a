from dataclasses import replace

import numpy as np
import pytest

from twophoton_decode.simulation.pictures import natural_pictures
from twophoton_decode.simulation.population import (
    Tuning,
    population,
    receptive_fields,
    trial_responses,
)

STILL = Tuning(
    share_spread=0.0,
    gain_spread=0.0,
    running_gain=1.0,
    private_spread=0.0,
    dropout=0.0,
    shared_noise=0.0,
)


@pytest.fixture(scope="module")
def pictures():
    return natural_pictures(50, 32, np.random.default_rng(3))


def draw(pictures, tuning=STILL, cells=80):
    return population(pictures, cells, tuning, np.random.default_rng(4))


def respond(drawn, image, tuning, running=None):
    running = np.zeros(image.size, dtype=bool) if running is None else running
    return trial_responses(drawn, image, running, tuning, np.random.default_rng(5))


def test_receptive_fields_have_unit_norm_and_zero_sum():
    fields = receptive_fields(30, 24, 0.5, np.random.default_rng(0))
    np.testing.assert_allclose((fields**2).sum((1, 2)), 1.0)
    np.testing.assert_allclose(fields.sum((1, 2)), 0.0, atol=1e-9)


def test_receptive_fields_cover_the_visual_field_and_coarse_ones_are_larger():
    fields = receptive_fields(300, 24, 0.5, np.random.default_rng(0))
    covered = (fields**2).sum(0)
    assert covered[3:-3, 3:-3].min() > 0.2 * covered.max()
    area = 1 / (fields**4).sum((1, 2))
    only_fine = receptive_fields(300, 24, 0.0, np.random.default_rng(0))
    assert np.median(area) > 1.5 * np.median(1 / (only_fine**4).sum((1, 2)))


@pytest.mark.parametrize("share", [0.06, 0.2])
def test_each_cell_responds_to_its_share_of_the_pictures(pictures, share):
    rate = draw(pictures, replace(STILL, responsive_share=share)).rate
    np.testing.assert_allclose((rate > 0).mean(0), share, atol=1 / 50)
    assert rate.min() == 0


def test_mean_spikes_is_the_mean_over_effective_pictures(pictures):
    rate = draw(pictures, replace(STILL, mean_spikes=3.0), cells=400).rate
    effective = rate.sum(0) / (rate > 0).sum(0)
    assert np.median(effective) == pytest.approx(3.0, rel=0.05)


def test_contrast_normalisation_gives_every_picture_some_cells(pictures):
    share = (draw(pictures, cells=200).rate > 0).mean(1)
    assert share.min() > 0.05
    assert share.max() < 0.45


def test_trials_are_poisson_around_the_rate_when_nothing_else_varies(pictures):
    drawn = draw(pictures)
    image = np.repeat(np.arange(50), 400)
    spikes = respond(drawn, image, STILL).reshape(50, 400, 80)
    active = drawn.rate > 1
    np.testing.assert_allclose(spikes.mean(1)[active], drawn.rate[active], rtol=0.25)
    fano = spikes.var(1)[active] / spikes.mean(1)[active]
    assert fano.mean() == pytest.approx(1.0, abs=0.02)
    assert not spikes.transpose(1, 0, 2)[:, drawn.rate == 0].any()


def test_dropout_silences_responding_cells(pictures):
    drawn = draw(pictures, replace(STILL, mean_spikes=50.0))
    image = np.repeat(np.arange(50), 100)
    silent = respond(drawn, image, replace(STILL, dropout=0.3)).reshape(50, 100, 80) == 0
    assert silent.mean(1)[drawn.rate > 20].mean() == pytest.approx(0.3, abs=0.01)


def test_running_and_gains_scale_responses(pictures):
    drawn = draw(pictures)
    image = np.tile(np.arange(50), 100)
    running = np.arange(image.size) >= image.size // 2
    spikes = respond(drawn, image, replace(STILL, running_gain=1.5), running)
    assert spikes[running].sum() / spikes[~running].sum() == pytest.approx(1.5, rel=0.02)
    total = respond(drawn, image, replace(STILL, gain_spread=0.4)).sum(1)
    assert np.corrcoef(total, respond(drawn, image, STILL).sum(1))[0, 1] < 0.9


def test_shared_noise_makes_silent_cells_fluctuate_together(pictures):
    drawn = draw(pictures, replace(STILL, responsive_share=0.02))
    image = np.zeros(4000, dtype=int)
    silent = drawn.rate[0] == 0
    spikes = respond(drawn, image, replace(STILL, shared_noise=2.0))[:, silent]
    pairs = np.corrcoef(spikes.T)[np.triu_indices(silent.sum(), 1)]
    assert np.median(pairs) > 0.2


def mean_square_of_image_means(spikes, image):
    means = np.stack([spikes[image == i].mean(0) for i in range(image.max() + 1)])
    return means.var(0)


def test_only_carriers_depend_on_the_picture(pictures):
    tuning = replace(STILL, carriers=10)
    drawn = draw(pictures, tuning)
    image = np.tile(np.arange(50), 100)
    spikes = respond(drawn, image, tuning)
    assert drawn.carries.sum() == 10
    explained = mean_square_of_image_means(spikes, image) / spikes.var(0)
    assert explained[drawn.carries].min() > 0.3
    # Image means of 100 trials that carry nothing keep 1 % of the variance.
    assert explained[~drawn.carries].max() < 0.03


def test_carriers_and_others_respond_equally_often(pictures):
    drawn = draw(pictures, replace(STILL, carriers=40))
    spikes = respond(drawn, np.tile(np.arange(50), 60), STILL)
    often = (spikes > 0).mean(0)
    assert often[drawn.carries].mean() == pytest.approx(often[~drawn.carries].mean(), rel=0.1)


def test_by_default_every_cell_carries(pictures):
    assert draw(pictures).carries.all()
