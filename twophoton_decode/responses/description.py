"""What responses say about themselves: responsive, sparse and reliable cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.records.responses import Responses
from twophoton_decode.responses.correlations import CELLS_PAIRED
from twophoton_decode.responses.image_groups import ImageGroups
from twophoton_decode.responses.population import population_statistics
from twophoton_decode.responses.responsiveness import (
    VisualResponsiveness,
    responsive_pairs,
    visually_responsive,
)
from twophoton_decode.settings import ResponseSettings


def describe(
    response: np.ndarray,
    image: np.ndarray,
    repeat: np.ndarray,
    onset_s: np.ndarray,
    picture: np.ndarray,
    image_name: np.ndarray,
    *,
    roi: np.ndarray,
    unit: str,
    has_baseline: bool,
    settings: ResponseSettings,
    previous: np.ndarray | None = None,
    place: np.ndarray | None = None,
    excluded_line: np.ndarray | Sequence[int] = (),
    excluded_reason: np.ndarray | Sequence[str] = (),
    dropped_rois: Sequence[int] = (),
    notes: Sequence[str] = (),
    seed: int = 0,
) -> Responses:
    """Responses with their statistics, whether measured here or imported.

    Images that were never shown are left out, and said in `notes`. With
    ``settings.cells = "visually-responsive"`` the other cells are left out after the
    responsive pairs were found among all cells, so that the selection does not loosen
    the false discovery rate.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image, repeat, onset_s : ndarray, shape (presentation,)
        As in `Responses`; `image` counts in `picture`.
    picture : ndarray, shape (image, y, x)
    image_name : ndarray of str, shape (image,)
    roi : ndarray of int, shape (cell,)
    unit : str
        Unit of the responses.
    has_baseline : bool
        Responses are differences to a baseline before the onset.
    previous : ndarray of int, shape (presentation,), optional
        Index of the image shown before each presentation, -1 where it is not known.
    place : ndarray, shape (cell, 3), optional
        Plane of each cell, and its centre y and x in px.
    seed : int
        Of the halves, shuffles and permutations behind the statistics.

    Raises
    ------
    ResponseError
        NaN or infinite responses, no cells, or fewer than two images shown.
    """
    _refuse_unusable(response, image)
    previous = np.full(image.size, -1) if previous is None else previous
    previous = np.where(np.isin(previous, image), np.searchsorted(np.unique(image), previous), -1)
    image, picture, image_name, unshown = _only_shown(image, picture, image_name)
    visual = visually_responsive(response, image, settings.false_discovery_rate)
    found = responsive_pairs(response, image, has_baseline, settings)
    cells = _chosen_cells(visual.cells, settings)
    groups = ImageGroups.of(image)
    chosen = response if cells.size == response.shape[1] else response[:, cells]
    statistics = population_statistics(
        chosen,
        image,
        onset_s=onset_s,
        previous=previous,
        place=None if place is None else place[cells],
        responsive=found.pairs[cells],
        visual=VisualResponsiveness(visual.cells[cells], visual.p[cells], visual.test),
        seed=seed,
    )
    return Responses(
        **vars(statistics),
        response=chosen,
        image=image,
        repeat=repeat,
        onset_s=onset_s,
        picture=picture,
        image_name=image_name,
        roi=roi[cells],
        responsive=found.pairs[cells],
        responsive_others=found.pairs_others[:, cells],
        excluded_line=np.asarray(excluded_line, dtype=np.int64),
        excluded_reason=np.asarray(excluded_reason, dtype=str),
        response_unit=unit,
        has_baseline=has_baseline,
        responsiveness_test=found.test,
        dropped_cells=len(dropped_rois),
        dropped_rois=[int(r) for r in dropped_rois],
        notes=[
            *notes,
            *unshown,
            *_single_shots(groups, image_name),
            *_left_out(visual, cells),
            *_counted_as_zero(groups.means(chosen[groups.order])),
            *_paired_some(cells.size),
        ],
    )


def _refuse_unusable(response: np.ndarray, image: np.ndarray) -> None:
    if response.shape[1] == 0:
        raise ResponseError("the responses hold no cells; at least one is needed.")
    bad = ~np.isfinite(response)
    if bad.any():
        row, cell = np.argwhere(bad)[0]
        raise ResponseError(
            f"{bad.sum()} responses are NaN or infinite, the first in presentation {row} "
            f"(image {image[row]}), cell {cell}. Leave out those presentations or cells."
        )
    if np.unique(image).size < 2:
        raise ResponseError(
            f"the presentations show {np.unique(image).size} image(s); at least two are needed."
        )


def _only_shown(
    image: np.ndarray, picture: np.ndarray, image_name: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Image indices, pictures and names without the images that were never shown."""
    shown, index = np.unique(image, return_inverse=True)
    missing = np.setdiff1d(np.arange(len(picture)), shown)
    if not missing.size:
        return image, picture, image_name, []
    note = (
        f"{missing.size} of {len(picture)} images have no usable presentation and are left out: "
        f"{_listed(image_name[missing])}."
    )
    return index, picture[shown], image_name[shown], [note]


def _chosen_cells(visual: np.ndarray, settings: ResponseSettings) -> np.ndarray:
    """Indices of the cells to keep."""
    if settings.cells == "all":
        return np.arange(visual.size)
    if not visual.any():
        raise ResponseError(
            f"none of the {visual.size} cells is visually responsive at a false discovery rate "
            f'of {settings.false_discovery_rate:g}. Set cells = "all" under [responses].'
        )
    return np.flatnonzero(visual)


def _single_shots(groups: ImageGroups, image_name: np.ndarray) -> list[str]:
    once = groups.count == 1
    if not once.any() or once.all():
        return []
    return [
        f"{once.sum()} images were shown once, so no cell counts as responsive to them: "
        f"{_listed(image_name[once])}."
    ]


def _left_out(visual: VisualResponsiveness, cells: np.ndarray) -> list[str]:
    gone = visual.cells.size - cells.size
    return [f"{gone} cells are left out: not visually responsive ({visual.test})."] if gone else []


def _paired_some(cells: int) -> list[str]:
    if cells <= CELLS_PAIRED:
        return []
    return [
        f"Distributions over pairs of cells are from {CELLS_PAIRED} of the {cells} cells, drawn "
        "at random."
    ]


def _counted_as_zero(rates: np.ndarray) -> list[str]:
    negative = (rates < 0).mean()
    if not negative:
        return []
    return [f"{negative:.1%} of the mean responses are negative; sparseness counts them as zero."]


def _listed(names: np.ndarray) -> str:
    """The first few names."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(str(name) for name in names[:5]) + more
