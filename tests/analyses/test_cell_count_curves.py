"""Cell-count curves against pixel space, known answers, and populations of known truth."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made_records import (
    random_recording,
    reconstruction_of,
    responses_of,
    with_an_image_never_shown,
)
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from twophoton_decode.analyses.cell_count.curves import cell_count_curves
from twophoton_decode.errors import RecordError
from twophoton_decode.settings import CellCountSettings

SETTINGS = CellCountSettings(minimum_responsive=2, derangements=200)
ZERO = CellCountSettings(minimum_responsive=2, derangements=200, omitted="zero")


def curves_of(records, settings=SETTINGS, bootstraps=100, seed=0):
    return cell_count_curves(*records, settings, bootstraps=bootstraps, seed=seed)


def uneven_recording(seed=0, **options):
    """Three trials of most images, one of image 0, two of image 1."""
    reconstruction, responses = random_recording(np.random.default_rng(seed), **options)
    keep = np.delete(np.arange(responses.presentations), [0, 1, 4])
    keep = np.random.default_rng(seed).permutation(keep)
    axes = [
        name
        for name, spec in responses.arrays()
        if spec.axes[0] == "presentation" and getattr(responses, name) is not None
    ]
    responses = dataclasses.replace(
        responses, **{name: getattr(responses, name)[keep] for name in axes}
    )
    reconstruction = dataclasses.replace(
        reconstruction, image=responses.image, single=reconstruction.single[keep]
    )
    return reconstruction, responses


def in_pixels(reconstruction, responses, trial, strength, scored, omitted):
    """R and CD of one presentation against image `scored`, in the pixels themselves."""
    fold = reconstruction.fold[responses.image[trial]]
    filters = reconstruction.reverse_filter[fold].astype(float)
    mean = reconstruction.mean_picture[fold].astype(float).ravel()
    average = reconstruction.mean_response[fold]
    picture = reconstruction.picture[scored].astype(float).ravel()
    cells = np.arange(responses.cells)
    order = sorted(cells, key=lambda k: (not responses.responsive_others[trial, k], -strength[k]))
    r, cd = [], []
    for n in range(responses.cells + 1):
        few = order[:n]
        if omitted == "zero":
            offset = mean - average @ filters
            shown = offset + responses.response[trial, few] @ filters[few]
        else:
            shown = mean + (responses.response[trial, few] - average[few]) @ filters[few]
        constant = np.ptp(shown - mean) < 1e-12
        r.append(0.0 if constant else np.corrcoef(shown - mean, picture - mean)[0, 1])
        cd.append(1 - ((picture - shown) ** 2).sum() / ((picture - mean) ** 2).sum())
    return np.array(r), np.array(cd)


@pytest.mark.parametrize("settings", [SETTINGS, ZERO], ids=["mean", "zero"])
def test_curves_are_those_of_the_pixels(settings):
    reconstruction, responses = uneven_recording()
    curves = curves_of((reconstruction, responses), settings)
    for image in range(responses.images):
        trials = np.flatnonzero(responses.image == image)
        expected = [
            in_pixels(reconstruction, responses, t, responses.response[t], image, settings.omitted)
            for t in trials
        ]
        np.testing.assert_allclose(curves.r[image], np.mean([e[0] for e in expected], 0), atol=1e-6)
        np.testing.assert_allclose(
            curves.cd[image], np.mean([e[1] for e in expected], 0), rtol=1e-6, atol=1e-6
        )
        wrong = [
            in_pixels(reconstruction, responses, t, responses.response[t], j, settings.omitted)[0]
            for t in trials
            for j in range(responses.images)
            if j != image
        ]
        np.testing.assert_allclose(curves.r_wrong[image], np.mean(wrong, axis=0), atol=1e-6)


def test_second_order_is_the_mean_of_the_other_trials():
    reconstruction, responses = uneven_recording()
    curves = curves_of((reconstruction, responses))
    for image in range(responses.images):
        trials = np.flatnonzero(responses.image == image)
        if len(trials) == 1:
            assert np.isnan(curves.r_other_order[image]).all()
            continue
        expected = []
        for t in trials:
            strength = responses.response[trials[trials != t]].mean(axis=0)
            expected.append(in_pixels(reconstruction, responses, t, strength, image, "mean")[0])
        np.testing.assert_allclose(curves.r_other_order[image], np.mean(expected, 0), atol=1e-6)


def test_one_trial_of_every_kind_reaches_the_reconstructions_own_score():
    """All cells at work give the stored reconstruction, in both modes."""
    records = uneven_recording()
    reconstruction, responses = records
    mean = reconstruction.mean_picture[reconstruction.fold].reshape(responses.images, -1)
    picture = reconstruction.picture.reshape(responses.images, -1) - mean
    single = reconstruction.single.reshape(responses.presentations, -1) - mean[responses.image]
    r = [np.corrcoef(x, picture[i])[0, 1] for x, i in zip(single, responses.image, strict=True)]
    expected = [np.mean(np.array(r)[responses.image == i]) for i in range(responses.images)]
    for settings in (SETTINGS, ZERO):
        np.testing.assert_allclose(curves_of(records, settings).r_all, expected, atol=1e-5)


def orthogonal_filters(cells, pixels):
    """Filters of mean 0 and norm 1, orthogonal to each other."""
    basis = np.random.default_rng(1).normal(size=(pixels, cells))
    return np.linalg.qr(basis - basis.mean(axis=0))[0].T


def carrying_recording(carriers, *, cells=60, images=24, repeats=4, noise=0.05, seed=0):
    """Each image is the sum of the filters of its own `carriers` cells, which respond to it."""
    rng = np.random.default_rng(seed)
    filters = orthogonal_filters(cells, 100)
    truth = np.zeros((images, cells))
    for row in truth:
        row[rng.permutation(cells)[:carriers]] = 1
    image = np.repeat(np.arange(images), repeats)
    response = truth[image] + noise * rng.normal(size=(len(image), cells))
    responses = responses_of(
        response,
        image,
        (truth @ filters).reshape(images, 10, 10),
        responsive_others=truth[image] > 0,
    )
    folds = 4
    reconstruction = reconstruction_of(
        responses,
        np.arange(images) % folds,
        np.zeros((folds, 10, 10)),
        np.zeros((folds, cells)),
        np.broadcast_to(filters, (folds, cells, 100)),
    )
    return reconstruction, responses


def test_orthogonal_filters_give_a_curve_known_on_paper():
    """Without noise, n of k carriers explain n / k of the image: R = √(n/k), CD = n/k."""
    curves = curves_of(carrying_recording(9, noise=0.0))
    share = np.minimum(np.arange(61) / 9, 1)
    np.testing.assert_allclose(curves.r, np.tile(np.sqrt(share), (24, 1)), atol=1e-6)
    np.testing.assert_allclose(curves.cd, np.tile(share, (24, 1)), atol=1e-6)
    assert curves.cells_95 == 9  # √(n/9) >= 0.95 from n = 8.12 on
    np.testing.assert_array_equal(curves.cells_max, 9)
    np.testing.assert_array_equal(curves.cells_heldout, 9)
    assert curves.p_max_all == 1.0
    assert curves.p_responsive_all == 1.0


@pytest.mark.parametrize("carriers", [5, 12])
def test_few_carriers_are_found(carriers):
    curves = curves_of(carrying_recording(carriers), bootstraps=300)
    low, high = curves.cells_95_ci95
    assert low - 1 <= carriers <= high + 1
    assert abs(curves.cells_95 - carriers) <= 1
    assert curves.r_all_ci95[0] > 0.8
    assert not curves.unavailable


def every_cell_alike(cells=60, images=24, repeats=4, noise=0.05, seed=0):
    """Every cell contributes as much to every image, upwards or downwards from its mean."""
    rng = np.random.default_rng(seed)
    reconstruction, responses = carrying_recording(1, cells=cells, images=images, repeats=repeats)
    filters = orthogonal_filters(cells, 100)
    truth = rng.choice([-1.0, 1.0], size=(images, cells))
    response = truth[responses.image] + noise * rng.normal(size=(len(responses.image), cells))
    responses = responses_of(
        response,
        responses.image,
        (truth @ filters).reshape(images, 10, 10),
        responsive_others=response > 0,
    )
    return (
        dataclasses.replace(reconstruction, picture=responses.picture, image=responses.image),
        responses,
    )


def test_few_cells_do_not_suffice_where_every_cell_matters_alike():
    curves = curves_of(every_cell_alike(), bootstraps=300)
    assert curves.cells_95 >= 0.85 * 60  # √(n/60) >= 0.95 from n = 54.2 on
    assert curves.cells_95_ci95[0] >= 0.85 * 60
    assert curves.cells_heldout.min() >= 0.95 * 60


def test_max_of_pure_noise_gains_as_much_for_wrong_images():
    recordings = [
        random_recording(np.random.default_rng(seed), cells=40, images=40, repeats=2)
        for seed in range(6)
    ]
    all_curves = [curves_of(records) for records in recordings]
    gain = np.array([curves.max_gain for curves in all_curves])
    wrong = np.array([curves.max_gain_wrong.mean() for curves in all_curves])
    assert gain.min() > 0.05
    assert abs((gain - wrong).mean()) < 0.02
    assert sum(curves.max_gain_p < 0.05 for curves in all_curves) <= 1
    # What the flattered comparison would have claimed:
    assert sum(curves.p_max_all < 0.05 for curves in all_curves) >= 5
    assert np.isnan([curves.cells_95_ci95 for curves in all_curves]).sum() >= 10


def test_max_of_cells_that_carry_among_noise_gains_more_than_for_wrong_images():
    curves = curves_of(carrying_recording(12, noise=0.5))
    assert curves.max_gain > 0.1
    assert curves.max_gain_p == 1 / 201
    assert np.nanmean(curves.r_max) > np.nanmean(curves.r_all) + 0.1


def test_tables_against_wrong_images_average_to_their_fields():
    reconstruction, responses = uneven_recording()
    curves = curves_of((reconstruction, responses))
    trials = np.flatnonzero(responses.image == 3)
    best, end = [], []
    for j in np.delete(np.arange(responses.images), 3):
        held = []
        for t in trials:
            r = in_pixels(reconstruction, responses, t, responses.response[t], j, "mean")[0]
            stop = responses.responsive_others[t].sum()
            held.append(r[np.minimum(np.arange(responses.cells + 1), stop)])
        last = responses.responsive_others[trials].sum(axis=1).max()
        best.append(np.mean(held, axis=0)[1 : last + 1].max())
        end.append(np.mean(held, axis=0)[-1])
    np.testing.assert_allclose(curves.r_max_wrong[3], np.mean(best), atol=1e-10)
    np.testing.assert_allclose(curves.r_responsive_wrong[3], np.mean(end), atol=1e-10)
    np.testing.assert_allclose(curves.r_all_wrong[3], curves.r_wrong[3, -1], atol=1e-6)
    assert curves.responsive_cells[3] == responses.responsive_others[trials].sum() / len(trials)


@hypothesis_settings(max_examples=4, deadline=None)
@given(st.permutations(range(12)))
def test_the_order_of_the_cells_in_the_records_does_not_matter(cells):
    reconstruction, responses = random_recording(np.random.default_rng(2))
    shuffled = dataclasses.replace(
        responses,
        response=responses.response[:, cells],
        responsive=responses.responsive[cells],
        responsive_others=responses.responsive_others[:, cells],
    )
    filters = dataclasses.replace(
        reconstruction,
        mean_response=reconstruction.mean_response[:, cells],
        reverse_filter=reconstruction.reverse_filter[:, cells],
    )
    plain, permuted = curves_of((reconstruction, responses)), curves_of((filters, shuffled))
    for name in ("r", "cd", "r_other_order", "r_wrong", "r_max", "cells_max", "cells_heldout"):
        np.testing.assert_allclose(
            getattr(permuted, name), getattr(plain, name), rtol=1e-5, atol=1e-6
        )
    assert permuted.max_gain == pytest.approx(plain.max_gain, abs=1e-10)
    assert permuted.max_gain_p == plain.max_gain_p


def test_constant_filters_give_constant_reconstructions_whose_r_is_zero():
    reconstruction, responses = random_recording(np.random.default_rng(0))
    filters = np.ones_like(reconstruction.reverse_filter) / 3
    flat = dataclasses.replace(reconstruction, reverse_filter=filters)
    curves = curves_of((flat, responses))
    assert not curves.r.any()
    assert not curves.r_wrong.any()
    assert (curves.cd[:, 1:] != 0).all()


def test_images_never_shown_change_nothing():
    reconstruction, responses = random_recording(np.random.default_rng(0))
    curves = curves_of((reconstruction, responses))
    again = curves_of((reconstruction, with_an_image_never_shown(responses)))
    np.testing.assert_array_equal(again.r, curves.r)
    np.testing.assert_array_equal(again.r_max_wrong, curves.r_max_wrong)


def test_too_few_images_with_responsive_cells_are_said_to_be_too_few():
    records = random_recording(np.random.default_rng(0), responsive=0.1)
    curves = curves_of(records, CellCountSettings(minimum_responsive=10, derangements=200))
    assert "0 of 8 images have at least 10 responsive cells" in curves.unavailable
    assert np.isfinite(curves.r).all()
    assert np.isfinite(curves.cells_heldout).all()
    for name in ("r_max", "r_responsive", "cells_max", "r_max_wrong", "max_gain", "max_gain_p"):
        assert np.isnan(getattr(curves, name)).all(), name


def test_selected_results_are_missing_where_an_image_has_too_few_responsive_cells():
    reconstruction, responses = random_recording(np.random.default_rng(0))
    others = responses.responsive_others.copy()
    others[responses.image == 2] = False
    responses = dataclasses.replace(responses, responsive_others=others)
    curves = curves_of((reconstruction, responses))
    assert not curves.used[2]
    assert np.isnan(curves.r_max[2])
    assert np.isfinite(np.delete(curves.r_max, 2)).all()
    expected = (curves.r_max - curves.r_all)[curves.used].mean()
    assert curves.max_gain == pytest.approx(expected, abs=1e-6)


def test_single_presentations_leave_the_amplitude_order():
    reconstruction, responses = random_recording(
        np.random.default_rng(0), repeats=1, responsive=0.0
    )
    curves = curves_of((reconstruction, responses))
    assert "one presentation of each image" in curves.unavailable
    assert np.isfinite(curves.r).all()
    assert np.isnan(curves.r_other_order).all()


def test_the_seed_decides_every_draw():
    records = random_recording(np.random.default_rng(0))
    first, again, other = (curves_of(records, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.max_gain_wrong, again.max_gain_wrong)
    assert first.r_all_ci95 == again.r_all_ci95
    assert not np.array_equal(first.max_gain_wrong, other.max_gain_wrong)


def test_progress_counts_the_folds():
    calls = []
    records = random_recording(np.random.default_rng(0))
    cell_count_curves(
        *records, SETTINGS, bootstraps=100, seed=0, progress=lambda *call: calls.append(call[:2])
    )
    assert calls == 2 * [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_other_presentations_are_refused():
    reconstruction, responses = random_recording(np.random.default_rng(0))
    backwards = dataclasses.replace(reconstruction, image=reconstruction.image[::-1])
    with pytest.raises(RecordError, match="in another order"):
        curves_of((backwards, responses))
