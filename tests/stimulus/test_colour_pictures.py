"""Pictures in colour: range, cropping, averaging, grey ones replicated."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.stimulus.colour_pictures import open_colour_pictures
from twophoton_decode.stimulus.pictures import read_pictures


def saved(folder, *pictures):
    for place, pixels in enumerate(pictures):
        Image.fromarray(pixels).save(folder / f"p{place}.png")
    return folder


def test_colours_keep_their_order_and_range(tmp_path):
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[..., 0], pixels[:4, :, 2] = 255, 51
    found = open_colour_pictures(saved(tmp_path, pixels))
    assert found.name.tolist() == ["p0.png"]
    read = found.read(0, 8)
    assert read.dtype == np.float32
    assert (read[0] == 1).all()
    assert (read[1] == 0).all()
    np.testing.assert_allclose(read[2], np.repeat([0.2, 0.0], 4)[:, None] * np.ones(8))


def test_grey_is_the_luma_of_the_core_in_three_channels(tmp_path):
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (16, 24, 3), dtype=np.uint8)
    grey = rng.integers(0, 256, (16, 16), dtype=np.uint8)
    folder = saved(tmp_path, colour, grey)
    expected = read_pictures(folder, 8).picture
    found = open_colour_pictures(folder)
    for place in range(2):
        read = found.read(place, 8, grey=True)
        np.testing.assert_allclose(read, np.broadcast_to(expected[place], (3, 8, 8)), atol=1e-6)
    np.testing.assert_array_equal(found.read(1, 8), found.read(1, 8, grey=True))


def test_large_pictures_are_cropped_and_averaged_small_ones_only_cropped(tmp_path):
    pixels = np.arange(8 * 12, dtype=np.uint8).reshape(8, 12)
    found = open_colour_pictures(saved(tmp_path, pixels))
    square = pixels[:, 2:10] / 255
    np.testing.assert_allclose(found.read(0, 4)[0], square.reshape(4, 2, 4, 2).mean((1, 3)),
                               atol=1e-6)  # fmt: skip
    np.testing.assert_allclose(found.read(0, 100)[0], square, atol=1e-6)


def test_other_ranges_become_black_to_white_and_say_so(tmp_path):
    stack = np.linspace(-2, 6, 3 * 64).reshape(3, 8, 8)
    np.save(tmp_path / "stack.npy", stack)
    found = open_colour_pictures(tmp_path / "stack.npy")
    np.testing.assert_allclose(found.read(2, 8)[1], (stack[2] + 2) / 8, atol=1e-6)
    assert any("values from -2 to 6 are taken as black to white" in note for note in found.notes)
    np.save(tmp_path / "unit.npy", stack.clip(0, 1))
    unit = open_colour_pictures(tmp_path / "unit.npy")
    np.testing.assert_allclose(unit.read(1, 8)[0], stack[1].clip(0, 1), atol=1e-6)
    assert not any("black to white" in note for note in unit.notes)
    np.save(tmp_path / "flat.npy", np.full((3, 8, 8), 5.0))
    with pytest.raises(StimulusImageError, match="every pixel of every picture has the value 5"):
        open_colour_pictures(tmp_path / "flat.npy")


def test_pictures_that_never_pass_a_tenth_are_not_given_as_black(tmp_path):
    """Luminances as Antolik et al. store them: the largest is a few ten-thousandths."""
    stack = np.linspace(0, 0.000255, 3 * 64).reshape(3, 8, 8)
    np.save(tmp_path / "dark.npy", stack)
    found = open_colour_pictures(tmp_path / "dark.npy")
    np.testing.assert_allclose(found.read(1, 8)[0], stack[1] / 0.000255, atol=1e-6)
    assert any("0.000255 are taken as black to white" in note for note in found.notes)


@pytest.mark.parametrize("names", [("a.png", "b.tif"), ("b.png", "a.tif")])
def test_pictures_of_two_kinds_of_values_are_refused(tmp_path, names):
    """Grey levels of one would be taken for black or white of the other."""
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(grey).save(tmp_path / names[0])
    tifffile.imwrite(tmp_path / names[1], 3.0 * grey.astype(np.float32))
    with pytest.raises(StimulusImageError, match="Store all pictures as one type"):
        open_colour_pictures(tmp_path).read(1, 8)
