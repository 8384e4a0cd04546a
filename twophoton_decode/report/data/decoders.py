"""What the page needs of one decoder: its filters, or pictures where they would be too large."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.report.data.block import Group
from twophoton_decode.report.data.orderly import OrderlyCodes
from twophoton_decode.report.data.weights import (
    TOLERANCE,
    CompactFilters,
    FoldTrials,
    compact_filters,
    finest_filters,
)

MOST_FILTER_VALUES: Final = 40_000_000
"""Weights of all folds beyond which a page is no place for them."""

_MOST_GAIN: Final = 4.0
_STORED_COUNTS: Final = (1, 3, 8, 20, 50, 200, 1000)


@dataclass(frozen=True)
class DecoderData:
    """One decoder as the page has it.

    Attributes
    ----------
    facts : dict
        What the page says of it, and what the script must know before it is loaded.
    base : Group
        What is the same for all pictures, and the pictures themselves, as far as they are stored.
    folds : tuple of Group
        The filters for the pictures of each fold; none where pictures are stored.
    """

    facts: dict[str, Any]
    base: Group
    folds: tuple[Group, ...] = ()

    def groups(self, name: str) -> dict[str, Group]:
        """Its groups by name, where the decoder is called `name`."""
        folds = {fold_group(name, fold): group for fold, group in enumerate(self.folds)}
        return {name: self.base, **folds}

    @cached_property
    def texts(self) -> list[str]:
        """Its groups as they stand in a page."""
        return [group.text for group in (self.base, *self.folds)]

    @property
    def size(self) -> int:
        """Bytes that it takes in the page."""
        return sum(len(text) for text in self.texts)


def fold_group(name: str, fold: int) -> str:
    """What the group with a fold's filters is called; the script says it alike."""
    return f"{name}-fold-{fold}"


def is_whole(made: Reconstruction) -> bool:
    """Whether a page can compute the decoder's pictures: it has filters, and not too many."""
    return made.reverse_filter is not None and math.prod(made.filters.shape) <= MOST_FILTER_VALUES


def with_filters(
    made: Reconstruction, responses: Responses, codes: OrderlyCodes, omitted: str
) -> DecoderData | None:
    """A decoder whose pictures the page computes itself; None where it has no filters, or many.

    Parameters
    ----------
    omitted : str
        Where cells that are not used stand: "mean", their training mean, or "zero".
    """
    if not is_whole(made):
        return None
    shape = (made.picture.shape[1], made.picture.shape[2])
    folds = [_trials(made, responses, codes, fold, omitted) for fold in range(len(made.transform))]
    compact = compact_filters(folds, shape, _range(made))
    errors = {"error": compact.error, "r_error": compact.r_error}
    return _whole(made, compact, decoder_facts(made, omitted) | errors)


def with_finest_filters(made: Reconstruction, omitted: str) -> DecoderData:
    """The same with filters as fine as sixteen bits are, for a page that may be large."""
    shape = (made.picture.shape[1], made.picture.shape[2])
    filters = [np.asarray(made.filters[fold], np.float32) for fold in range(len(made.transform))]
    return _whole(made, finest_filters(filters, shape), decoder_facts(made, omitted))


def _whole(made: Reconstruction, compact: CompactFilters, facts: dict[str, Any]) -> DecoderData:
    averages = made.average.reshape(1, len(made.average), -1)
    pictures, base = _stored(made, averages)
    basis = [] if compact.basis is None else [("basis", compact.basis)]
    arrays = [*base, ("step", compact.step), *basis]
    folds = tuple(Group([("code", code)]) for code in compact.code)
    return DecoderData(facts | {"kind": "filters"}, Group(arrays, pictures), folds)


def with_pictures(
    made: Reconstruction, responses: Responses, omitted: str, few: bool = True
) -> DecoderData:
    """A decoder with pictures of the mean over trials, at a few numbers of cells.

    Parameters
    ----------
    few : bool
        Whether there are others than those from all cells, if the decoder has filters.
    """
    facts = decoder_facts(made, omitted) | {"kind": "pictures"}
    counts = facts["counts"] = stored_counts(made, responses.cells if few else 0)
    averages = made.average.reshape(1, len(made.average), -1)
    pictures = np.concatenate([_pictures_from(made, responses, counts[:-1], omitted), averages])
    stored, arrays = _stored(made, pictures)
    facts["error"] = 0.5 * stored["step"] / _range(made)
    return DecoderData(facts, Group(arrays, stored))


def stored_counts(made: Reconstruction, few: int) -> list[int]:
    """Numbers of cells below `few` of which pictures are stored, and all cells."""
    cells = made.mean_response.shape[1]
    below = few if made.reverse_filter is not None else 0
    return [*(count for count in _STORED_COUNTS if count < min(below, cells)), cells]


def _stored(
    made: Reconstruction, pictures: np.ndarray
) -> tuple[dict[str, float], list[tuple[str, np.ndarray]]]:
    """Pictures (counts, images, pixels) in eight bits, what goes with them; offset and step."""
    low, high = float(pictures.min()), float(pictures.max())
    step = max(2 * TOLERANCE * _range(made), (high - low) / 255)
    coded = np.round((pictures - low) / step).astype(np.uint8)
    arrays = [*_means(made), ("pictures", coded), *_uncertainty(made)]
    return {"low": low, "step": step}, arrays


