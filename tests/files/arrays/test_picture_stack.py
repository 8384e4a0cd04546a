"""Which axis of an array counts the pictures, and which run over rows and columns."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
import tifffile
from matlab_made import save_v73

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.files.arrays.found import FoundArray
from twophoton_decode.files.arrays.picture_stack import picture_stack
from twophoton_decode.stimulus.picture_files.luminance import LUMA_WEIGHTS
from twophoton_decode.stimulus.pictures import read_pictures

SOURCE = Path("I.npy")
GREY = np.random.default_rng(0).random((7, 4, 5))
COLOUR = np.random.default_rng(1).random((7, 4, 5, 3))
SQUARE = np.random.default_rng(2).random((6, 5, 5))


def turned(values, words, stored):
    """`values` with axes `words` as an array with the axes `stored`."""
    words = words.split()
    return values.transpose([words.index(word) for word in stored.split()])


def stack(values, **options):
    order = options.pop("order", "given")
    names = options.pop("names", ())
    return picture_stack(FoundArray(values, axes=names, order=order), SOURCE, **options)


@pytest.mark.parametrize(
    "stored", ["image y x", "image x y", "y x image", "x y image", "y image x", "x image y"]
)
def test_named_axes_of_grey_pictures(stored):
    found = stack(turned(GREY, "image y x", stored), axes=stored)
    np.testing.assert_array_equal(found.pictures, GREY)
    assert found.notes == ()


@pytest.mark.parametrize(
    "stored", ["image y x colour", "image colour y x", "y x colour image", "colour x y image"]
)
@pytest.mark.parametrize("axes", [str, lambda stored: stored.replace("colour", "Color")])
def test_named_axes_of_colour_pictures(stored, axes):
    found = stack(turned(COLOUR, "image y x colour", stored), axes=axes(stored))
    np.testing.assert_array_equal(found.pictures, COLOUR)


def test_names_in_the_file_count():
    found = stack(GREY.transpose(2, 0, 1), names=("width", "stimulus", "height"))
    np.testing.assert_array_equal(found.pictures, GREY)


@pytest.mark.parametrize("axes", ["image y", "image y y", "image y z", "image y x time"])
def test_axes_that_cannot_be_read(axes):
    with pytest.raises(UsageError, match=r'the image axes ".*" cannot be read: expected the words'):
        stack(GREY, axes=axes)


def test_axes_that_are_too_many_for_the_array():
    with pytest.raises(UsageError, match=r'7 × 4 × 5, but the image axes "image y x colour" are 4'):
        stack(GREY, axes="image y x colour")


@pytest.mark.parametrize(
    ("stored", "values"),
    [
        ("y x image", GREY),
        ("image colour y x", COLOUR),
        ("y x colour image", COLOUR),
    ],
)
def test_the_number_of_pictures_tells_their_axis(stored, values):
    words = "image y x" if values.ndim == 3 else "image y x colour"
    found = stack(turned(values, words, stored), count=7)
    np.testing.assert_array_equal(found.pictures, values)
    assert f'are taken as "{stored}"' in found.notes[0]


def test_the_usual_axes_need_no_word():
    for values in (GREY, COLOUR):
        for count in (None, 7):
            found = stack(values, count=count)
            np.testing.assert_array_equal(found.pictures, values)
            assert found.notes == ()


@pytest.mark.parametrize("shape", [(1, 7, 4, 5), (7, 1, 4, 5), (7, 4, 5, 1), (1, 7, 4, 5, 1)])
def test_axes_of_one_are_left_out_and_told(shape):
    found = stack(GREY.reshape(shape))
    np.testing.assert_array_equal(found.pictures, GREY)
    assert "of length 1 w" in found.notes[0]


def test_a_single_picture_of_colours_first():
    picture = np.random.default_rng(3).random((3, 8, 9))
    found = stack(picture, count=1)
    np.testing.assert_array_equal(found.pictures, np.moveaxis(picture, 0, -1)[None])
    assert stack(picture, count=3).pictures.shape == (3, 8, 9)
    assert stack(picture).pictures.shape == (3, 8, 9)
    last = stack(np.moveaxis(picture, 0, -1))
    np.testing.assert_array_equal(last.pictures, np.moveaxis(picture, 0, -1)[None])
    assert 'are taken as "y x colour"' in last.notes[0]


@pytest.mark.parametrize("order", ["given", "matlab", "unmarked"])
def test_square_pictures_along_the_last_axis_ask(order):
    stored = SQUARE.transpose(1, 2, 0)
    with pytest.raises(UsageError, match=r"5 × 5 × 6, whose axes could be image y x or y x image"):
        stack(stored, order=order)
    found = stack(stored, order=order, count=6)
    np.testing.assert_array_equal(found.pictures, SQUARE)


def test_as_many_pictures_as_columns_ask_where_matlab_may_have_turned_them():
    cube = np.random.default_rng(4).random((5, 5, 5))
    for order in ("matlab", "unmarked"):
        with pytest.raises(UsageError, match="Say which: --image-axes"):
            stack(cube, order=order, count=5)
        np.testing.assert_array_equal(
            stack(cube, order=order, count=5, axes="y x image").pictures, cube.transpose(2, 0, 1)
        )
    found = stack(cube, count=5)
    np.testing.assert_array_equal(found.pictures, cube)
    assert 'are taken as "image y x"' in found.notes[0]


ROWS = GREY.reshape(7, 20)
COLUMNS = GREY.transpose(0, 2, 1).reshape(7, 20)


@pytest.mark.parametrize(
    ("flat", "axes"),
    [
        (ROWS, "image y x"),
        (COLUMNS, "image x y"),
        (ROWS.T, "y x image"),
        (COLUMNS.T, "x y image"),
        (ROWS, ""),
        (ROWS.T, ""),
    ],
)
def test_flattened_pictures_row_by_row_or_column_by_column(flat, axes):
    found = stack(flat, axes=axes, shape=(4, 5))
    np.testing.assert_array_equal(found.pictures, GREY)
    assert len(found.notes) == (flat is not ROWS and not axes)


def test_flattened_pictures_of_matlab_are_told_how_they_are_taken():
    found = stack(COLUMNS, shape=(4, 5), order="matlab")
    assert 'set image_axes = "image x y"' in found.notes[0]
    assert stack(COLUMNS, shape=(4, 5), order="matlab", axes="image x y").notes == ()


def test_as_many_flattened_pictures_as_pixels_ask():
    flat = np.arange(400.0).reshape(20, 20)
    with pytest.raises(UsageError, match='"image y x" for rows, "y x image" for columns'):
        stack(flat, shape=(4, 5), order="matlab")
    assert "each row of 20 × 20 is taken as a picture" in stack(flat, shape=(4, 5)).notes


@pytest.mark.parametrize("name", ["I.h5", "I.mat"])
def test_pictures_by_matlab_stand_upright(tmp_path, name):
    """Rows stay rows whether MATLAB saved them in its own file or in one called .h5."""
    save_v73(tmp_path / name, I=GREY.transpose(1, 2, 0))
    pictures = read_pictures(tmp_path / name, 32, count=7)
    np.testing.assert_allclose(pictures.picture, GREY, rtol=1e-6)
    assert 'are taken as "y x image"' in pictures.notes[0]


def test_hdf5_without_a_mark_says_how_its_pictures_are_taken(tmp_path):
    """MATLAB's ``h5write`` of (y, x, image) looks like h5py's (image, x, y)."""
    with h5py.File(tmp_path / "I.h5", "w") as file:
        file["I"] = GREY.transpose(0, 2, 1)
    taken = read_pictures(tmp_path / "I.h5", 32)
    np.testing.assert_allclose(taken.picture, GREY.transpose(0, 2, 1), rtol=1e-6)
    assert 'set image_axes = "image x y" under [source]' in taken.notes[0]
    named = read_pictures(tmp_path / "I.h5", 32, axes="image x y")
    np.testing.assert_allclose(named.picture, GREY, rtol=1e-6)
    assert named.notes == []


def test_a_cell_array_of_pictures(tmp_path):
    made = np.empty((1, 7), dtype=object)
    made[0] = list(GREY)
    scipy.io.savemat(tmp_path / "I.mat", {"I": made})
    pictures = read_pictures(tmp_path / "I.mat", 32)
    np.testing.assert_allclose(pictures.picture, GREY, rtol=1e-6)


def test_colour_tiffs_of_one_page_and_of_planes(tmp_path):
    pixels = np.random.default_rng(5).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    luma = pixels / 255 @ LUMA_WEIGHTS
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb")
    tifffile.imwrite(
        tmp_path / "b.tif", np.moveaxis(pixels, -1, 0), photometric="rgb", planarconfig="separate"
    )
    for name in ("a.tif", "b.tif"):
        picture = read_pictures(tmp_path / name, 32).picture
        np.testing.assert_allclose(picture, luma[None], rtol=1e-6)
    np.testing.assert_allclose(read_pictures(tmp_path, 32).picture, [luma, luma], rtol=1e-6)


def test_a_tiff_of_several_stacks_is_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for shape in ((9, 11), (8, 8)):
            file.write(np.zeros(shape, np.uint8), photometric="minisblack")
    with pytest.raises(
        StimulusImageError,
        match=r"page 1: expected a picture of the shape \(9, 11\) like the others",
    ):
        read_pictures(tmp_path / "a.tif", 32)
