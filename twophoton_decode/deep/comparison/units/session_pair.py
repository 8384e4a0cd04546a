"""A pair of sessions: agreement over the units of a layer, its null and its lower anchor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from twophoton_decode.deep.comparison.decoding.chance import exchanges
from twophoton_decode.deep.comparison.decoding.decoded_layers import DecodedLayer
from twophoton_decode.deep.comparison.units.accuracy import BlockSums
from twophoton_decode.deep.comparison.units.halves import BLOCKS
from twophoton_decode.deep.comparison.units.pairs import (
    FEWEST_TESTED,
    Agreement,
    Pictures,
    agreement,
    disjoint_agreement,
    weights,
    without_each_block,
)
from twophoton_decode.deep.comparison.units.ranks import ranked

EXCHANGES = 1000
NOT_KNOWN = float("nan")


class DecodedSession(NamedTuple):
    """One session: what was shown, and what was decoded of each space.

    `content` (images,) has equal numbers for what shows the same in any session, `fold` as
    decoded; `layers` and `contrast` are the decoded spaces by key, from its cells and from a
    simulated mouse that sees contrast alone.
    """

    name: str
    mouse: str
    content: np.ndarray
    fold: np.ndarray
    layers: Mapping[str, DecodedLayer]
    contrast: Mapping[str, DecodedLayer]


class Layer(NamedTuple):
    """One space: the units that all sessions decode, and what these are like."""

    key: str
    units: np.ndarray
    like: np.ndarray

    def of(self, layer: DecodedLayer) -> tuple[np.ndarray, np.ndarray]:
        """Decoded and true features (images, units) of these units."""
        kept = np.searchsorted(layer.unit, self.units)
        return layer.decoded[:, kept], layer.truth[:, kept]


class Found(NamedTuple):
    """What one pair and space come to; `tested` is the same for all spaces."""

    value: np.ndarray
    without: np.ndarray
    wrong: np.ndarray
    contrast: Agreement
    tested: tuple[float, float]


class SessionPair(NamedTuple):
    """Two sessions with the parts their pictures lie in."""

    sessions: tuple[DecodedSession, DecodedSession]
    pictures: tuple[Pictures, Pictures]
    halves: np.ndarray
    seed: int

    def on(self, layer: Layer) -> Found:
        """Their agreement over the units of a layer."""
        shared = bool(self.pictures[0].shared.any())
        every = weights(self.halves, shared)
        a, b = self._sums([layer.of(each.layers[layer.key]) for each in self.sessions])
        anchors = self._sums([layer.of(each.contrast[layer.key]) for each in self.sessions])
        halves = list(zip((a, b), every.tested, strict=True))
        tested = tuple(float(np.mean(w @ each.count)) for each, w in halves)
        enough = min(tested) >= FEWEST_TESTED
        value, contrast = (
            _disjoint_only_if(enough, agreement(first, second, every, layer.like))
            for first, second in ((a, b), anchors)
        )
        without = without_each_block(a, b, self.halves, shared, layer.like)
        wrong = self._wrong(layer, a, b) if enough else np.empty(0)
        return Found(np.array(value), without, wrong, contrast, (tested[0], tested[1]))

    def _sums(self, values: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[BlockSums, BlockSums]:
        first, second = (
            BlockSums(*each, pictures.part, 2 * BLOCKS)
            for each, pictures in zip(values, self.pictures, strict=True)
        )
        return first, second

    def _wrong(self, layer: Layer, a: BlockSums, b: BlockSums) -> np.ndarray:
        """Agreement with pictures of the first session exchanged within folds, (exchanges,)."""
        chosen = weights(self.halves, bool(self.pictures[0].shared.any()))
        seconds = [ranked(b.correlation(w)) for w in chosen.tested]
        truth = layer.of(self.sessions[0].layers[layer.key])[1]
        return np.array(
            [disjoint_agreement(a.exchanged(truth[order]), seconds, chosen)
             for order in self._orders()]
        )  # fmt: skip

    def _orders(self) -> Iterator[np.ndarray]:
        """Which picture stands in for each, (images,); none where folds allow no exchange."""
        first = self.sessions[0]
        rng = np.random.default_rng([self.seed, 7])
        orders = exchanges(first.fold, first.content, EXCHANGES, rng)
        rows = [np.flatnonzero(first.fold == number) for number in range(len(orders))]
        for draw in range(min(len(each) for each in orders)):
            order = np.arange(len(first.fold))
            for own, each in zip(rows, orders, strict=True):
                order[own] = own[each[draw]]
            yield order


def _disjoint_only_if(enough: bool, found: Agreement) -> Agreement:
    if enough:
        return found
    return found._replace(disjoint=NOT_KNOWN, partial=NOT_KNOWN, ceiling=NOT_KNOWN)
