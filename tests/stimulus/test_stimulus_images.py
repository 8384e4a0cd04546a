import numpy as np
import pytest
import scipy.io
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.stimulus.pictures import (
    read_pictures,
    to_working_size,
)


def save(folder, name, pixels):
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(folder / name)


def grey(value, shape=(12, 12)):
    return np.full(shape, value, dtype=np.uint8)


def test_a_folder_is_read_in_natural_order(tmp_path):
    for number in (10, 2, 1):
        save(tmp_path, f"frame{number}.png", grey(number))
    pictures = read_pictures(tmp_path, 12)
    assert pictures.name.tolist() == ["frame1.png", "frame2.png", "frame10.png"]
    np.testing.assert_allclose(pictures.picture[:, 5, 5], np.array([1, 2, 10]) / 255, rtol=1e-6)
    assert pictures.picture.dtype == np.float32
    assert pictures.notes == []


def test_png_jpeg_and_tiff_lie_side_by_side(tmp_path):
    save(tmp_path, "a.png", grey(51))
    save(tmp_path, "b.jpg", grey(102))
    tifffile.imwrite(tmp_path / "c.tif", np.full((12, 12), 0.6, np.float32))
    tifffile.imwrite(tmp_path / "d.tif", np.full((12, 12), 52428, np.uint16))
    Image.fromarray(np.full((12, 12), 65535, np.uint16)).save(tmp_path / "e.png")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".hidden.png").write_text("x")
    pictures = read_pictures(tmp_path, 12)
    np.testing.assert_allclose(pictures.picture.mean((1, 2)), [0.2, 0.4, 0.6, 0.8, 1.0], atol=1e-6)
    what = "1 entry that is not a picture (notes.txt)"
    assert pictures.notes == [f"Left out of {tmp_path.name}: {what}."]


def test_colour_becomes_luma(tmp_path):
    for name, colour in (("1r", (255, 0, 0)), ("2g", (0, 255, 0)), ("3b", (0, 0, 255))):
        save(tmp_path, f"{name}.png", np.tile(np.uint8(colour), (9, 9, 1)))
    palette = Image.new("P", (9, 9), 0)
    palette.putpalette([255, 255, 255])
    palette.save(tmp_path / "4white.png")
    picture = read_pictures(tmp_path, 9).picture
    np.testing.assert_allclose(picture[:, 4, 4], [0.2126, 0.7152, 0.0722, 1.0], rtol=1e-6)


def test_an_opaque_alpha_channel_changes_nothing_and_a_varied_one_is_refused(tmp_path):
    pixels = np.full((9, 9, 4), 255, np.uint8)
    save(tmp_path, "a.png", pixels)
    assert read_pictures(tmp_path, 9).picture.min() == pytest.approx(1.0)
    pixels[0, 0, 3] = 0
    save(tmp_path, "b.png", pixels)
    with pytest.raises(StimulusImageError, match=r"b\.png: parts of the picture are transparent"):
        read_pictures(tmp_path, 9)


def test_area_averages_by_hand():
    picture = np.arange(36.0).reshape(6, 6)
    np.testing.assert_allclose(
        to_working_size(picture, 2), picture.reshape(2, 3, 2, 3).mean((1, 3)), rtol=1e-12
    )
    # Three pixels on two: each bin covers one and a half.
    stripes = np.tile([[0.0, 3.0, 6.0]], (3, 1))
    np.testing.assert_allclose(to_working_size(stripes, 2), [[1.0, 5.0]] * 2, rtol=1e-12)


def test_the_centre_is_cropped_and_small_pictures_stay():
    wide = np.zeros((4, 8))
    wide[:, 2:6] = 7.0
    np.testing.assert_array_equal(to_working_size(wide, 4), np.full((4, 4), 7.0))
    np.testing.assert_allclose(to_working_size(wide.T, 2), np.full((2, 2), 7.0))
    assert to_working_size(wide, 5).shape == (4, 8)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_averaging_keeps_the_mean_and_the_range(side, size, seed):
    picture = np.random.default_rng(seed).random((side, side))
    small = to_working_size(picture, size)
    assert small.shape == ((side, side) if side < size else (size, size))
    assert small.mean() == pytest.approx(picture.mean(), rel=1e-9)
    assert small.min() >= picture.min() - 1e-12
    assert small.max() <= picture.max() + 1e-12


def test_resizing_is_said(tmp_path):
    np.save(tmp_path / "s.npy", np.random.default_rng(0).random((3, 40, 60)))
    pictures = read_pictures(tmp_path / "s.npy", 32)
    assert pictures.picture.shape == (3, 32, 32)
    assert pictures.notes == [
        "3 of 3 pictures were cropped to their central square and averaged to 32 × 32 pixels."
    ]


