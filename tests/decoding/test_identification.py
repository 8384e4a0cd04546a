"""Identification among candidates: the closed form, the pools, and chance."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from twophoton_decode.decoding.scoring.identification import (
    WrongCandidates,
    candidate_counts,
    identification,
)
from twophoton_decode.decoding.scoring.reconstructed import Reconstructed
from twophoton_decode.decoding.scoring.scores import two_way_identification
from twophoton_decode.statistics.by_image import mean_by_image


def counted(worse, tied, better):
    return WrongCandidates(*(np.array([n]) for n in (worse, tied, worse + tied + better)))


def by_enumeration(worse, tied, better, k):
    """The mean over every choice of k - 1 wrong candidates, the best of equals drawn."""
    fits = [0] * worse + [1] * tied + [2] * better
    wins = [
        0.0 if 2 in chosen else 1 / (1 + chosen.count(1)) for chosen in combinations(fits, k - 1)
    ]
    return np.mean(wins)


@pytest.mark.parametrize("pool", [(5, 0, 2), (4, 2, 1), (0, 6, 0), (0, 0, 5), (7, 1, 0)])
def test_top1_is_the_mean_over_all_choices_of_candidates(pool):
    counts = np.arange(2, sum(pool) + 2)
    expected = [by_enumeration(*pool, k) for k in counts]
    np.testing.assert_allclose(counted(*pool).top1(counts)[0], expected, atol=1e-12)


@given(st.integers(0, 400), st.integers(0, 20), st.integers(0, 400))
def test_top1_falls_with_candidates_and_starts_at_two_way(worse, tied, better):
    total = worse + tied + better
    if total == 0:
        return
    top1 = counted(worse, tied, better).top1(np.arange(2, total + 2))[0]
    np.testing.assert_allclose(top1[0], (worse + 0.5 * tied) / total, atol=1e-9)
    np.testing.assert_allclose(top1[-1], 0 if better else 1 / (tied + 1), atol=1e-9)
    assert (np.diff(top1) <= 1e-9).all()


def test_thousands_of_candidates_lose_no_precision():
    top1 = counted(4990, 0, 10).top1(np.array([501]))[0, 0]
    expected = np.prod((4990 - np.arange(500)) / (5000 - np.arange(500)))
    np.testing.assert_allclose(top1, expected, rtol=1e-9)


def test_a_pool_that_is_too_small_has_no_top1():
    top1 = counted(3, 0, 0).top1(np.array([4, 5]))[0]
    assert top1[0] == 1
    assert np.isnan(top1[1])


def test_rank_counts_those_that_fit_better_and_half_of_the_equals():
    assert counted(5, 2, 3).rank[0] == 5


def test_counts_go_in_steps_and_end_with_each_pool():
    np.testing.assert_array_equal(
        candidate_counts([37, 260]), [2, 5, 10, 20, 37, 50, 100, 200, 260]
    )
    np.testing.assert_array_equal(candidate_counts([2]), [2])


def affine(pictures, content, fold, image, mean, single):
    average = mean_by_image(single, image, len(pictures))
    return Reconstructed(pictures, content, fold, image, mean, single, average, single)


def made(images=12, repeats=3, side=5, noise=1.0, seed=0, copies=()):
    """Reconstructions that are the images with noise; `copies` repeat other images."""
    rng = np.random.default_rng(seed)
    pictures = rng.normal(size=(images, side, side))
    for copy, original in copies:
        pictures[copy] = pictures[original]
    identity = np.unique(pictures.reshape(images, -1), axis=0, return_inverse=True)[1].ravel()
    image = np.repeat(np.arange(images), repeats)
    fold = identity % 3
    mean = rng.normal(size=(3, side * side)) + 5
    single = pictures.reshape(images, -1)[image] - mean[fold[image]]
    single = single + noise * rng.normal(size=single.shape)
    return affine(pictures, identity, fold, image, mean, single)


NO_PICTURES = np.empty((0, 5, 5))


def run(made, external=NO_PICTURES):
    return identification(made, external)


def test_rank_and_two_candidates_agree_with_two_way_identification():
    recon = made(noise=3.0)
    found = run(recon)
    for number, mean in enumerate(recon.mean):
        own = np.flatnonzero(recon.fold == number)
        two_way = two_way_identification(
            recon.average[own], recon.pixels - mean, own, recon.content
        )
        np.testing.assert_allclose(found["top1_average"][0, own, 0], two_way)
        np.testing.assert_allclose(found["rank_average"][0, own], 1 + 11 * (1 - two_way))


def test_single_trials_are_averaged_by_image():
    recon = made(noise=3.0)
    one = affine(
        recon.pictures, recon.content, recon.fold, np.arange(12), recon.mean,
        recon.single[::3],
    )  # fmt: skip
    two = affine(
        recon.pictures, recon.content, recon.fold, np.repeat(np.arange(12), 2), recon.mean,
        np.repeat(recon.single[::3], 2, axis=0),
    )  # fmt: skip
    np.testing.assert_allclose(run(one)["top1_single"], run(two)["top1_single"])
    np.testing.assert_allclose(run(one)["top1_single"], run(one)["top1_average"])
    assert 0 < run(one)["top1_single"][0, :, -1].mean() < 1


def test_perfect_reconstructions_are_always_found():
    found = run(made(noise=0.0), np.random.default_rng(3).normal(size=(40, 5, 5)))
    assert list(found["pool_name"]) == ["session", "external"]
    assert list(found["pool_size"]) == [12, 41]
    np.testing.assert_array_equal(found["candidates"], [2, 5, 10, 12, 20, 41])
    np.testing.assert_allclose(found["top1_single"][1], 1)
    np.testing.assert_allclose(found["top1_single"][0, :, :4], 1)
    assert np.isnan(found["top1_single"][0, :, 4:]).all()
    np.testing.assert_array_equal(found["rank_average"], 1)


def test_a_copy_of_the_true_image_is_no_wrong_candidate():
    found = run(made(noise=0.0, copies=[(3, 7)]))
    np.testing.assert_array_equal(found["rank_average"][0], 1)
    assert found["pool_size"][0] == 11
    np.testing.assert_allclose(found["top1_average"][0][:, -1], 1)


def test_constant_reconstructions_are_at_chance():
    recon = made()
    flat = np.full_like(recon.single, 0.3)
    found = run(
        affine(recon.pictures, recon.content, recon.fold, recon.image, recon.mean, flat),
        np.random.default_rng(3).normal(size=(40, 5, 5)),
    )
    k = found["candidates"]
    np.testing.assert_allclose(found["top1_average"][1], np.broadcast_to(1 / k, (12, len(k))))
    np.testing.assert_allclose(found["rank_average"][:, 0], [6.5, 21])


def test_reconstructions_without_the_image_are_at_chance():
    ranks, top1 = [], []
    for seed in range(30):
        recon = made(seed=seed)
        noise = np.random.default_rng(100 + seed).normal(size=recon.single.shape)
        noisy = affine(
            recon.pictures, recon.content, recon.fold, recon.image, recon.mean * 0, noise
        )
        found = run(noisy, np.random.default_rng(200 + seed).normal(size=(40, 5, 5)))
        ranks.append(found["rank_single"].mean(axis=1))
        top1.append(found["top1_single"][1, :, 2].mean())
    error = np.std(ranks, axis=0) / np.sqrt(30)
    assert (np.abs(np.mean(ranks, axis=0) - [6.5, 21]) < 4 * error).all()
    assert abs(np.mean(top1) - 0.1) < 4 * np.std(top1) / np.sqrt(30)


def test_intervals_are_those_of_the_mean_over_images():
    found = run(made(images=60, noise=4.0))
    top1 = found["top1_single"][0, :, 1]
    low, high = found["top1_single_ci95"][0, 1]
    # Wilson's, of as many trials as have twice the variance of the mean over images: these
    # train each other's decoders.
    q, p = t.ppf(0.975, 59), top1.mean()
    trials = p * (1 - p) / (2 / 60 * top1.var(ddof=1))
    ends = np.roots([1 + q**2 / trials, -(2 * p + q**2 / trials), p**2])
    np.testing.assert_allclose([low, high], sorted(ends))


def test_an_image_equal_to_the_mean_image_fits_nothing():
    recon = made()
    mean = np.tile(recon.pixels[4], (3, 1))
    found = run(affine(recon.pictures, recon.content, recon.fold, recon.image, mean, recon.single))
    # Its fit is 0, which wrong images reach by chance only: no NaN, and no certain win.
    assert np.isfinite(found["rank_single"]).all()
    assert 1 < found["rank_single"][0, 4] < 12
