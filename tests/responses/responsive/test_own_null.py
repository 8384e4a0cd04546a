import numpy as np
import pytest

from twophoton_decode.responses.responsive.chosen_test import without_own_repeat
from twophoton_decode.responses.responsive.detectable import detectable_response, repeats_needed
from twophoton_decode.responses.responsive.own_null import own_null
from twophoton_decode.statistics.image_groups import ImageGroups

RATE = 0.05


def calcium(rng, repeats, images=40, cells=60, share=0.05, spontaneous=0.03, strength=4.0):
    """Skewed noise with spontaneous events, and responses that vary like a gamma variable."""
    image = rng.permutation(np.repeat(np.arange(images), repeats))
    truth = rng.random((images, cells)) < share
    shape = (image.size, cells)
    events = (rng.random(shape) < spontaneous) * rng.exponential(3.0, shape)
    evoked = truth[image] * rng.gamma(3.0, strength / 3.0, shape)
    gain = np.exp(0.3 * rng.standard_normal((image.size, 1)))
    return gain * (rng.standard_normal(shape) + events + evoked), image, truth


def p_of(ordered, groups):
    return own_null(ordered, groups, RATE).p


def judged(response, image):
    groups = ImageGroups.of(image)
    return own_null(response[groups.order], groups, RATE), groups


@pytest.mark.parametrize(("repeats", "least_power"), [(4, 0.80), (6, 0.93)])
def test_planted_pairs_come_back_and_false_ones_stay_rare(repeats, least_power):
    found = false = true = 0
    for seed in range(6):
        response, image, truth = calcium(np.random.default_rng(seed), repeats)
        result, _ = judged(response, image)
        pairs = result.p <= result.cut
        found, true = found + pairs.sum(), true + truth.sum()
        false += (pairs & ~truth).sum()
    assert false / found < 0.07
    assert (found - false) / true > least_power


def test_spontaneous_events_alone_are_no_responses():
    with_any = 0
    for seed in range(20):
        response, image, _ = calcium(
            np.random.default_rng(100 + seed), 4, share=0.0, spontaneous=0.1
        )
        result, _ = judged(response, image)
        with_any += bool((result.p <= result.cut).any())
    assert with_any <= 2


def test_unit_and_baseline_change_nothing():
    response, image, _ = calcium(np.random.default_rng(1), 5)
    plain, _ = judged(response, image)
    for scale, shift in ((1e-200, 0.0), (1e160, 0.0), (2.0, 64.0)):
        other, _ = judged(response * scale + shift, image)
        np.testing.assert_allclose(other.p, plain.p, rtol=1e-6)


def test_counts_with_many_zeros_are_judged_too():
    rng = np.random.default_rng(2)
    image = rng.permutation(np.repeat(np.arange(40), 8))
    truth = rng.random((40, 50)) < 0.05
    response = rng.poisson(0.4 + 4.0 * truth[image]).astype(float)
    result, _ = judged(response, image)
    pairs = result.p <= result.cut
    assert (pairs & ~truth).sum() / pairs.sum() < 0.1
    assert (pairs & truth).sum() / truth.sum() > 0.9


def test_noise_that_repeats_share_widens_the_test():
    rng = np.random.default_rng(3)
    image = np.repeat(np.arange(40), 6)
    shared = rng.standard_normal((40, 60))[image]
    response = rng.standard_normal((image.size, 60)) + 0.8 * shared
    result, _ = judged(response, image)
    assert result.widening > 1.3
    assert (result.p <= result.cut).mean() < 0.01


def test_images_shown_once_have_no_p_and_unequal_repeats_are_natural():
    rng = np.random.default_rng(4)
    image = rng.permutation(np.repeat(np.arange(30), rng.integers(1, 7, 30)))
    response = rng.standard_normal((image.size, 20))
    result, groups = judged(response, image)
    once = groups.count == 1
    assert once.any()
    assert np.isnan(result.p[once]).all()
    assert np.isfinite(result.p[~once]).all()
    without = without_own_repeat(p_of, response[groups.order], groups)
    enough = groups.count[groups.of_row] > 2
    np.testing.assert_array_equal(np.isfinite(without), np.repeat(enough[:, None], 20, axis=1))


def test_the_scored_trial_does_not_choose_itself():
    """Falsely chosen pairs' scored trials lie at the level of all others."""
    surplus, chosen = 0.0, 0
    for seed in range(4):
        response, image, _ = calcium(
            np.random.default_rng(20 + seed), 4, share=0.0, spontaneous=0.05
        )
        groups = ImageGroups.of(image)
        ordered = response[groups.order]
        p = without_own_repeat(p_of, ordered, groups)
        picked = p <= 0.01
        surplus += (ordered - ordered.mean(axis=0))[picked].sum()
        chosen += picked.sum()
    error = 1.4 / np.sqrt(chosen)
    assert chosen > 100
    assert abs(surplus / chosen) < 4 * error


def test_the_detectable_response_falls_with_repeats_and_can_be_found():
    response, image, _ = calcium(np.random.default_rng(6), 6)
    result, _ = judged(response, image)
    sizes = [np.median(detectable_response(result, RATE, repeats)) for repeats in (4, 6, 12)]
    assert sizes[0] > sizes[1] > sizes[2] > 0
    # A response a little above it, in every repeat, passes; a little below does not.
    at = detectable_response(result, RATE, 6)
    for factor, passes in ((1.1, True), (0.9, False)):
        planted = response.copy()
        planted[image == 0, 7] = result.scores.level[7] + factor * (at[7] - result.scores.level[7])
        groups = ImageGroups.of(image)
        again = own_null(planted[groups.order], groups, RATE)
        assert (again.p[0, 7] <= result.cut) == passes


def test_too_few_repeats_are_said_in_numbers():
    rng = np.random.default_rng(7)
    image = np.repeat(np.arange(20), 2)
    response = rng.standard_normal((40, 300))
    response[image == 3, 5] += 1000
    result, _ = judged(response, image)
    assert not (result.p <= result.cut).any()
    assert np.isinf(detectable_response(result, RATE, 2)).all()
    # Its own presentations are in the null: 1/20² at best, where 6000 comparisons need 8e-6.
    assert result.p[3, 5] == pytest.approx(1 / 20**2)
    assert repeats_needed(20, 6000, RATE) == 4
    image = np.repeat(np.arange(20), 4)
    response = rng.standard_normal((80, 300))
    response[image == 3, 5] += 1000
    result, _ = judged(response, image)
    assert result.p[3, 5] <= result.cut
    assert np.isfinite(detectable_response(result, RATE, 4)).all()


def test_a_cell_is_judged_by_the_presentations_that_it_has():
    response, image, truth = calcium(np.random.default_rng(8), 6)
    gappy = response.copy()
    gappy[np.random.default_rng(9).random(response.shape) < 0.07] = np.nan
    result, groups = judged(gappy, image)
    pairs = result.p <= result.cut
    assert (pairs & ~truth).sum() / pairs.sum() < 0.1
    assert (pairs & truth).sum() / truth.sum() > 0.85
    # A cell without gaps has the p that it has among complete ones, null and cut being equal.
    one = response.copy()
    one[:, 1:][np.random.default_rng(10).random(response[:, 1:].shape) < 0.07] = np.nan
    alone = own_null(one[groups.order][:, :1], groups, RATE)
    complete = own_null(response[groups.order][:, :1], groups, RATE)
    np.testing.assert_array_equal(alone.p, complete.p)
