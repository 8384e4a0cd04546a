from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.matrices.missing import completed, marked_missing

PATH = Path("R.npy")


@pytest.fixture
def rows():
    return np.random.default_rng(0).exponential(size=(20, 6)) + 0.1


def test_zero_counts_only_in_every_cell(rows):
    rows[3] = 0
    rows[5, 2] = 0
    marked, notes = marked_missing(rows, [0.0])
    assert np.isnan(marked[3]).all()
    assert np.isnan(marked).sum() == 6
    assert marked[5, 2] == 0
    assert notes == [
        "0 means missing: it stands in every cell of 1 presentations, and was taken as missing in "
        "0 single responses."
    ]


@pytest.mark.parametrize("marker", [-1.0, 9.969209968386869e36, 1e20])
def test_a_value_beyond_all_others_counts_in_single_cells(rows, marker):
    rows[3] = marker
    rows[5, 2] = marker
    marked, notes = marked_missing(rows, [marker])
    assert np.isnan(marked[3]).all()
    assert np.isnan(marked[5, 2])
    assert np.isnan(marked).sum() == 7
    assert "every cell of 1 presentations" in notes[0]
    assert "in 1 single responses" in notes[0]


def test_a_value_among_the_others_counts_only_in_every_cell(rows):
    rows = np.round(rows * 3)
    rows[3] = 2.0
    rows[4, 0] = 2.0
    marked, _ = marked_missing(rows, [2.0])
    assert np.isnan(marked).sum() == 6


def test_nothing_missing_is_left_as_it_is(rows):
    full = completed(rows, "refuse", PATH)
    assert full.response is rows
    assert full.filled is None
    assert full.notes == []


def test_the_mean_over_presentations_fills_a_gap(rows):
    rows[[2, 7], 1] = np.nan
    rows[2, 4] = np.nan
    full = completed(rows, "cell-mean", PATH)
    assert full.response[2, 1] == full.response[7, 1] == pytest.approx(np.nanmean(rows[:, 1]))
    np.testing.assert_array_equal(full.filled, np.isnan(rows))
    np.testing.assert_array_equal(full.response[~full.filled], rows[~full.filled])
    assert full.notes[0].startswith(
        "3 of 120 responses (2.50 %) are missing, in 2 of 6 cells and 2 of 20 presentations."
    )


def test_cells_or_presentations_with_gaps_can_be_left_out(rows):
    rows[[2, 7], 1] = np.nan
    cells = completed(rows, "drop-cells", PATH)
    assert cells.cells.tolist() == [0, 2, 3, 4, 5]
    assert cells.filled is None
    assert cells.notes[0].endswith("1 cells with a gap are left out.")
    presentations = completed(rows, "drop-presentations", PATH)
    assert presentations.response.shape == (18, 6)
    assert not {2, 7} & set(presentations.presentations.tolist())
    assert presentations.notes[0].endswith("2 presentations with a gap are left out.")


def test_gaps_can_be_refused(rows):
    rows[[2, 7], 1] = np.nan
    with pytest.raises(
        ResponseError, match=r"first is at presentation 2, cell 1 .* Choose cell-me"
    ):
        completed(rows, "refuse", PATH)


def test_a_cell_without_responses_is_left_out(rows):
    rows[:, 3] = np.nan
    full = completed(rows, "cell-mean", PATH)
    assert full.cells.tolist() == [0, 1, 2, 4, 5]
    assert full.filled is None
    assert full.notes == ["1 cells have no response at all and are left out: 3 (counted from 0)."]


def test_nothing_left_is_an_error(rows):
    rows[np.arange(20), np.arange(20) % 6] = np.nan
    for policy in ("drop-cells", "drop-presentations"):
        with pytest.raises(ResponseError, match=f"{policy} leaves .*Choose another way"):
            completed(rows, policy, PATH)


def test_what_is_mostly_missing_is_counted(rows):
    rows[:15, 2] = np.nan
    rows[4, :4] = np.nan
    notes = completed(rows, "cell-mean", PATH).notes
    assert "1 cells miss more than half of their presentations." in notes
    assert "1 presentations miss more than half of their cells." in notes
