import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from twophoton_decode.errors import SettingsError
from twophoton_decode.responses.responsive.responsiveness import (
    anova_p,
    discovery_cut,
    kruskal_wallis_p,
    responsive_pairs,
    visually_responsive,
)
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.statistics.image_groups import ImageGroups

DEFAULT = ResponseSettings()


def by(test):
    return ResponseSettings(responsive_test=test)


def shown(images, repeats):
    return np.tile(np.arange(images), repeats)


def planted(rng, images=40, repeats=10, cells=60, share=0.04, strength=2.5):
    """Responses in which a few pairs are truly responsive, and which these are."""
    truth = rng.random((cells, images)) < share
    image = shown(images, repeats)
    return truth.T[image] * strength + rng.standard_normal((image.size, cells)), image, truth


@pytest.mark.parametrize("has_baseline", [True, False])
def test_planted_pairs_come_back_and_false_ones_stay_rare(has_baseline):
    found, false, true = 0, 0, 0
    for seed in range(5):
        response, image, truth = planted(np.random.default_rng(seed))
        pairs = responsive_pairs(response, image, has_baseline, DEFAULT).pairs
        assert pairs.shape == truth.shape
        found, true = found + pairs.sum(), true + truth.sum()
        false += (pairs & ~truth).sum()
    assert false / found < 0.07
    assert (found - false) / true > 0.95


@pytest.mark.parametrize("has_baseline", [True, False])
def test_noise_alone_is_not_responsive(has_baseline):
    rng = np.random.default_rng(7)
    found = [
        responsive_pairs(
            rng.standard_normal((200, 50)), shown(20, 10), has_baseline, DEFAULT
        ).pairs.sum()
        for _ in range(10)
    ]
    # Under the null the chance of any discovery is the rate; each of them is a single pair or two.
    assert sum(found) <= 3


def test_a_positive_cell_is_not_responsive_to_everything():
    rng = np.random.default_rng(8)
    response = 5 + rng.standard_normal((200, 10))
    image = shown(20, 10)
    for test in ("own-null", "mann-whitney"):
        for has_baseline in (True, False):
            assert responsive_pairs(response, image, has_baseline, by(test)).pairs.mean() < 0.02
    assert responsive_pairs(response, image, True, by("t-test")).pairs.all()


@pytest.mark.parametrize("test", ["t-test", "signed-rank"])
def test_without_a_baseline_ranks_stand_in_for_a_test_that_needs_one(test):
    response, image, truth = planted(np.random.default_rng(18))
    instead = responsive_pairs(response, image, False, by(test))
    by_ranks = responsive_pairs(response, image, False, by("mann-whitney"))
    np.testing.assert_array_equal(instead.pairs, by_ranks.pairs)
    assert f"the {test} needs a baseline" in instead.test
    assert "needs a baseline" not in by_ranks.test
    assert (by_ranks.pairs & truth).sum() > 0.9 * truth.sum()


def test_what_could_be_found_comes_with_the_default_test():
    response, image, _ = planted(np.random.default_rng(19))
    could = responsive_pairs(response, image, True, DEFAULT).detectable
    assert (could.repeats, could.images, could.pairs) == (10, 40, 2400)
    # Of ten repeats with noise SD 1: 3.4 standard errors or so.
    assert 0.8 < np.median(could.noise_sd) < 1.4
    np.testing.assert_allclose(could.response, could.noise_sd, atol=0.4)
    assert responsive_pairs(response, image, True, by("t-test")).detectable is None


def test_the_scored_presentation_is_judged_by_the_other_repeats():
    rng = np.random.default_rng(9)
    response, image, _ = planted(rng)
    result = responsive_pairs(response, image, True, by("t-test"))
    groups = [response[image == i] for i in range(40)]
    p = np.array([stats.ttest_1samp(rows, 0, alternative="greater").pvalue for rows in groups])
    cut = 0.05 * (stats.false_discovery_control(p.ravel()) <= 0.05).mean()
    rows = rng.choice(image.size, 25, replace=False)
    for row in rows:
        rest = response[(image == image[row]) & (np.arange(image.size) != row)]
        p_rest = stats.ttest_1samp(rest, 0, alternative="greater").pvalue
        expected = (p_rest <= cut) & (rest.mean(axis=0) > 0)
        np.testing.assert_array_equal(result.pairs_others[row], expected)
    assert 0 < result.pairs_others[rows].sum() < 25 * 60


def test_discovery_cut_agrees_with_scipy():
    rng = np.random.default_rng(11)
    for _ in range(50):
        p = np.concatenate([rng.random(300), rng.random(rng.integers(1, 40)) * 1e-3])
        passing = stats.false_discovery_control(p) <= 0.05
        np.testing.assert_array_equal(p <= discovery_cut(p, 0.05), passing)


def test_discovery_cut_without_discoveries_and_with_undefined_p():
    assert discovery_cut(np.array([0.5, 0.9]), 0.05) == -1.0
    assert discovery_cut(np.array([np.nan, np.nan]), 0.05) == -1.0
    # Two defined p, of which one passes: 0.02 <= 0.05 · 1/2.
    assert discovery_cut(np.array([np.nan, 0.02, 0.9]), 0.05) == 0.025


