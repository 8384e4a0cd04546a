from pathlib import Path

import numpy as np
import pytest

from twophoton_decode.errors import UsageError
from twophoton_decode.formats.matrices.axes import named_matrix

PATH = Path("R.npy")
CUBE = np.random.default_rng(0).normal(size=(2, 5, 7))
"""(repeat, image, cell)"""


def test_a_further_axis_is_averaged():
    bins = CUBE[..., None] + np.array([-1.0, 0.0, 4.0])
    matrix = named_matrix(bins, "repeat image cell time", PATH, average=["time"])
    np.testing.assert_allclose(matrix.ordered("repeat", "image", "cell"), CUBE + 1.0)
    assert matrix.notes == ["responses are averaged over the axis time, 3 long."]


def test_an_average_leaves_nan_out_and_counts_it():
    bins = np.repeat(CUBE[..., None], 3, axis=3)
    bins[0, 1, 2, 0] = np.nan
    bins[1, 4, 6] = np.nan
    matrix = named_matrix(bins, "repeat image cell time", PATH, average=["time"])
    values = matrix.ordered("repeat", "image", "cell")
    assert values[0, 1, 2] == pytest.approx(CUBE[0, 1, 2])
    assert np.isnan(values[1, 4, 6])
    assert np.isnan(values).sum() == 1
    assert "1 of 70 averages leave out NaN" in matrix.notes[0]


def test_planes_are_joined_plane_by_plane():
    planes = np.stack([CUBE, CUBE + 100], axis=2)
    matrix = named_matrix(planes, "repeat image plane cell", PATH, join=["plane cell"])
    expected = np.concatenate([CUBE, CUBE + 100], axis=2)
    np.testing.assert_array_equal(matrix.ordered("repeat", "image", "cell"), expected)
    assert "the axes plane and cell (2 × 7) are laid out as 14 cells, one plane after" in " ".join(
        matrix.notes
    )


def test_the_order_of_joining_is_that_of_the_words():
    blocks = np.stack([CUBE, CUBE + 100])
    turned = blocks.transpose(3, 0, 2, 1)
    matrix = named_matrix(turned, "cell block image repeat", PATH, join=["block repeat"])
    np.testing.assert_array_equal(
        matrix.ordered("repeat", "image", "cell"), np.concatenate([CUBE, CUBE + 100])
    )


def test_an_axis_of_length_one_needs_no_name():
    matrix = named_matrix(CUBE[:, :, None, :], "repeat image cell", PATH)
    np.testing.assert_array_equal(matrix.ordered("repeat", "image", "cell"), CUBE)
    assert matrix.notes == ["axes of length 1 are left out of 2 × 5 × 1 × 7."]


@pytest.mark.parametrize(
    ("axes", "average", "join", "message"),
    [
        ("repeat image cell time", (), (), "averaged, as with --average time, or joined"),
        ("repeat image cell time", ("day",), (), "'day' cannot be averaged or joined: .* does not"),
        ("repeat image cell time", ("time", "time"), (), "names it twice"),
        ("repeat image cell time", (), ("time",), "needs two axes"),
        ("repeat image cell time", ("cell",), (), 'expected one of "repeat image cell"'),
        ("repeat image cell cell", (), (), 'expected one of "repeat image cell"'),
    ],
)
def test_words_that_describe_no_matrix(axes, average, join, message):
    with pytest.raises(UsageError, match=message):
        named_matrix(CUBE[..., None, None], axes, PATH, average, join)


def test_a_missing_name_says_what_to_do_with_the_axis():
    with pytest.raises(UsageError, match=r"has 4 axes, of lengths 2 × 5 × 7 × 3.*--average"):
        named_matrix(np.zeros((2, 5, 7, 3)), "repeat image cell", PATH)


def test_equal_axes_are_told():
    matrix = named_matrix(np.zeros((3, 6, 6)), "repeat image cell", PATH)
    assert matrix.notes == [
        "the image and the cell axis are both 6 long: nothing in the file tells them apart, so "
        'they are taken in the order "repeat image cell". If the responses make no sense, '
        "exchange them."
    ]
    assert named_matrix(CUBE, "repeat image cell", PATH).notes == []
