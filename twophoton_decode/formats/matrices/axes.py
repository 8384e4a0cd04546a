"""Axes that the user names: which are repeats, images and cells, which are averaged or joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError, UsageError

LAYOUTS = (("repeat", "image", "cell"), ("image", "cell"), ("presentation", "cell"))


@dataclass(frozen=True, eq=False)
class Matrix:
    """Responses whose axes are those of one of `LAYOUTS`, in any order.

    Attributes
    ----------
    values : ndarray of float64
    words : tuple of str
        Name of each axis.
    notes : list of str
        What was averaged, joined or taken on trust.
    """

    values: np.ndarray
    words: tuple[str, ...]
    notes: list[str]

    def length(self, word: str) -> int:
        """How long the axis called `word` is."""
        return self.values.shape[self.words.index(word)]

    def ordered(self, *words: str) -> np.ndarray:
        """The values with their axes in the order of `words`."""
        return self.values.transpose([self.words.index(word) for word in words])

    def lengths(self) -> str:
        """Name and length of every axis, for messages."""
        return ", ".join(f"{w} {n}" for w, n in zip(self.words, self.values.shape, strict=True))


def named_matrix(
    values: np.ndarray, axes: str, path: Path, average: Sequence[str] = (), join: Sequence[str] = ()
) -> Matrix:
    """`values` as a matrix of responses, further axes averaged or joined.

    Parameters
    ----------
    values : ndarray
    axes : str
        A word for each axis, in the order of the file.
    path : Path
        For messages.
    average : sequence of str
        Axes to average over; NaN are left out of the average.
    join : sequence of str
        Axes to lay out as one, such as ``"plane cell"``: the cells of the first plane, then
        those of the second. The last word is the axis they become.

    Raises
    ------
    UsageError
        Words that do not describe the array.
    ResponseError
        An empty array.
    """
    words = tuple(axes.replace(",", " ").split())
    joined = [tuple(text.replace(",", " ").split()) for text in join]
    _refuse_unknown_words(axes, words, average, joined)
    values, notes = _without_unnamed(values, words, path)
    matrix = Matrix(values.astype(np.float64), words, notes)
    for word in average:
        matrix = _averaged(matrix, word)
    for each in joined:
        matrix = _joined(matrix, each)
    return Matrix(matrix.values, matrix.words, [*matrix.notes, *_equal_lengths(matrix)])


def _refuse_unknown_words(
    axes: str, words: tuple[str, ...], average: Sequence[str], join: Sequence[tuple[str, ...]]
) -> None:
    given = [*average, *(word for each in join for word in each)]
    for word in given:
        if word not in words or given.count(word) > 1:
            why = "names it twice" if word in words else "does not name it"
            found = "--average or --join" if word in words else f'--axes "{axes}"'
            raise UsageError(f"the axis {word!r} cannot be averaged or joined: {found} {why}.")
    for each in join:
        if len(each) < 2:
            raise UsageError(f'--join "{" ".join(each)}" needs two axes, such as "plane cell".')
    gone = {*average, *(word for each in join for word in each[:-1])}
    left = sorted(word for word in words if word not in gone)
    if len(set(words)) == len(words) and any(left == sorted(layout) for layout in LAYOUTS):
        return
    known = ", ".join(f'"{" ".join(layout)}"' for layout in LAYOUTS)
    raise UsageError(
        f'--axes "{axes}" cannot be read: expected one of {known}, in any order. Any further axis '
        "is named too and either averaged, as with --average time, or joined to one of these, as "
        'with --join "plane cell".'
    )


def _without_unnamed(
    values: np.ndarray, words: tuple[str, ...], path: Path
) -> tuple[np.ndarray, list[str]]:
    """The array without axes of length 1 that have no name; an error for any other."""
    notes = []
    if values.ndim > len(words) and values.shape.count(1) == values.ndim - len(words):
        notes = [f"axes of length 1 are left out of {_product(values.shape)}."]
        values = np.squeeze(values)
    if values.ndim != len(words):
        raise UsageError(
            f"{path} has {values.ndim} axes, of lengths {_product(values.shape)}, but --axes "
            f'"{" ".join(words)}" names {len(words)}. Name every axis; one that is neither '
            "repeat, image, cell nor presentation is averaged (--average) or joined (--join)."
        )
    if 0 in values.shape:
        raise ResponseError(
            f"{path} is empty: its axes ({', '.join(words)}) have lengths {_product(values.shape)}."
        )
    return values, notes


def _averaged(matrix: Matrix, word: str) -> Matrix:
    axis = matrix.words.index(word)
    known = ~np.isnan(matrix.values)
    count = known.sum(axis=axis)
    total = np.where(known, matrix.values, 0.0).sum(axis=axis)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    length = matrix.values.shape[axis]
    partial = np.count_nonzero((count > 0) & (count < length))
    gaps = f"; {partial} of {mean.size} averages leave out NaN" if partial else ""
    return Matrix(
        mean,
        (*matrix.words[:axis], *matrix.words[axis + 1 :]),
        [*matrix.notes, f"responses are averaged over the axis {word}, {length} long{gaps}."],
    )


def _joined(matrix: Matrix, words: tuple[str, ...]) -> Matrix:
    """The axes `words` as one, the first changing slowest."""
    others = tuple(word for word in matrix.words if word not in words)
    laid_out = matrix.ordered(*others, *words)
    length = int(np.prod(laid_out.shape[len(others) :]))
    shape = _product(laid_out.shape[len(others) :])
    note = (
        f"the axes {' and '.join(words)} ({shape}) are laid out as {length} {words[-1]}s, one "
        f"{words[0]} after the other."
    )
    return Matrix(
        laid_out.reshape(*laid_out.shape[: len(others)], length),
        (*others, words[-1]),
        [*matrix.notes, note],
    )


def _equal_lengths(matrix: Matrix) -> list[str]:
    """Axes that could be exchanged without anything in the file saying so."""
    pairs = combinations(zip(matrix.words, matrix.values.shape, strict=True), 2)
    return [
        f"the {a} and the {b} axis are both {n} long: nothing in the file tells them apart, so "
        f'they are taken in the order "{" ".join(matrix.words)}". If the responses make no sense, '
        "exchange them."
        for (a, n), (b, m) in pairs
        if n == m and n > 1
    ]


def _product(shape: Sequence[int]) -> str:
    return " × ".join(str(n) for n in shape)
