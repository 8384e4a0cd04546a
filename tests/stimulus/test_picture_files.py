"""Picture files come out as they are displayed, or are refused in words."""

import os
import socket
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.stimulus.picture_files import pixels as picture_pixels
from twophoton_decode.stimulus.pictures import picture_size, read_pictures

SIDE = 16
COLOUR = np.kron(np.random.default_rng(4).integers(0, 256, (4, 4, 3)), np.ones((4, 4, 1))).astype(
    np.uint8
)
GREY = COLOUR[..., 0]
LUMA = (COLOUR / 255) @ [0.2126, 0.7152, 0.0722]


def read(folder):
    """The only picture of a folder, and what was said."""
    found = read_pictures(folder, SIDE)
    assert len(found.picture) == 1
    return found.picture[0], found.notes


def shows(folder, expected):
    picture, notes = read(folder)
    np.testing.assert_allclose(picture, expected, atol=1e-6)
    assert notes == []


def refused(folder, message):
    with pytest.raises(StimulusImageError, match=message) as caught:
        read_pictures(folder, SIDE)
    return str(caught.value)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_where_zero_is_white_is_turned_round(tmp_path, dtype):
    largest = np.iinfo(dtype).max
    stored = (largest - GREY * (largest / 255)).round().astype(dtype)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="miniswhite", metadata=None)
    shows(tmp_path, GREY / 255)


def test_black_and_white_tiffs_of_both_senses_show_the_same(tmp_path):
    black = GREY > 128
    Image.fromarray(black).save(tmp_path / "a.tif")
    with tifffile.TiffWriter(tmp_path / "b.tif") as writer:
        writer.write(~black, photometric="miniswhite", metadata=None)
    found = read_pictures(tmp_path, SIDE)
    np.testing.assert_array_equal(found.picture, [black, black])


@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_zero_as_white_needs_a_largest_value(tmp_path, dtype):
    tifffile.imwrite(tmp_path / "a.tif", GREY.astype(dtype), photometric="miniswhite")
    refused(tmp_path, "says that 0 is white .* have no largest value")


@pytest.mark.parametrize("suffix", ["tif", "png", "bmp"])
def test_palettes_are_looked_up(tmp_path, suffix):
    indexed = Image.fromarray(COLOUR).quantize(16, dither=Image.Dither.NONE)
    indexed.save(tmp_path / f"a.{suffix}")
    shown = np.asarray(indexed.convert("RGB")) / 255 @ [0.2126, 0.7152, 0.0722]
    shows(tmp_path, shown)


def test_tiff_palettes_of_16_bits_are_kept_and_those_of_8_fill_the_range(tmp_path):
    exact = np.linspace(0, 65535, 3 * 256).round().astype(np.uint16).reshape(3, 256)
    eight = exact // 256
    for name, palette in {"a": exact, "b": eight * 257, "c": eight, "d": eight * 256}.items():
        tifffile.imwrite(tmp_path / f"{name}.tif", GREY, photometric="palette", colormap=palette)
    found = read_pictures(tmp_path, SIDE).picture
    luma = [np.moveaxis(p[:, GREY], 0, -1) @ [0.2126, 0.7152, 0.0722] for p in (exact, eight)]
    expected = [luma[0] / 65535, luma[1] / 255, luma[1] / 255, luma[1] / 255]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_colour_of_16_bits_keeps_every_bit(tmp_path):
    deep = np.random.default_rng(1).integers(0, 2**16, (SIDE, SIDE, 3)).astype(np.uint16)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(deep))
    tifffile.imwrite(tmp_path / "b.tif", deep, photometric="rgb")
    tifffile.imwrite(
        tmp_path / "c.tif", np.moveaxis(deep, -1, 0), photometric="rgb", planarconfig="separate"
    )
    expected = (deep / 65535) @ [0.2126, 0.7152, 0.0722]
    found = read_pictures(tmp_path, SIDE).picture
    np.testing.assert_allclose(found, [expected] * 3, atol=1e-7)