def test_stacks_of_every_kind_are_the_same(tmp_path):
    stack = np.random.default_rng(1).random((4, 9, 9)).astype(np.float32)
    np.save(tmp_path / "s.npy", stack)
    np.savez(tmp_path / "s.npz", S=stack, other=1)
    scipy.io.savemat(tmp_path / "s.mat", {"S": stack})
    tifffile.imwrite(tmp_path / "s.tif", stack, photometric="minisblack")
    np.save(tmp_path / "flat.npy", stack.reshape(4, 81))
    for name, key in (("s.npy", ""), ("s.npz", "S"), ("s.mat", "S"), ("s.tif", "")):
        pictures = read_pictures(tmp_path / name, 32, key=key)
        np.testing.assert_array_equal(pictures.picture, stack)
        assert pictures.name.tolist() == ["0", "1", "2", "3"]
    flat = read_pictures(tmp_path / "flat.npy", 32, shape=(9, 9))
    np.testing.assert_array_equal(flat.picture, stack)


def test_a_one_page_tiff_is_a_stack_of_one(tmp_path):
    tifffile.imwrite(tmp_path / "s.tif", np.zeros((9, 11), np.float32))
    assert read_pictures(tmp_path / "s.tif", 32).picture.shape == (1, 9, 11)


def test_pictures_of_two_sizes_name_the_odd_one(tmp_path):
    for name, shape in (("a.png", (20, 30)), ("b.png", (21, 30)), ("c.png", (20, 30))):
        save(tmp_path, name, grey(1, shape))
    with pytest.raises(
        StimulusImageError, match=r"b\.png: expected 20 × 30 pixels .*, found 21 × 30"
    ):
        read_pictures(tmp_path, 32)
    assert read_pictures(tmp_path, 16).picture.shape == (3, 16, 16)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinite_pixels_are_refused(tmp_path, bad):
    stack = np.zeros((3, 9, 9))
    stack[1, 2, 3] = bad
    np.save(tmp_path / "s.npy", stack)
    message = r"s\.npy, image 1: 1 pixel is NaN or infinite, the first at row 2, column 3"
    with pytest.raises(StimulusImageError, match=message):
        read_pictures(tmp_path / "s.npy", 32)


def test_flattened_pictures_need_their_shape(tmp_path):
    np.save(tmp_path / "s.npy", np.zeros((5, 961)))
    np.save(tmp_path / "odd.npy", np.zeros((5, 960)))
    with pytest.raises(UsageError, match=r"5 flattened pictures of 961 pixels.*31x31"):
        read_pictures(tmp_path / "s.npy", 32)
    with pytest.raises(UsageError, match="--image-shape HEIGHTxWIDTH"):
        read_pictures(tmp_path / "odd.npy", 32)
    with pytest.raises(UsageError, match="an image shape of 31x30 needs 930"):
        read_pictures(tmp_path / "s.npy", 32, shape=(31, 30))


def test_what_is_no_picture_is_named(tmp_path):
    with pytest.raises(UsageError, match="no such file or folder"):
        read_pictures(tmp_path / "none", 32)
    with pytest.raises(StimulusImageError, match="found none among 0 entries"):
        read_pictures(tmp_path, 32)
    (tmp_path / "a.png").write_bytes(b"not a picture")
    with pytest.raises(StimulusImageError, match=r"a\.png cannot be read as a picture"):
        read_pictures(tmp_path, 32)
    (tmp_path / "a.tif").write_bytes(b"not a picture")
    with pytest.raises(StimulusImageError, match=r"a\.tif cannot be read as a TIFF picture"):
        read_pictures(tmp_path / "a.tif", 32)
    (tmp_path / "s.gif").write_bytes(b"GIF89a")
    with pytest.raises(UsageError, match="expected a folder of pictures, or a stack"):
        read_pictures(tmp_path / "s.gif", 32)
    np.save(tmp_path / "five.npy", np.zeros((2, 2, 5, 7, 9)))
    with pytest.raises(StimulusImageError, match=r"found an array of shape \(2, 2, 5, 7, 9\)"):
        read_pictures(tmp_path / "five.npy", 32)
    np.save(tmp_path / "two.npy", np.zeros((3, 9, 9, 2)))
    with pytest.raises(StimulusImageError, match=r"image 0: expected one grey or RGB picture"):
        read_pictures(tmp_path / "two.npy", 32)


def test_natural_order_takes_digits_as_numbers(tmp_path):
    names = ["b2", "a10", "a9", "10", "a", "A9b"]
    ordered = sorted((tmp_path / name for name in names), key=natural_order)
    assert [path.name for path in ordered] == ["10", "a", "a9", "A9b", "a10", "b2"]
