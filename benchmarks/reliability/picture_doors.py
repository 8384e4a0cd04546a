"""The pictures that were shown: folders of files, and stacks."""

import numpy as np
import tifffile
from PIL import Image
from reading import Door, Reading, digest

from twophoton_decode.stimulus.pictures import read_pictures

SIDE = 12
RNG = np.random.default_rng(5)
COLOUR = np.kron(RNG.integers(0, 256, (3, 4, 4, 3)), np.ones((1, 3, 3, 1))).astype(np.uint8)
GREY = COLOUR[..., 0]


def read(file):
    source = file.parent if file.name.startswith("b.") else file
    found = read_pictures(source, SIDE)
    return Reading(
        {"shape": found.picture.shape, "names": tuple(found.name.tolist())},
        digest(found.picture),
        frozenset(found.notes),
    )


def folder_of(suffix, pictures, **options):
    """Three pictures, of which the second is damaged."""

    def make(folder):
        for name, pixels in zip("abc", pictures, strict=True):
            Image.fromarray(pixels).save(folder / f"{name}.{suffix}", **options)
        return folder / f"b.{suffix}"

    return make


def palette(folder):
    for name, pixels in zip("abc", COLOUR, strict=True):
        Image.fromarray(pixels).quantize(16).save(folder / f"{name}.png")
    return folder / "b.png"


def tiffs(pictures, **options):
    def make(folder):
        for name, pixels in zip("abc", pictures, strict=True):
            tifffile.imwrite(folder / f"{name}.tif", pixels, **options)
        return folder / "b.tif"

    return make


def stack(folder):
    tifffile.imwrite(folder / "stack.tif", GREY, photometric="minisblack")
    return folder / "stack.tif"


def array(folder):
    np.save(folder / "stack.npy", GREY)
    return folder / "stack.npy"


BOTH = frozenset({"structure", "values"})
SHAPE = frozenset({"structure"})
DEEP = COLOUR.astype(np.uint16) * 257
DOORS = [
    Door("png grey", "pictures", folder_of("png", GREY), read, BOTH),
    Door("png colour", "pictures", folder_of("png", COLOUR), read, BOTH),
    Door("png palette", "pictures", palette, read, BOTH),
    Door("png 16 bit", "pictures", folder_of("png", GREY.astype(np.uint16) * 257), read, BOTH),
    Door("jpeg", "pictures", folder_of("jpg", COLOUR), read, SHAPE),
    Door("jpeg progressive", "pictures", folder_of("jpg", GREY, progressive=True), read, SHAPE),
    Door("tiff grey", "pictures", tiffs(GREY), read, SHAPE),
    Door("tiff colour lzw", "pictures", tiffs(COLOUR, compression="lzw"), read, SHAPE),
    Door("tiff 16 bit deflate", "pictures", tiffs(DEEP, compression="zlib"), read, SHAPE),
    Door(
        "tiff inverted", "pictures", tiffs(GREY, photometric="miniswhite", metadata=None), read,
        SHAPE,
    ),
    Door("tiff stack", "pictures", stack, read, SHAPE),
    Door("npy stack", "pictures", array, read),
]  # fmt: skip
