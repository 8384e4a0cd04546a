"""Response matrices without a movie: arrays whose axes the user names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.array import open_array
from twophoton_decode.files.arrays.response_axes import check_axis_names, doubt_about_order
from twophoton_decode.formats.matrices.axes import named_matrix
from twophoton_decode.formats.matrices.cell_table import places_of
from twophoton_decode.formats.matrices.conditions import (
    Labels,
    PictureSource,
    shown_conditions,
    shown_pictures,
)
from twophoton_decode.formats.matrices.label_file import read_groups, read_labels
from twophoton_decode.formats.matrices.missing import completed, marked_missing
from twophoton_decode.formats.matrices.presentations import Given, refuse_needless_labels
from twophoton_decode.formats.matrices.suspicious import Presented, suspicions
from twophoton_decode.formats.matrices.unit import in_safe_unit
from twophoton_decode.records.responses import Responses
from twophoton_decode.responses.describe import Measured, describe
from twophoton_decode.responses.populations import read_populations
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.words import counted, counted_are


def import_arrays(
    responses: Path,
    axes: str,
    images: Path | None,
    *,
    settings: ResponseSettings,
    size_px: int,
    average: Sequence[str] = (),
    join: Sequence[str] = (),
    responses_key: str = "",
    images_key: str = "",
    labels: Path | None = None,
    labels_key: str = "",
    groups: Path | None = None,
    groups_key: str = "",
    image_shape: tuple[int, int] | None = None,
    image_axes: str = "",
    first_index: int = 0,
    log: LogSettings | None = None,
    populations: Path | None = None,
    image_fold: np.ndarray | None = None,
    position: np.ndarray | None = None,
    seed: int = 0,
) -> Responses:
    """Responses from an array with named axes, with their statistics.

    A presentation that is NaN in every cell is missing: left out and counted. NaN in some
    cells are treated as ``settings.partial_missing`` says. The responses have no baseline
    unless ``settings.imported_baseline`` says so [ours], so a cell is judged against its own
    responses to other images. Values too large or too small to be squared safely are divided
    by a power of ten, which the unit says.

    Parameters
    ----------
    responses : Path
        A file of an array, as `open_array` reads it.
    axes : str
        ``"repeat image cell"``, ``"image cell"`` or ``"presentation cell"``, the words in
        any order, with further words for axes to average or join.
    images : Path or None
        Pictures, as `read_pictures` takes them, in the order of the image axis or labels. None:
        conditions without pictures; a condition is a place along the image axis, or a label.
    settings : ResponseSettings
    size_px : int
        Side of the pictures at working size.
    average, join : sequence of str
        Further axes, as `named_matrix` takes them.
    groups : Path, optional
        The group of each picture, as `read_groups` reads it.
    responses_key, images_key, labels_key, groups_key : str
        Which array of the file, or column of a table.
    labels : Path, optional
        For ``"presentation cell"``: the image of each presentation, as `image_of_labels`
        reads it.
    image_shape : (height, width), optional
        Of flattened pictures.
    image_axes : str
        Of pictures in an array, as `picture_stack` takes them.
    first_index : int
        Index of the first image in `labels`: 0 or 1.
    log : LogSettings, optional
        How numbers in `labels` are read, and which labels mean no picture.
    populations : Path, optional
        The population of each cell, as `read_populations` reads it.
    image_fold : ndarray of str, shape (image,), optional
        Tier or fold of each picture.
    position : ndarray, shape (cell, 3), optional
        x, y and depth of each cell, µm, as `read_positions` reads them.
    seed : int
        Of the divisions into halves behind the reliability.

    Raises
    ------
    UsageError
        Axes that do not describe the array, missing or needless labels, missing files.
    ResponseError
        Lengths that do not fit the images, infinite values, gaps that are refused.
    StimulusImageError
        Pictures that cannot be read, or are all the same.
    """
    found = open_array(responses, responses_key)
    matrix = named_matrix(found.values, axes, responses, average, join)
    as_stored = axes.replace(",", " ").split()
    check_axis_names(found, as_stored, responses)
    refuse_needless_labels(matrix, labels)
    named = None
    if labels is not None:
        named = Labels(labels, read_labels(labels, labels_key), first_index, log)
    if images is None:
        shown = shown_conditions(matrix, named)
    else:
        source = PictureSource(images, images_key, image_axes, image_shape)
        shown = shown_pictures(matrix, responses, source, size_px, named)
    pictures, names, there = shown.picture, shown.name, matrix.length("cell")
    said = [*found.notes, *doubt_about_order(found, as_stored, responses), *shown.notes]
    _refuse_other_count(position, "a place", there, "cell")
    _refuse_other_count(image_fold, "a fold", len(names), "picture")
    measured, cells, settings, notes = _measured(shown.given, settings, responses, position)
    # What was read would stay in memory beside what is used.
    del found, matrix, shown
    said += [*notes, *_baseline_note(settings)]
    population = None
    if populations is not None:
        population, more = read_populations(populations, cells, there)
        said += more
    group = read_groups(groups, groups_key, len(names)) if groups else None
    described = describe(
        measured,
        pictures,
        names,
        settings=settings,
        notes=said,
        image_group=group,
        image_fold=image_fold,
        seed=seed,
    )
    return replace(described, population=population)


def _refuse_other_count(given: np.ndarray | None, what: str, count: int, of_what: str) -> None:
    if given is not None and len(given) != count:
        raise ResponseError(
            f"expected {what} for each of {counted(count, of_what)} in the table of "
            f"{of_what}s under [source], found {len(given)}."
        )


def _measured(
    given: Given, settings: ResponseSettings, path: Path, position: np.ndarray | None = None
) -> tuple[Measured, np.ndarray, ResponseSettings, list[str]]:
    """Responses without gaps in a safe unit, their cells, the settings in that unit, and notes."""
    rows, notes = marked_missing(given.rows, settings.missing_values)
    blank, absent = given.image < 0, np.isnan(rows).all(axis=1)
    _refuse_unusable(rows, blank | absent, given, path)
    here = np.flatnonzero(~(blank | absent))
    presented = Presented(rows[here], given.image[here], given.repeat[here])
    notes += [*_absent_note(absent & ~blank), *suspicions(presented, path)]
    full = completed(presented.rows, settings.partial_missing, path)
    response, exponent, unit_notes = in_safe_unit(full.response, path)
    kept = here[full.presentations]
    _refuse_one_image(given.image, kept, path)
    left_out = np.setdiff1d(np.arange(len(rows)), kept)
    measured = Measured(
        response=response,
        filled=full.filled,
        image=given.image[kept],
        repeat=given.repeat[kept],
        onset_s=np.full(kept.size, np.nan),
        roi=np.full(full.cells.size, -1),
        place=None if position is None else places_of(position)[full.cells],
        position=None if position is None else position[full.cells],
        unit="a.u." if exponent == 0 else f"1e{exponent} a.u.",
        has_baseline=settings.imported_baseline,
        excluded_line=left_out,
        excluded_reason=_reasons(left_out, blank, absent, given, settings),
    )
    floor = settings.amplitude_floor / 10.0**exponent
    settings = settings.model_copy(update={"amplitude_floor": floor})
    return measured, full.cells, settings, [*notes, *full.notes, *unit_notes]


def _refuse_unusable(rows: np.ndarray, unused: np.ndarray, given: Given, path: Path) -> None:
    bad = np.isinf(rows) & ~unused[:, None]
    if bad.any():
        row, cell = np.argwhere(bad)[0]
        raise ResponseError(
            f"{path}: {counted_are(bad.sum(), 'value')} infinite, the first being "
            f"{rows[row, cell]} at image {given.image[row]}, repeat {given.repeat[row]}, cell "
            f"{cell} (counted from 0). Write NaN where there is no value."
        )
    if unused.all():
        raise ResponseError(f"{path}: every presentation is NaN in every cell, or showed no image.")


def _refuse_one_image(image: np.ndarray, kept: np.ndarray, path: Path) -> None:
    given, left = (np.unique(each[each >= 0]).size for each in (image, image[kept]))
    if left < 2:
        raise ResponseError(
            f"{path}: {left} of {given} images {'has' if left == 1 else 'have'} responses that can "
            "be used; at least two are needed. Presentations without an image, with NaN in every "
            "cell, or left out because of gaps do not count."
        )


def _absent_note(absent: np.ndarray) -> list[str]:
    if not absent.any():
        return []
    return [f"{absent.sum()} of {absent.size} presentations are missing (NaN in every cell)."]


def _reasons(
    rows: np.ndarray,
    blank: np.ndarray,
    absent: np.ndarray,
    given: Given,
    settings: ResponseSettings,
) -> list[str]:
    """Why each of `rows` is left out."""
    missing = " or ".join(("NaN", *(f"{value:g}" for value in settings.missing_values)))
    reasons = []
    for row in rows.tolist():
        where = f"(image {given.image[row]}, repeat {given.repeat[row]})"
        if blank[row]:
            reasons.append("no image was shown")
        elif absent[row]:
            reasons.append(f"missing: {missing} in every cell {where}")
        else:
            reasons.append(f"missing in some cells {where}")
    return reasons


def _baseline_note(settings: ResponseSettings) -> list[str]:
    if settings.imported_baseline:
        return []
    return [
        "The imported responses are taken to have no baseline, so a response is judged against "
        "the cell's other presentations (imported_baseline under [responses])."
    ]
