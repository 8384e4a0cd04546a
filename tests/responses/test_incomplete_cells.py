"""A cell that misses presentations is described as if it had been recorded without them."""

import numpy as np
import pytest

from twophoton_decode.responses.describe import Measured, describe
from twophoton_decode.responses.incomplete import as_expected, mean_of_known, same_presentations
from twophoton_decode.settings import ResponseSettings

REPEATS, IMAGES, CELLS = 6, 12, 8
IMAGE = np.tile(np.arange(IMAGES), REPEATS)
PICTURE = np.random.default_rng(9).random((IMAGES, 8, 8))


def population(seed=0):
    rng = np.random.default_rng(seed)
    tuning = rng.gamma(2.0, size=(IMAGES, CELLS))
    return tuning[IMAGE] + 0.5 * rng.normal(size=(IMAGE.size, CELLS))


def described(response, filled=None, rows=slice(None), cells=slice(None), baseline=False):
    return describe(
        Measured(
            response=response[rows][:, cells],
            filled=None if filled is None else filled[rows][:, cells],
            image=IMAGE[rows],
            repeat=np.zeros(IMAGE[rows].size, dtype=int),
            onset_s=np.full(IMAGE[rows].size, np.nan),
            roi=np.full(response[:, cells].shape[1], -1),
            unit="a.u.",
            has_baseline=baseline,
        ),
        PICTURE,
        np.arange(IMAGES).astype(str),
        settings=ResponseSettings(),
    )


@pytest.fixture
def gaps():
    filled = np.zeros((IMAGE.size, CELLS), dtype=bool)
    filled[np.random.default_rng(1).choice(IMAGE.size, 10, replace=False), 2] = True
    filled[:12, 5] = True
    return filled


def test_statistics_of_a_cell_are_those_without_its_missing_presentations(gaps):
    response = population()
    found = described(np.where(gaps, 1e3, response), gaps)
    for cell in range(CELLS):
        alone = described(response, rows=~gaps[:, cell], cells=[cell])
        for name in (
            "reliability", "explainable_variance", "oracle", "lifetime_sparseness",
            "visually_responsive_p",
        ):  # fmt: skip
            assert getattr(found, name)[cell] == pytest.approx(getattr(alone, name)[0]), name


@pytest.mark.parametrize("baseline", [True, False])
def test_responsive_pairs_do_not_see_what_was_filled_in(gaps, baseline):
    response = population()
    first = described(np.where(gaps, 1e3, response), gaps, baseline=baseline)
    second = described(np.where(gaps, -50.0, response), gaps, baseline=baseline)
    np.testing.assert_array_equal(first.responsive, second.responsive)
    np.testing.assert_array_equal(first.responsive_others, second.responsive_others)
    assert first.responsive.any()
    # Judged without a presentation that it lacks, a cell is judged by all that it has.
    np.testing.assert_array_equal(first.responsive_others[gaps], first.responsive.T[IMAGE][gaps])


def test_nothing_that_is_described_sees_what_was_filled_in(gaps):
    response = population()
    first = described(np.where(gaps, 1e3, response), gaps)
    second = described(np.where(gaps, -50.0, response), gaps)
    for name, _ in first.arrays():
        if name != "response" and getattr(first, name) is not None:
            np.testing.assert_array_equal(getattr(first, name), getattr(second, name), name)
    assert first.notes == second.notes


def test_averages_are_over_what_is_there(gaps):
    response = population()
    found = described(np.where(gaps, 1e3, response), gaps)
    known = np.where(gaps, np.nan, response)
    expected = np.nanmean(known.reshape(REPEATS, IMAGES, CELLS), axis=0)
    np.testing.assert_allclose(found.averages(), expected)


def test_an_image_that_a_cell_never_saw():
    response, gaps = population(), np.zeros((IMAGE.size, CELLS), dtype=bool)
    gaps[IMAGE == 3, 2] = True
    found = described(np.where(gaps, 0.25, response), gaps)
    assert not found.responsive[2, 3]
    assert found.averages()[3, 2] == 0.25
    assert np.isfinite(found.population_sparseness).all()
    assert np.isfinite(found.noise_correlation).all()


def test_cells_with_the_same_presentations_stand_together(gaps):
    known = np.where(gaps, np.nan, 1.0)
    groups = {tuple(cells): rows for cells, rows in same_presentations(known)}
    assert set(groups) == {(0, 1, 3, 4, 6, 7), (2,), (5,)}
    for cells, rows in groups.items():
        np.testing.assert_array_equal(rows, np.flatnonzero(~gaps[:, cells[0]]))


def test_a_missing_response_deviates_by_nothing(gaps):
    known = np.where(gaps, np.nan, population())
    expected = as_expected(known, IMAGE)
    order = np.argsort(IMAGE, kind="stable")
    starts = np.arange(IMAGES) * REPEATS
    np.testing.assert_allclose(
        mean_of_known(expected[order], starts), mean_of_known(known[order], starts)
    )
    assert as_expected(population(), IMAGE).shape == known.shape