def contrast(made: Reconstruction) -> float:
    """By how much reconstructions are to be stretched about m to vary as the pictures do.

    One number for all pictures of a decoder: root mean square over images and pixels of
    s − m over that of ŝ − m, pixels centred, from 1 to 4.
    """
    mean = made.mean_picture[made.fold]
    shown, decoded = _centred(made.picture - mean), _centred(made.average - mean)
    power = float(np.mean(decoded**2))
    return float(np.clip(np.sqrt(np.mean(shown**2) / power), 1, _MOST_GAIN)) if power > 0 else 1.0


def _centred(pictures: np.ndarray) -> np.ndarray:
    return np.asarray(pictures - pictures.mean(axis=(1, 2), keepdims=True), np.float64)


def _range(made: Reconstruction) -> float:
    return float(made.picture.max() - made.picture.min()) or 1.0


def decoder_facts(made: Reconstruction, omitted: str) -> dict[str, Any]:
    """What the page says of a decoder, whichever way it is stored."""
    return {
        "name": made.decoder,
        "gain": contrast(made),
        "omitted": omitted,
        "transform": [str(each) for each in made.transform],
        "needs_all": made.reverse_filter is None,
        "own_average": _has_own_average(made),
        "kind": "filters" if is_whole(made) else "pictures",
    }


def _has_own_average(made: Reconstruction) -> bool:
    """Whether the decoder reads means over trials otherwise than single trials."""
    single = made.single.reshape(len(made.single), -1)
    of_image = np.stack([single[made.image == i].mean(0) for i in np.unique(made.image)])
    averaged = made.average.reshape(len(made.average), -1)[np.unique(made.image)]
    return bool(np.abs(of_image - averaged).max() > 0.01 * _range(made))


def _means(made: Reconstruction) -> list[tuple[str, np.ndarray]]:
    return [
        ("mean_picture", made.mean_picture.reshape(len(made.mean_picture), -1).astype(np.float32)),
        ("mean_response", np.asarray(made.mean_response, np.float32)),
    ]


def _uncertainty(made: Reconstruction) -> list[tuple[str, np.ndarray]]:
    """The posterior's standard deviation in steps of 1/255 of the pictures' range."""
    if made.posterior_sd is None:
        return []
    coded = np.clip(np.round(255 * made.posterior_sd / _range(made)), 0, 255)
    return [("posterior_sd", coded.reshape(len(coded), -1).astype(np.uint8))]


def _trials(
    made: Reconstruction, responses: Responses, codes: OrderlyCodes, fold: int, omitted: str
) -> FoldTrials:
    index = np.flatnonzero(made.fold[responses.image] == fold)
    mean = np.asarray(made.mean_response[fold])
    coded = OrderlyCodes(codes.code[index], codes.scale[index]).values()
    return FoldTrials(
        filters=np.asarray(made.filters[fold], np.float32),
        amplitude=as_decoded(made, responses.response[index], fold) - mean,
        coded_amplitude=as_decoded(made, coded, fold) - mean.astype(np.float32),
        resting=-mean if omitted == "zero" else np.zeros(len(mean)),
        rank=_ranks(responses, index),
        target=_less_mean(made, fold, responses.image[index]),
    )


def _less_mean(made: Reconstruction, fold: int, images: np.ndarray) -> np.ndarray:
    """Pictures less a fold's mean training image, (images, pixels), float32."""
    return np.asarray((made.picture[images] - made.mean_picture[fold]).reshape(len(images), -1))


def _ranks(responses: Responses, index: np.ndarray) -> np.ndarray:
    order = strongest_first(responses.response[index], responses.responsive_others[index])
    return np.argsort(order, axis=1)


def _pictures_from(
    made: Reconstruction, responses: Responses, counts: list[int], omitted: str
) -> np.ndarray:
    """Mean over trials of reconstructions from the strongest cells, (counts, images, pixels)."""
    pictures = np.repeat(made.average.reshape(1, len(made.average), -1), len(counts), axis=0)
    # A decoder that is not affine has no counts here, and no filters.
    if not counts:
        return pictures
    for fold in range(len(made.transform)):
        index = np.flatnonzero(made.fold[responses.image] == fold)
        mean = np.asarray(made.mean_response[fold])
        amplitude = as_decoded(made, responses.response[index], fold) - mean
        resting = -mean if omitted == "zero" else np.zeros(len(mean))
        rank, filters = _ranks(responses, index), np.asarray(made.filters[fold], np.float32)
        shown = np.unique(responses.image[index])
        trials = [responses.image[index] == image for image in shown]
        for place, count in enumerate(counts):
            used = np.where(rank < count, amplitude, resting)
            averaged = np.stack([used[of_image].mean(axis=0) for of_image in trials])
            decoded = averaged.astype(np.float32) @ filters
            pictures[place, shown] = made.mean_picture[fold].ravel() + decoded
    return pictures
