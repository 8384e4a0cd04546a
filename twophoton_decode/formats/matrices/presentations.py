"""Matrices of responses in long form: one row a presentation, and which image it showed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.formats.matrices.axes import Matrix


@dataclass(frozen=True, eq=False)
class Given:
    """Responses in long form, as the file has them.

    `rows` is (presentation, cell); `image`, -1 where none was shown, and `repeat` are
    (presentation,).
    """

    rows: np.ndarray
    image: np.ndarray
    repeat: np.ndarray


def refuse_needless_labels(matrix: Matrix, labels: Path | None) -> None:
    """`UsageError` unless there are labels for presentations, and for these alone."""
    by_label = "presentation" in matrix.words
    if by_label and labels is None:
        raise UsageError('--axes "presentation cell" needs --labels: the image of each row.')
    if labels is not None and not by_label:
        raise UsageError(
            f'--labels {labels} would be ignored: with --axes "{" ".join(matrix.words)}" the place '
            "along the image axis says which image was shown. Leave out --labels, or name the "
            'axes "presentation cell".'
        )


def by_axes(matrix: Matrix) -> Given:
    """Rows (presentation, cell) repeat by repeat."""
    if "repeat" in matrix.words:
        cube = matrix.ordered("repeat", "image", "cell")
    else:
        cube = matrix.ordered("image", "cell")[None]
    repeats, images, cells = cube.shape
    return Given(
        cube.reshape(repeats * images, cells),
        np.tile(np.arange(images), repeats),
        np.repeat(np.arange(repeats), images),
    )


def refuse_other_number_of_labels(matrix: Matrix, labels: np.ndarray, path: Path) -> None:
    """`ResponseError` unless there is a label for each presentation."""
    presentations, cells = (matrix.length(word) for word in ("presentation", "cell"))
    if labels.size == presentations:
        return
    hint = " The other axis is: are the two exchanged in --axes?" if labels.size == cells else ""
    raise ResponseError(
        f"{path}: expected a label for each of the {presentations} presentations, found "
        f"{labels.size}.{hint}"
    )


def by_labels(matrix: Matrix, image: np.ndarray) -> Given:
    """Rows as they are, with the image (presentation,) that each one's label means."""
    return Given(matrix.ordered("presentation", "cell"), image, _occurrences(image))


def _occurrences(image: np.ndarray) -> np.ndarray:
    """How many times each presentation's image came before it."""
    seen: dict[int, int] = {}
    repeat = np.empty(image.size, dtype=np.int64)
    for row, shown in enumerate(image.tolist()):
        repeat[row] = seen.get(shown, 0)
        seen[shown] = repeat[row] + 1
    return repeat