def test_the_amplitude_floor_removes_weak_responses():
    response, image, _ = planted(np.random.default_rng(12))
    groups = ImageGroups.of(image)
    mean = groups.means(response[groups.order]).T
    everything = responsive_pairs(response, image, True, DEFAULT)
    floored = responsive_pairs(
        response, image, True, DEFAULT.model_copy(update={"amplitude_floor": 2.5})
    )
    np.testing.assert_array_equal(floored.pairs, everything.pairs & (mean > 2.5))
    assert 0 < floored.pairs.sum() < everything.pairs.sum()
    assert floored.test.endswith("mean response above 2.5")


@pytest.mark.parametrize("has_baseline", [True, False])
def test_one_repeat_is_undefined(has_baseline):
    response = np.random.default_rng(13).standard_normal((30, 4)) + 9
    result = responsive_pairs(response, np.arange(30), has_baseline, DEFAULT)
    assert not result.pairs.any()
    assert not result.pairs_others.any()
    assert result.pairs.shape == (4, 30)
    assert result.test.startswith("undefined: every image was shown once")
    visual = visually_responsive(response, np.arange(30), 0.05)
    assert not visual.cells.any()
    assert np.isnan(visual.p).all()
    assert visual.test == "undefined: no repeats"


def test_signed_rank_is_refused_where_no_p_can_pass():
    settings = DEFAULT.model_copy(update={"responsive_test": "signed-rank"})
    rng = np.random.default_rng(14)
    with pytest.raises(SettingsError, match=r"8 repeats of 40 images .* It needs 10 repeats"):
        responsive_pairs(rng.standard_normal((320, 5)), shown(40, 8), True, settings)
    response, image, truth = planted(rng, repeats=10, strength=5.0)
    result = responsive_pairs(response, image, True, settings)
    assert (result.pairs & truth).sum() > 0.9 * truth.sum()
    assert "signed-rank" in result.test


@pytest.mark.parametrize("zeros", [0.0, 0.5])
def test_visual_responsiveness_agrees_with_scipy(zeros):
    rng = np.random.default_rng(15)
    image = rng.permutation(np.repeat(np.arange(8), rng.integers(3, 9, 8)))
    response = rng.exponential(1 + 2 * rng.random((8, 5)))[image] * rng.random((image.size, 5))
    response[rng.random(response.shape) < zeros] = 0
    groups = ImageGroups.of(image)
    columns = [[response[image == i, cell] for i in range(8)] for cell in range(5)]
    anova = [stats.f_oneway(*samples).pvalue for samples in columns]
    kruskal = [stats.kruskal(*samples).pvalue for samples in columns]
    ordered = response[groups.order]
    np.testing.assert_allclose(anova_p(ordered, groups), anova, rtol=1e-9)
    np.testing.assert_allclose(kruskal_wallis_p(ordered, groups), kruskal, rtol=1e-9)
    visual = visually_responsive(response, image, 0.05)
    p = kruskal if zeros else anova
    np.testing.assert_allclose(visual.p, p)
    np.testing.assert_array_equal(visual.cells, stats.false_discovery_control(p) <= 0.05)
    assert visual.test == ("Kruskal-Wallis" if zeros else "analysis of variance") + " over images"


def test_constant_cells_are_not_visually_responsive():
    response = np.random.default_rng(16).standard_normal((60, 3))
    response[:, 1] = 4.0
    response[:, 2] += 5 * (shown(6, 10) == 2)
    visual = visually_responsive(response, shown(6, 10), 0.05)
    assert visual.cells.tolist() == [False, False, True]
    assert np.isnan(visual.p).tolist() == [False, True, False]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100), st.booleans())
def test_permuting_cells_permutes_and_scaling_changes_nothing(seed, scale, has_baseline):
    rng = np.random.default_rng(seed)
    response, image, _ = planted(rng, images=6, repeats=5, cells=7, share=0.2)
    order = rng.permutation(7)
    plain = responsive_pairs(response, image, has_baseline, DEFAULT)
    moved = responsive_pairs(scale * response[:, order], image, has_baseline, DEFAULT)
    np.testing.assert_array_equal(moved.pairs, plain.pairs[order])
    np.testing.assert_array_equal(moved.pairs_others, plain.pairs_others[:, order])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["own-null", "mann-whitney", "t-test"]))
def test_the_order_of_presentations_does_not_matter(seed, test):
    rng = np.random.default_rng(seed)
    response, image, _ = planted(rng, images=6, repeats=5, cells=7, share=0.2)
    order = rng.permutation(image.size)
    plain = responsive_pairs(response, image, True, by(test))
    moved = responsive_pairs(response[order], image[order], True, by(test))
    np.testing.assert_array_equal(moved.pairs, plain.pairs)
    # Elsewhere the repeats that were shown as the r-th of their image are left out together.
    if test == "t-test":
        np.testing.assert_array_equal(moved.pairs_others, plain.pairs_others[order])


@pytest.mark.parametrize("has_baseline", [True, False])
def test_noise_of_the_papers_size_holds_next_to_nothing(has_baseline):
    response = np.random.default_rng(17).standard_normal((2400, 726))
    result = responsive_pairs(response, shown(200, 12), has_baseline, DEFAULT)
    assert result.pairs.shape == (726, 200)
    assert result.pairs.sum() <= 5