def test_twelve_bits_fill_the_range(tmp_path):
    stored = GREY.astype(np.uint16) * 16 + 15
    tifffile.imwrite(tmp_path / "a.tif", stored, bitspersample=12)
    shows(tmp_path, stored / 4095)


def test_jpeg_inside_a_tiff_comes_back_in_its_colours(tmp_path):
    smooth = np.full((SIDE, SIDE, 3), (200, 90, 30), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", smooth, photometric="rgb", compression="jpeg")
    picture, _ = read(tmp_path)
    assert picture == pytest.approx((smooth[0, 0] / 255) @ [0.2126, 0.7152, 0.0722], abs=0.01)


def test_grey_with_an_opaque_alpha_channel_is_grey(tmp_path):
    with_alpha = np.dstack([GREY, np.full_like(GREY, 255)])
    Image.fromarray(with_alpha).save(tmp_path / "a.png")
    Image.fromarray(with_alpha).save(tmp_path / "b.tif")
    np.testing.assert_allclose(read_pictures(tmp_path, SIDE).picture, [GREY / 255] * 2, atol=1e-6)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("alpha", [0, 128, 254])
def test_uniform_transparency_is_refused(tmp_path, suffix, alpha):
    see_through = np.dstack([COLOUR, np.full_like(GREY, alpha)])
    Image.fromarray(see_through).save(tmp_path / f"a.{suffix}")
    refused(tmp_path, f"a.{suffix}: parts of the picture are transparent")


def test_uniform_transparency_in_a_stack_is_refused(tmp_path):
    np.save(tmp_path / "s.npy", np.full((2, SIDE, SIDE, 4), 0.5))
    with pytest.raises(StimulusImageError, match="image 0: parts of the picture are transparent"):
        read_pictures(tmp_path / "s.npy", SIDE)


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_colours_for_printing_are_refused(tmp_path, suffix):
    Image.fromarray(COLOUR).convert("CMYK").save(tmp_path / f"a.{suffix}")
    refused(tmp_path, "CMYK|SEPARATED")


@pytest.mark.parametrize("mode", ["LAB", "YCbCr"])
def test_other_colour_spaces_of_tiff_are_refused_by_name(tmp_path, mode):
    Image.fromarray(COLOUR).convert(mode).save(tmp_path / "a.tif")
    refused(tmp_path, "stores its colours as (CIELAB|YCBCR), which is not read")


def test_complex_pictures_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY.astype(np.complex64))
    refused(tmp_path, r"a\.tif: expected real numbers, found pixels of the type complex64")


