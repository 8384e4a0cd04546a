"""What responses say about themselves: responsive, sparse and reliable cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.records.responses import Responses
from twophoton_decode.responses.incomplete import known_responses
from twophoton_decode.responses.notes import left_out_and_counted, listed
from twophoton_decode.responses.responsive.detectable import median_of_known
from twophoton_decode.responses.responsive.every_picture import answers_every_picture
from twophoton_decode.responses.responsive.neighbours import beside_responding
from twophoton_decode.responses.responsive.responsiveness import (
    Responsiveness,
    VisualResponsiveness,
    responsive_pairs,
    visually_responsive,
)
from twophoton_decode.responses.responsive.sentences import (
    said_of_every_picture,
    said_of_neighbours,
    said_of_pairs,
)
from twophoton_decode.responses.statistics.statistics import population_statistics
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.words import counted_are


@dataclass(frozen=True, eq=False, kw_only=True)
class Measured:
    """Responses before anything is concluded from them, whether measured here or imported.

    Attributes
    ----------
    response : ndarray, shape (presentation, cell)
    image, repeat, onset_s : ndarray, shape (presentation,)
        As in `Responses`; `image` counts in the pictures.
    roi : ndarray of int, shape (cell,)
    unit : str
        Unit of the responses.
    has_baseline : bool
        Responses are differences to a baseline before the onset.
    previous : ndarray of int, shape (presentation,), optional
        Index of the image shown before each presentation, -1 where it is not known.
    filled : ndarray of bool, shape (presentation, cell), optional
        Where `response` was missing and is filled in: statistics leave it out.
    place : ndarray, shape (cell, 3), optional
        Plane of each cell, and its centre y and x in px.
    position : ndarray, shape (cell, 3), optional
        x, y and depth of each cell, µm, of imported responses.
    excluded_line, excluded_reason, dropped_rois : sequence
        As in `Responses`.
    """

    response: np.ndarray
    image: np.ndarray
    repeat: np.ndarray
    onset_s: np.ndarray
    roi: np.ndarray
    unit: str
    has_baseline: bool
    previous: np.ndarray | None = None
    filled: np.ndarray | None = None
    place: np.ndarray | None = None
    position: np.ndarray | None = None
    excluded_line: np.ndarray | Sequence[int] = ()
    excluded_reason: np.ndarray | Sequence[str] = ()
    dropped_rois: Sequence[int] = ()

    @property
    def known(self) -> np.ndarray:
        """The responses, NaN where they were filled in."""
        return known_responses(self.response, self.filled)

    def of(self, cells: np.ndarray) -> Measured:
        """The responses of some cells."""
        every = cells.size == self.response.shape[1]
        return replace(
            self,
            response=self.response if every else self.response[:, cells],
            filled=None if self.filled is None else self.filled[:, cells],
            roi=self.roi[cells],
            place=None if self.place is None else self.place[cells],
            position=None if self.position is None else self.position[cells],
        )


def describe(
    measured: Measured,
    picture: np.ndarray,
    image_name: np.ndarray,
    *,
    settings: ResponseSettings,
    notes: Sequence[str] = (),
    image_group: np.ndarray | None = None,
    image_fold: np.ndarray | None = None,
    seed: int = 0,
) -> Responses:
    """Responses with their statistics; `shown.with_shown` adds what figures show of them.

    Images that were never shown are left out, and said in `notes`. With
    ``settings.cells = "visually-responsive"`` the other cells are left out after the
    responsive pairs were found among all cells, so that the selection does not loosen
    the false discovery rate.

    Parameters
    ----------
    measured : Measured
    picture : ndarray, shape (image, y, x)
    image_name : ndarray of str, shape (image,)
    image_group : ndarray of int, shape (image,), optional
        Groups into which the user puts the pictures.
    image_fold : ndarray of str, shape (image,), optional
        Tier or fold of each picture.
    seed : int
        Of the halves, shuffles and permutations behind the statistics.

    Raises
    ------
    ResponseError
        NaN or infinite responses, no cells, or fewer than two images shown.
    """
    _refuse_unusable(measured.response, measured.image)
    shown = np.unique(measured.image)
    group, fold = (None if each is None else each[shown] for each in (image_group, image_fold))
    measured, picture, image_name, unshown = _only_shown(measured, picture, image_name)
    known = measured.known
    visual = visually_responsive(known, measured.image, settings.false_discovery_rate)
    found = responsive_pairs(known, measured.image, measured.has_baseline, settings)
    cells = _chosen_cells(visual.cells, settings)
    chosen = measured.of(cells)
    said = [
        *notes,
        *unshown,
        *left_out_and_counted(chosen.image, image_name, chosen.known, visual),
        *said_of_pairs(found, measured.unit, settings.false_discovery_rate),
        *_answering_every_picture(found, measured, settings.false_discovery_rate),
        *_beside_neighbours(found, measured),
    ]
    statistics = population_statistics(
        chosen.known,
        chosen.image,
        onset_s=chosen.onset_s,
        previous=_previous_shown(chosen),
        place=chosen.place,
        responsive=found.pairs[cells],
        visual=VisualResponsiveness(visual.cells[cells], visual.p[cells], visual.test),
        seed=seed,
    )
    record = _record(chosen, found.of(cells), statistics, picture, image_name, said)
    return replace(record, image_group=group, image_fold=fold, position=chosen.position)


def _answering_every_picture(found: Responsiveness, measured: Measured, rate: float) -> list[str]:
    """Of the default test alone, where it could find something and there is a baseline."""
    could = found.detectable
    if could is None or not measured.has_baseline or np.isinf(median_of_known(could.response)):
        return []
    cells = answers_every_picture(measured.known, measured.image, found.pairs, rate)
    return said_of_every_picture(cells)


def _beside_neighbours(found: Responsiveness, measured: Measured) -> list[str]:
    if measured.place is None:
        return []
    return said_of_neighbours(beside_responding(found.pairs, measured.place))


def _record(
    measured: Measured,
    found: Responsiveness,
    statistics: PopulationStatistics,
    picture: np.ndarray,
    image_name: np.ndarray,
    notes: list[str],
) -> Responses:
    return Responses(
        **vars(statistics),
        response=measured.response,
        filled=measured.filled,
        image=measured.image,
        repeat=measured.repeat,
        onset_s=measured.onset_s,
        picture=picture,
        image_name=image_name,
        roi=measured.roi,
        responsive=found.pairs,
        responsive_others=found.pairs_others,
        **_detectable(found),
        excluded_line=np.asarray(measured.excluded_line, dtype=np.int64),
        excluded_reason=np.asarray(measured.excluded_reason, dtype=str),
        response_unit=measured.unit,
        has_baseline=measured.has_baseline,
        responsiveness_test=found.test,
        dropped_cells=len(measured.dropped_rois),
        dropped_rois=[int(roi) for roi in measured.dropped_rois],
        notes=notes,
    )


def _detectable(found: Responsiveness) -> dict[str, Any]:
    could = found.detectable
    if could is None:
        return {}
    return {
        "detectable_response": could.response,
        "detectable_response_sd": median_of_known(could.noise_sd),
    }


def _refuse_unusable(response: np.ndarray, image: np.ndarray) -> None:
    if response.shape[1] == 0:
        raise ResponseError("the responses hold no cells; at least one is needed.")
    bad = ~np.isfinite(response)
    if bad.any():
        row, cell = np.argwhere(bad)[0]
        raise ResponseError(
            f"{counted_are(bad.sum(), 'response')} NaN or infinite, the first in presentation "
            f"{row} (image {image[row]}), cell {cell}. Leave out those presentations or cells."
        )
    if np.unique(image).size < 2:
        raise ResponseError(
            f"the presentations show {np.unique(image).size} image(s); at least two are needed."
        )


def _only_shown(
    measured: Measured, picture: np.ndarray, image_name: np.ndarray
) -> tuple[Measured, np.ndarray, np.ndarray, list[str]]:
    """Responses, pictures and names without the images that were never shown."""
    shown, index = np.unique(measured.image, return_inverse=True)
    missing = np.setdiff1d(np.arange(len(picture)), shown)
    if not missing.size:
        return measured, picture, image_name, []
    note = (
        f"{missing.size} of {len(picture)} images have no usable presentation and are left out: "
        f"{listed(image_name[missing])}."
    )
    # One more at the end, for the previous image -1, which is not known.
    number = np.full(len(picture) + 1, -1)
    number[shown] = np.arange(shown.size)
    previous = None if measured.previous is None else number[measured.previous]
    measured = replace(measured, image=index, previous=previous)
    return measured, picture[shown], image_name[shown], [note]


def _previous_shown(measured: Measured) -> np.ndarray:
    if measured.previous is None:
        return np.full(measured.image.size, -1)
    return measured.previous


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
