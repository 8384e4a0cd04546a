"""What the page needs of one decoder: its filters, or pictures where they would be too large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.report.data.block import packed
from twophoton_decode.report.data.orderly import OrderlyCodes
from twophoton_decode.report.data.weights import (
    TOLERANCE,
    CompactFilters,
    FoldTrials,
    compact_filters,
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
        What the script is told in JSON.
    arrays : list of (name, array)
        For a `DataBlock`.
    """

    facts: dict[str, Any]
    arrays: list[tuple[str, np.ndarray]]

    @cached_property
    def text(self) -> str:
        """The arrays as they stand in the page."""
        return packed(self.arrays)

    @property
    def size(self) -> int:
        """Bytes that it takes in the page."""
        return len(self.text)


def with_filters(
    made: Reconstruction, responses: Responses, codes: OrderlyCodes, omitted: str
) -> DecoderData | None:
    """A decoder whose pictures the page computes itself; None where it has no filters, or many.

    Parameters
    ----------
    omitted : str
        Where cells that are not used stand: "mean", their training mean, or "zero".
    """
    if not _has_filters(made) or np.prod(made.filters.shape) > MOST_FILTER_VALUES:
        return None
    shape = (made.picture.shape[1], made.picture.shape[2])
    folds = [_trials(made, responses, codes, fold, omitted) for fold in range(len(made.transform))]
    compact = compact_filters(folds, shape, _range(made))
    facts = {
        **_facts(made, omitted),
        "kind": "filters",
        "directions": compact.code.shape[1],
        "error": compact.error,
        "r_error": compact.r_error,
    }
    return DecoderData(facts, [*_means(made), *_filter_arrays(compact), *_uncertainty(made)])


def with_pictures(
    made: Reconstruction, responses: Responses, omitted: str, few: bool = True
) -> DecoderData:
    """A decoder with pictures of the mean over trials, at a few numbers of cells.

    Parameters
    ----------
    few : bool
        Whether there are others than those from all cells, if the decoder has filters.
    """
    cells = responses.cells
    fewer = [count for count in _STORED_COUNTS if count < cells and few and _has_filters(made)]
    counts = [*fewer, cells]
    pictures = np.concatenate(
        [
            _pictures_from(made, responses, counts[:-1], omitted),
            made.average.reshape(1, len(made.average), -1),
        ]
    )
    low, high = float(pictures.min()), float(pictures.max())
    step = max(2 * TOLERANCE * _range(made), (high - low) / 255)
    facts = {**_facts(made, omitted), "kind": "pictures", "counts": counts, "low": low}
    coded = np.round((pictures - low) / step).astype(np.uint8)
    facts |= {"step": step, "error": 0.5 * step / _range(made)}
    return DecoderData(facts, [*_means(made), ("pictures", coded), *_uncertainty(made)])


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


def _has_filters(made: Reconstruction) -> bool:
    return made.reverse_filter is not None


def _range(made: Reconstruction) -> float:
    return float(made.picture.max() - made.picture.min()) or 1.0


def _facts(made: Reconstruction, omitted: str) -> dict[str, Any]:
    single = made.single.reshape(len(made.single), -1)
    of_image = np.stack([single[made.image == i].mean(0) for i in np.unique(made.image)])
    averaged = made.average.reshape(len(made.average), -1)[np.unique(made.image)]
    return {
        "name": made.decoder,
        "gain": contrast(made),
        "omitted": omitted,
        "transform": [str(each) for each in made.transform],
        "needs_all": not _has_filters(made),
        "own_average": bool(np.abs(of_image - averaged).max() > 0.01 * _range(made)),
    }


def _means(made: Reconstruction) -> list[tuple[str, np.ndarray]]:
    return [
        ("mean_picture", made.mean_picture.reshape(len(made.mean_picture), -1).astype(np.float32)),
        ("mean_response", np.asarray(made.mean_response, np.float32)),
    ]


def _filter_arrays(compact: CompactFilters) -> list[tuple[str, np.ndarray]]:
    arrays = [("code", compact.code), ("step", compact.step)]
    return arrays if compact.basis is None else [*arrays, ("basis", compact.basis)]


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
