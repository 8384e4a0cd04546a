"""Response matrices without a movie: arrays whose axes the user names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.recording.array_file import read_array
from twophoton_decode.recording.stimulus_images import read_pictures
from twophoton_decode.records.responses import Responses
from twophoton_decode.responses.description import Measured, describe
from twophoton_decode.settings import ResponseSettings

_LAYOUTS = (("repeat", "image", "cell"), ("image", "cell"), ("presentation", "cell"))


def import_arrays(
    responses: Path,
    axes: str,
    images: Path,
    *,
    settings: ResponseSettings,
    size_px: int,
    responses_key: str = "",
    images_key: str = "",
    labels: Path | None = None,
    labels_key: str = "",
    image_shape: tuple[int, int] | None = None,
    first_index: int = 0,
    seed: int = 0,
) -> Responses:
    """Responses from an array with named axes, with their statistics.

    A presentation that is NaN in every cell is missing: left out and counted. The
    responses have no baseline unless ``settings.imported_baseline`` says so [ours], so a
    cell is judged against its own responses to other images.

    Parameters
    ----------
    responses : Path
        An .npy, .npz, .mat or .h5 file.
    axes : str
        ``"repeat image cell"``, ``"image cell"`` or ``"presentation cell"``, the words in
        any order.
    images : Path
        Pictures, as `read_pictures` takes them, in the order of the image axis or labels.
    settings : ResponseSettings
    size_px : int
        Side of the pictures at working size.
    responses_key, images_key, labels_key : str
        Which array of an .npz, .mat or .h5 file.
    labels : Path, optional
        For ``"presentation cell"``: the image index of each presentation.
    image_shape : (height, width), optional
        Of flattened pictures.
    first_index : int
        Index of the first image in `labels`: 0 or 1.
    seed : int
        Of the divisions into halves behind the reliability.

    Raises
    ------
    UsageError
        Axes that do not describe the array, missing labels, missing files.
    ResponseError
        Lengths that do not fit the images, NaN in some cells, infinite values.
    """
    words = _parse_axes(axes)
    values = read_array(responses, responses_key).astype(np.float64)
    _refuse_other_dimensions(values, words, responses)
    pictures = read_pictures(images, size_px, key=images_key, shape=image_shape)
    if "presentation" in words:
        rows = values.transpose([words.index("presentation"), words.index("cell")])
        image = _read_labels(labels, labels_key, len(rows), len(pictures.picture), first_index)
        repeat = _occurrences(image)
    else:
        _refuse_other_images(values, words, len(pictures.picture), responses, images)
        rows, image, repeat = _long_form(values, words)
    missing = np.asarray(np.isnan(rows).all(axis=1))
    _refuse_bad_values(rows, missing, image, repeat, responses)
    measured = Measured(
        response=rows[~missing],
        image=image[~missing],
        repeat=repeat[~missing],
        onset_s=np.full((~missing).sum(), np.nan),
        roi=np.full(rows.shape[1], -1),
        unit="a.u.",
        has_baseline=settings.imported_baseline,
        excluded_line=np.flatnonzero(missing),
        excluded_reason=[
            f"missing: NaN in every cell (image {i}, repeat {r})"
            for i, r in zip(image[missing], repeat[missing], strict=True)
        ],
    )
    notes = [*pictures.notes, *_missing_note(missing), *_baseline_note(settings)]
    return describe(
        measured, pictures.picture, pictures.name, settings=settings, notes=notes, seed=seed
    )


def _parse_axes(axes: str) -> tuple[str, ...]:
    """The words of `axes`, checked against the layouts that can be read."""
    words = tuple(axes.replace(",", " ").split())
    if not any(sorted(words) == sorted(layout) for layout in _LAYOUTS):
        known = ", ".join(f'"{" ".join(layout)}"' for layout in _LAYOUTS)
        raise UsageError(f'--axes "{axes}" cannot be read: expected one of {known}, in any order.')
    return words


def _refuse_other_dimensions(values: np.ndarray, words: tuple[str, ...], path: Path) -> None:
    if values.ndim != len(words):
        raise UsageError(
            f"{path} has {values.ndim} axes, of lengths {_lengths(values.shape)}, but --axes "
            f'"{" ".join(words)}" names {len(words)}.'
        )
    if 0 in values.shape:
        raise ResponseError(
            f"{path} is empty: its axes ({', '.join(words)}) have lengths {_lengths(values.shape)}."
        )


def _refuse_other_images(
    values: np.ndarray, words: tuple[str, ...], count: int, responses: Path, images: Path
) -> None:
    """The image axis must be as long as there are pictures; say what would fit."""
    if values.shape[words.index("image")] == count:
        return
    found = ", ".join(f"{word} {n}" for word, n in zip(words, values.shape, strict=True))
    fitting = [
        " ".join(order)
        for order in permutations(words)
        if values.shape[order.index("image")] == count
    ]
    advice = (
        "These axes would fit: " + " or ".join(f'"{order}"' for order in fitting) + "."
        if fitting
        else f"No axis is {count} long; are these the images that were shown?"
    )
    raise ResponseError(
        f"{responses}: the axes have the lengths {found}, but {images} holds {count} images. "
        f"{advice}"
    )


def _long_form(
    values: np.ndarray, words: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (presentation, cell) repeat by repeat, with the image and repeat of each."""
    if "repeat" not in words:
        values, words = values[None], ("repeat", *words)
    cube = values.transpose([words.index(word) for word in ("repeat", "image", "cell")])
    repeats, images, cells = cube.shape
    return (
        cube.reshape(repeats * images, cells),
        np.tile(np.arange(images), repeats),
        np.repeat(np.arange(repeats), images),
    )