def test_pictures_are_turned_upright_and_it_is_said(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = np.rot90(GREY, 1)
    for name in ("a.png", "b.jpg"):
        Image.fromarray(np.ascontiguousarray(stored)).save(tmp_path / name, exif=exif, quality=100)
    tifffile.imwrite(tmp_path / "c.tif", stored, extratags=[(274, "H", 1, 6, True)])
    found = read_pictures(tmp_path, SIDE)
    np.testing.assert_allclose(found.picture, [GREY / 255] * 3, atol=0.03)
    said = "3 of 3 pictures were turned upright by the orientation in the file."
    assert found.notes == [said]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_as_in_pillow(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    wide = np.arange(SIDE * (SIDE + 4), dtype=np.uint8).reshape(SIDE, SIDE + 4)
    Image.fromarray(wide).save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as file:
        upright = np.asarray(ImageOps.exif_transpose(file))
    top, left = ((side - SIDE) // 2 for side in upright.shape)
    expected = upright[top : top + SIDE, left : left + SIDE] / 255
    np.testing.assert_allclose(read(tmp_path)[0], expected, atol=1e-6)
    assert picture_size(tmp_path / "a.png") == upright.shape
    Image.fromarray(wide).save(tmp_path / "b.jpg", exif=exif)
    assert picture_size(tmp_path / "b.jpg") == upright.shape
    tifffile.imwrite(tmp_path / "c.tif", wide, extratags=[(274, "H", 1, orientation, True)])
    assert picture_size(tmp_path / "c.tif") == upright.shape


def test_animations_are_refused(tmp_path):
    frames = [Image.fromarray(GREY), Image.fromarray(GREY.T.copy())]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    refused(tmp_path, r"a\.png is an animation of 2 pictures: expected one")


def test_several_pictures_in_one_tiff_of_a_folder_are_refused(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", np.stack([GREY] * 3), photometric="minisblack")
    refused(tmp_path, r"a\.tif holds 3 pictures: expected one.*as the stack of pictures")


def test_a_preview_beside_a_tiff_picture_is_passed_over(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(GREY, metadata=None)
        writer.write(GREY[::2, ::2], subfiletype=1, metadata=None)
    shows(tmp_path, GREY / 255)


def test_of_a_cameras_jpeg_with_a_preview_the_first_is_taken_and_it_is_said(tmp_path):
    first, second = Image.fromarray(COLOUR), Image.fromarray(255 - COLOUR)
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second], quality=98)
    picture, notes = read(tmp_path)
    assert np.corrcoef(picture.ravel(), LUMA.ravel())[0, 1] > 0.95
    assert notes == ["1 of 1 pictures were taken as the first of several images in their file."]


@pytest.mark.parametrize("kind", ["GIF", "EPS", "WEBP", "PPM", "TGA", "ICO"])
def test_other_formats_are_not_opened_whatever_they_are_called(tmp_path, kind):
    Image.fromarray(COLOUR).save(tmp_path / "a.png", kind)
    refused(tmp_path, r"a\.png cannot be read as a picture \(PNG, JPEG or BMP\)")


@pytest.mark.parametrize("block", [b"IDAT", b"IHDR", b"PLTE"])
def test_a_changed_checksum_in_a_png_is_noticed(tmp_path, block):
    indexed = Image.fromarray(COLOUR).quantize(16)
    indexed.save(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    at = content.index(block)
    length = struct.unpack(">I", content[at - 4 : at])[0]
    content[at + 4 + length] ^= 1
    (tmp_path / "a.png").write_bytes(content)
    refused(tmp_path, r"a\.png cannot be read as a picture")


def png_of(height, width, data=b""):
    """A PNG whose header claims a size."""
    blocks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", data)]
    content = b"\x89PNG\r\n\x1a\n"
    for name, body in [*blocks, (b"IEND", b"")]:
        content += struct.pack(">I", len(body)) + name + body
        content += struct.pack(">I", zlib.crc32(name + body))
    return content


def test_a_size_that_the_file_cannot_hold_takes_no_memory(tmp_path):
    (tmp_path / "a.png").write_bytes(png_of(20_000, 20_000, b"x" * 100))
    refused(tmp_path, r"a\.png claims 20000 × 20000 pixels, 1.6 GB, but has only \d+ bytes")


def test_a_tiff_size_that_the_file_cannot_hold_takes_no_memory(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY, compression="zlib")
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as tiff:
        tiff.pages[0].tags["ImageLength"].overwrite(20_000)
        tiff.pages[0].tags["ImageWidth"].overwrite(20_000)
    refused(tmp_path, r"a\.tif (claims 20000 × 20000|is cut short|cannot be read)")


def test_more_pixels_than_pillow_allows_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    Image.fromarray(GREY).save(tmp_path / "a.png")
    Image.fromarray(GREY).save(tmp_path / "b.bmp")
    found = read_pictures(tmp_path, SIDE)
    np.testing.assert_allclose(found.picture, [GREY / 255] * 2, atol=1e-6)
    assert Image.MAX_IMAGE_PIXELS == 50


def test_pictures_too_large_to_read_say_how_large_they_may_be(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_pixels, "MOST_PIXELS", 200)
    Image.fromarray(GREY).save(tmp_path / "a.png")
    refused(tmp_path, r"a\.png has 16 × 16 pixels; at most 0 megapixels are read")


def test_a_tiff_cut_short_is_not_filled_with_zeros(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", GREY, metadata=None)
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content[:-40])
    refused(tmp_path, r"a\.tif (is cut short|cannot be read)")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system")
def test_pipes_and_sockets_are_refused_and_never_opened(tmp_path, monkeypatch):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    for name in ("b.png", "c.tif"):
        os.mkfifo(tmp_path / name)
        refused(tmp_path, rf"{name} is a pipe: expected a regular file")
        with pytest.raises(UsageError, match="is a pipe, socket or device"):
            read_pictures(tmp_path / name, SIDE)
        (tmp_path / name).unlink()
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)
        server.bind("d.png")
        refused(tmp_path, r"d\.png is a socket: expected a regular file")


def test_links_to_nothing_are_named(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    (tmp_path / "b.png").symlink_to("annex/objects/b.png")
    refused(tmp_path, r"b\.png stands for content that git-annex keeps elsewhere")
    (tmp_path / "b.png").unlink()
    (tmp_path / "b.png").symlink_to("elsewhere/b.png")
    refused(tmp_path, r"b\.png is a link to elsewhere/b\.png, where there is nothing")
    (tmp_path / "b.png").unlink()
    (tmp_path / "b.png").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    refused(tmp_path, r"b\.png stands for content that Git LFS keeps elsewhere")


def test_folders_of_pictures_inside_are_named(tmp_path):
    (tmp_path / "inner").mkdir()
    Image.fromarray(GREY).save(tmp_path / "inner" / "a.png")
    refused(tmp_path, r"found none among 1 entries \(inner/\)\. Name the folder in which")
    Image.fromarray(GREY).save(tmp_path / "b.png")
    picture, notes = read(tmp_path)
    np.testing.assert_allclose(picture, GREY / 255, atol=1e-6)
    assert notes == [
        f"Left out of {tmp_path.name}: 1 entry that is not a picture (inner/).",
        f"Pictures in folders inside {tmp_path.name} are not read: inner/.",
    ]


def test_square_pictures_are_averaged_and_not_cropped(tmp_path):
    Image.fromarray(np.kron(GREY, np.ones((2, 2), np.uint8))).save(tmp_path / "a.png")
    picture, notes = read(tmp_path)
    np.testing.assert_allclose(picture, GREY / 255, atol=1e-6)
    assert notes == ["1 of 1 pictures were averaged to 16 × 16 pixels."]


def test_pictures_that_need_no_averaging_are_only_cropped(tmp_path):
    Image.fromarray(np.pad(GREY, ((0, 0), (3, 3)))).save(tmp_path / "a.png")
    picture, notes = read(tmp_path)
    np.testing.assert_allclose(picture, GREY / 255, atol=1e-6)
    assert notes == ["1 of 1 pictures were cropped to their central square."]


def test_a_gamma_in_the_file_changes_nothing(tmp_path):
    content = png_of(SIDE, SIDE, zlib.compress(b"".join(b"\0" + bytes(row) for row in GREY)))
    body = struct.pack(">I", 100_000)
    gamma = struct.pack(">I", 4) + b"gAMA" + body + struct.pack(">I", zlib.crc32(b"gAMA" + body))
    at = content.index(b"IDAT") - 4
    (tmp_path / "a.png").write_bytes(content[:at] + gamma + content[at:])
    shows(tmp_path, GREY / 255)


@pytest.fixture
def stack():
    return np.random.default_rng(7).integers(0, 256, (5, SIDE, SIDE)).astype(np.uint8)


@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "minisblack"},
        {"imagej": True},
        {"imagej": True, "truncate": True},
        {"bigtiff": True, "compression": "zlib"},
        {"ome": True, "metadata": {"axes": "TYX"}},
    ],
    ids=str,
)
def test_tiff_stacks_hold_their_pictures_in_order(tmp_path, stack, options):
    tifffile.imwrite(tmp_path / "s.tif", stack, **options)
    found = read_pictures(tmp_path / "s.tif", SIDE)
    np.testing.assert_allclose(found.picture, stack / 255, atol=1e-6)


def test_a_tiff_stack_in_colour_and_one_where_zero_is_white(tmp_path, stack):
    colours = np.stack([COLOUR, COLOUR[::-1]])
    tifffile.imwrite(tmp_path / "c.tif", colours, photometric="rgb")
    found = read_pictures(tmp_path / "c.tif", SIDE).picture
    np.testing.assert_allclose(found, [LUMA, LUMA[::-1]], atol=1e-6)
    tifffile.imwrite(tmp_path / "w.tif", 255 - stack, photometric="miniswhite")
    found = read_pictures(tmp_path / "w.tif", SIDE).picture
    np.testing.assert_allclose(found, stack / 255, atol=1e-6)


def test_one_colour_picture_is_a_stack_of_one(tmp_path):
    tifffile.imwrite(tmp_path / "s.tif", COLOUR, photometric="rgb")
    np.testing.assert_allclose(read_pictures(tmp_path / "s.tif", SIDE).picture, [LUMA], atol=1e-6)


def test_a_tiff_stack_with_channels_too_is_refused(tmp_path):
    hyperstack = np.zeros((4, 2, SIDE, SIDE), np.uint8)
    tifffile.imwrite(tmp_path / "s.tif", hyperstack, imagej=True, metadata={"axes": "TCYX"})
    with pytest.raises(StimulusImageError, match=r"several axes .*\(T 4, C 2\)"):
        read_pictures(tmp_path / "s.tif", SIDE)


def test_channels_taken_as_pictures_are_said(tmp_path, stack):
    tifffile.imwrite(tmp_path / "s.tif", stack, imagej=True, metadata={"axes": "CYX"})
    found = read_pictures(tmp_path / "s.tif", SIDE)
    assert found.notes == ["s.tif: its 5 channels are taken as pictures."]


def test_pictures_of_two_sizes_in_a_stack_name_the_page(tmp_path):
    with tifffile.TiffWriter(tmp_path / "s.tif") as writer:
        for shape in ((16, 16), (16, 16), (16, 18)):
            writer.write(np.zeros(shape, np.uint8), metadata=None)
    with pytest.raises(StimulusImageError, match=r"s\.tif, page 2: expected a picture of the"):
        read_pictures(tmp_path / "s.tif", SIDE)


def test_a_chain_of_pages_that_breaks_off_is_said(tmp_path, stack):
    with tifffile.TiffWriter(tmp_path / "s.tif") as writer:
        for picture in stack:
            writer.write(picture, contiguous=False, metadata=None)
    with tifffile.TiffFile(tmp_path / "s.tif") as tiff:
        page = tiff.pages[1]
        at = page.offset + 2 + 12 * len(page.tags)
    content = bytearray((tmp_path / "s.tif").read_bytes())
    content[at : at + 4] = bytes(4)
    (tmp_path / "s.tif").write_bytes(content)
    found = read_pictures(tmp_path / "s.tif", SIDE)
    assert len(found.picture) == 2
    assert "belong to none of its 2 pictures: pictures may be missing" in found.notes[0]


def test_a_chain_of_pages_in_a_circle_comes_to_an_end(tmp_path, stack):
    with tifffile.TiffWriter(tmp_path / "s.tif") as writer:
        for picture in stack:
            writer.write(picture, contiguous=False, metadata=None)
    with tifffile.TiffFile(tmp_path / "s.tif") as tiff:
        last = tiff.pages[len(stack) - 1]
        at = last.offset + 2 + 12 * len(last.tags)
        second = tiff.pages[1].offset
    content = bytearray((tmp_path / "s.tif").read_bytes())
    content[at : at + 4] = struct.pack("<I", second)
    (tmp_path / "s.tif").write_bytes(content)
    with pytest.raises(StimulusImageError, match="damaged: it should hold more than 4 pictures"):
        read_pictures(tmp_path / "s.tif", SIDE)


def test_twelve_bits_where_zero_is_white_are_turned_round(tmp_path):
    stored = GREY.astype(np.uint16) * 16
    tifffile.imwrite(tmp_path / "a.tif", stored, bitspersample=12, photometric="miniswhite")
    shows(tmp_path, 1 - stored / 4095)
