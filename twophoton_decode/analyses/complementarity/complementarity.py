"""How do the cells that respond to an image share the work of showing it?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from twophoton_decode.analyses.complementarity.coverage import coverage
from twophoton_decode.analyses.complementarity.feature_overlap import MOST_CELLS, feature_overlap
from twophoton_decode.analyses.complementarity.fitting_error import MOST_IMAGES, fitting_error
from twophoton_decode.analyses.complementarity.local_variability import (
    MOST_REFERENCES,
    local_variability,
)
from twophoton_decode.analyses.complementarity.shown import with_shown
from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.errors import AnalysisError, RecordError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Complementarity, Encoding, Reconstruction, Responses
from twophoton_decode.registry import FEATURE_SPACES


def complementarity(
    reconstruction: Reconstruction,
    responses: Responses,
    encoding: Encoding,
    *,
    primary_score: str,
    bootstraps: int,
    seed: int,
    progress: Progress = silent,
) -> Complementarity:
    """Overlap of features, of receptive fields, coverage and fitting error.

    A part that these data do not allow is left out with its reason; the others are done.

    Parameters
    ----------
    primary_score : str
        ``r_average`` or ``r_single``: images are sorted by it for the coverage.
    bootstraps, seed : int
        Resamplings for intervals, and the seed of these and of every random draw.

    Raises
    ------
    AnalysisError
        No image was presented twice.
    RecordError
        The records do not hold the same presentations, cells, images and pixels.
    """
    responses = paired_responses(reconstruction, responses)
    _require_same_cells(reconstruction, encoding)
    if responses.repeats_per_image.max() < 2:
        raise AnalysisError(
            "complementarity needs to know which cells respond to an image, which takes at least "
            "two presentations of it; this session has one each."
        )
    shape = reconstruction.picture.shape[1:]
    space = FEATURE_SPACES.load(reconstruction.features)(shape)
    score = getattr(reconstruction, primary_score)
    parts: dict[str, Callable[[np.random.Generator], dict[str, Any]]] = {
        "overlap": partial(
            feature_overlap, encoding.selected, responses.responsive, encoding.has_field
        ),
        "local": lambda rng: local_variability(
            reconstruction, responses, encoding, bootstraps=bootstraps, rng=rng, progress=progress
        ),
        "coverage": partial(coverage, responses.responsive, score),
        "fitting": lambda rng: fitting_error(
            reconstruction, space, responses.responsive, rng=rng, progress=progress
        ),
    }
    fields: dict[str, Any] = {}
    unavailable: dict[str, str] = {}
    for number, (name, part) in enumerate(parts.items()):
        try:
            fields |= part(np.random.default_rng([seed, 4, number]))
        except AnalysisError as error:
            unavailable[name] = str(error)
    return _record(reconstruction, fields, unavailable, _notes(responses, encoding, fields))


def _record(
    made: Reconstruction, fields: dict[str, Any], unavailable: dict[str, str], notes: list[str]
) -> Complementarity:
    found = Complementarity(
        **fields,
        decoder=made.decoder,
        features=made.features,
        unavailable=unavailable,
        notes=[*notes, *(f"{part}: unavailable. {why}" for part, why in unavailable.items())],
    )
    return with_shown(found)


def _require_same_cells(made: Reconstruction, encoding: Encoding) -> None:
    found = (len(encoding.has_field), *encoding.receptive_field.shape[1:])
    expected = (made.mean_response.shape[1], *made.picture.shape[1:])
    if found != expected or encoding.features != made.features:
        raise RecordError(
            f"the encoding models are of {found[0]} cells and pictures of {found[1]}x{found[2]} "
            f"in {encoding.features}, but the reconstruction by {made.decoder!r} has "
            f"{expected[0]} cells and {expected[1]}x{expected[2]} in {made.features}. Run encode "
            "and reconstruct again, so that both belong together."
        )


def _notes(responses: Responses, encoding: Encoding, fields: dict[str, Any]) -> list[str]:
    """What was left out of a part or drawn at random."""
    notes = []
    without = int((responses.responsive.any(axis=1) & ~encoding.has_field).sum())
    if without:
        notes.append(
            f"{without} of {responses.cells} cells respond to some image but have no predictive "
            "receptive field; they are left out of the overlap of features and of fields."
        )
    notes += [
        f"{what}: a random sample of {most} of them, because there are more."
        for what, there, most in (
            ("cells whose features are compared", "overlap", MOST_CELLS),
            ("reference cells of local variability", "reference", MOST_REFERENCES),
            ("images that are fitted by weights", "fitting_error", MOST_IMAGES),
        )
        if there in fields and _possible(there, responses, encoding) > most
    ]
    return notes


def _possible(part: str, responses: Responses, encoding: Encoding) -> int:
    """Cells or images that a part could take, before a sample is drawn."""
    if part == "fitting_error":
        return responses.images
    return int((encoding.has_field & responses.responsive.any(axis=1)).sum())