def _read_labels(
    path: Path | None, key: str, presentations: int, images: int, first_index: int
) -> np.ndarray:
    """Index of the image of each presentation, from 0."""
    if path is None:
        raise UsageError('--axes "presentation cell" needs --labels: the image of each row.')
    labels = read_array(path, key).ravel()
    if labels.size != presentations:
        raise ResponseError(
            f"{path}: expected a label for each of the {presentations} presentations, found "
            f"{labels.size}."
        )
    if (labels != np.round(labels)).any():
        raise ResponseError(f"{path}: labels must be whole numbers, the indices of the images.")
    index = labels.astype(np.int64) - first_index
    outside = np.flatnonzero((index < 0) | (index >= images))
    if outside.size:
        one_based = first_index == 0 and index.max() == images
        hint = " If they count from 1, set first_index = 1 in session.toml." if one_based else ""
        raise ResponseError(
            f"{path}, row {outside[0]}: the label is {index[outside[0]] + first_index}, but the "
            f"{images} images have the indices {first_index} to {images - 1 + first_index}.{hint}"
        )
    return index


def _occurrences(image: np.ndarray) -> np.ndarray:
    """How many times each presentation's image came before it."""
    seen: dict[int, int] = {}
    repeat = np.empty(image.size, dtype=np.int64)
    for row, shown in enumerate(image.tolist()):
        repeat[row] = seen.get(shown, 0)
        seen[shown] = repeat[row] + 1
    return repeat


def _refuse_bad_values(
    rows: np.ndarray, missing: np.ndarray, image: np.ndarray, repeat: np.ndarray, path: Path
) -> None:
    bad = ~np.isfinite(rows) & ~missing[:, None]
    if bad.any():
        row, cell = np.argwhere(bad)[0]
        raise ResponseError(
            f"{path}: {bad.sum()} values are NaN or infinite, the first being "
            f"{rows[row, cell]} at image {image[row]}, repeat {repeat[row]}, cell {cell} (counted "
            "from 0). A missing presentation must be NaN in every cell."
        )
    if missing.all():
        raise ResponseError(f"{path}: every presentation is NaN in every cell.")


def _missing_note(missing: np.ndarray) -> list[str]:
    if not missing.any():
        return []
    return [f"{missing.sum()} of {missing.size} presentations are missing (NaN in every cell)."]


def _baseline_note(settings: ResponseSettings) -> list[str]:
    if settings.imported_baseline:
        return []
    return [
        "The imported responses are taken to have no baseline, so a response is judged against "
        "the cell's other presentations (imported_baseline under [responses])."
    ]


def _lengths(shape: Sequence[int]) -> str:
    return " × ".join(str(n) for n in shape)
