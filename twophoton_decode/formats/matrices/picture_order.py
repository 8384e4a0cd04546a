"""Which picture is which image: as many as there are responses, and in the same order."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.matrices.axes import Matrix

_PRESENTATIONS = (
    ' If each row is a presentation, name its picture: --axes "presentation cell" with --labels.'
)


def refuse_other_count(matrix: Matrix, pictures: int, responses: Path, images: Path) -> None:
    """`ResponseError` unless the image axis is as long as there are pictures.

    It names axes that would fit only where they leave more cells than repeats, and leaves
    the judgement to the user: an axis can have that length by accident.
    """
    if matrix.length("image") == pictures:
        return
    raise ResponseError(
        f"{responses}: the axes have the lengths {matrix.lengths()}, but {images} holds {pictures} "
        f"images. {_advice(matrix, pictures)}"
    )


def _advice(matrix: Matrix, pictures: int) -> str:
    shape = matrix.values.shape
    if pictures not in shape:
        rows = _PRESENTATIONS if len(shape) == 2 else ""
        return f"No axis is {pictures} long; are these the images that were shown?{rows}"
    fitting = [
        order
        for order in permutations(matrix.words)
        if shape[order.index("image")] == pictures and _plausible(order, shape)
    ]
    places = [str(1 + axis) for axis, n in enumerate(shape) if n == pictures]
    some = f"Axis {places[0]} is" if len(places) == 1 else f"Axes {' and '.join(places)} are"
    if len(fitting) != 1:
        return f"{some} {pictures} long; say which one is which in --axes."
    return (
        f"{some} {pictures} long. If it counts the images, these axes would fit: "
        f'"{" ".join(fitting[0])}".'
    )


def _plausible(order: tuple[str, ...], shape: tuple[int, ...]) -> bool:
    """Fewer repeats than cells, and more than one cell."""
    lengths = dict(zip(order, shape, strict=True))
    return lengths["cell"] > max(1, lengths.get("repeat", 1))


def order_notes(names: np.ndarray, images: Path) -> list[str]:
    """First and last picture, and whether another common order of the files would differ.

    Parameters
    ----------
    names : ndarray of str, shape (image,)
        Names of the pictures in the order in which they were taken.
    """
    last = len(names) - 1
    if not images.is_dir():
        return [f"image 0 is the first picture of {images.name}, image {last} the last."]
    first = f"image 0 is {names[0]}, image {last} is {names[-1]}."
    alphabetical = sorted(names.tolist())
    if alphabetical == names.tolist():
        return [first]
    place = next(i for i, name in enumerate(alphabetical) if name != names[i])
    return [
        f"{first} The pictures are taken in the order of their numbers, so image {place} is "
        f"{names[place]}; in the order of the alphabet, as MATLAB's dir and Python's sorted list "
        f"them, it would be {alphabetical[place]}."
    ]
