from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.matrices.suspicious import Presented, suspicions
from twophoton_decode.formats.matrices.unit import in_safe_unit

REPEATS, IMAGES, CELLS = 4, 6, 9
IMAGE = np.tile(np.arange(IMAGES), REPEATS)
REPEAT = np.repeat(np.arange(REPEATS), IMAGES)


@pytest.fixture
def rows():
    return np.random.default_rng(0).exponential(size=(REPEATS * IMAGES, CELLS))


def told(rows, image=IMAGE, repeat=REPEAT):
    return suspicions(Presented(rows, image, repeat), Path("R.npy"))


def test_ordinary_responses_raise_no_doubt(rows):
    assert told(rows) == []
    rows[rows < 0.7] = 0.0  # rare spikes
    rows[3, :4] = np.nan
    assert told(rows) == []


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_presentations_of_one_value(rows, value):
    rows[[9, 14]] = value
    (note,) = told(rows)
    assert note == (
        f"2 presentations are {value:g} in every cell, the first being image 3, repeat 1. They "
        f"count as responses; if they are missing, add --missing {value:g}."
    )


def test_silent_presentations_of_few_sparse_cells_are_expected():
    rng = np.random.default_rng(1)
    rows = rng.exponential(size=(240, 3)) * (rng.random((240, 3)) < 0.2)
    assert ((rows == 0).all(axis=1)).sum() > 50
    assert told(rows, np.arange(240) % 40, np.arange(240) // 40) == []


@pytest.mark.parametrize("fill", [9.969209968386869e36, np.float32(9.96921e36), 1e20, -1e20])
def test_a_huge_fill_is_refused_with_the_option(rows, fill):
    rows[2, 3:5] = fill
    with pytest.raises(ResponseError, match=r"2 responses are .*e\+.*image 2, repeat 0, cell 3"):
        told(rows)


@pytest.mark.parametrize("fill", [-9999, 32767])
def test_a_fill_value_is_told(rows, fill):
    rows[2, 3:5] = fill
    (note,) = told(rows)
    assert f"2 responses are {fill}, the first at image 2, repeat 0, cell 3" in note
    assert f"--missing {fill}" in note


def test_a_saturated_value_is_no_fill(rows):
    rows = np.round(rows * 30000)
    rows[2, 3:5] = 32767
    assert told(rows) == []


def test_averages_stored_as_repeats(rows):
    rows = np.tile(rows[:IMAGES], (REPEATS, 1))
    (note,) = told(rows)
    assert "18 presentations of 6 images equal an earlier one of the same image" in note
    assert "the first being image 0, repeat 1, which equals repeat 0" in note


def test_rows_pasted_twice(rows):
    rows[9] = rows[2]
    (note,) = told(rows)
    assert "1 presentations equal one of another image" in note
    assert "image 3, repeat 1, which equals image 2, repeat 0" in note


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (np.arange(24.0), "presentations"),
        (np.arange(1.0, 25), "presentations"),
        (IMAGE + 1.0, "images"),
        (REPEAT + 0.0, "repeats"),
    ],
)
def test_a_counter_among_the_cells(rows, column, what):
    rows[:, 4] = column
    (note,) = told(rows)
    assert note.startswith(f"cell 4 counts the {what} (")


def test_cells_out_of_proportion(rows):
    rows[:, 5] *= 1e12
    (note,) = told(rows)
    assert note.startswith("1 cell is larger than the others out of all proportion")
    assert "cell 5" in note
    rows[:, 5] /= 1e24
    (note,) = told(rows)
    assert note.startswith("1 cell is smaller than")
    rows[:, 5] = 5e-324
    rows[:, :5] *= 1e10
    assert any("the first being cell 5 (inf times smaller" in note for note in told(rows))


def test_extreme_units_are_kept_as_a_power_of_ten(rows):
    kept, exponent, notes = in_safe_unit(rows * 1e160, Path("R.npy"))
    assert exponent in (160, 161)
    np.testing.assert_allclose(kept, rows * 10.0 ** (160 - exponent), rtol=1e-14)
    assert "stored in units of 1e160" in notes[0]
    assert in_safe_unit(rows * 1e-5, Path("R.npy"))[1:] == (0, [])


def test_a_cell_that_no_unit_can_hold_beside_the_others(rows):
    rows[:, 5] *= 1e40
    with pytest.raises(ResponseError, match=r"cell 5 reaches .*no computation can hold both"):
        in_safe_unit(rows, Path("R.npy"))
