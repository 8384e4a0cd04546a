"""Sessions whose units were decoded, compared pair by pair on pictures that they do not share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from twophoton_decode.deep.comparison.decoding.spaces import NETWORK, Space
from twophoton_decode.deep.comparison.units.accuracy import BlockSums
from twophoton_decode.deep.comparison.units.halves import (
    BLOCKS,
    blocks_of,
    random_halves,
    shown_where,
)
from twophoton_decode.deep.comparison.units.pairs import FEWEST_TESTED, Pictures, interval
from twophoton_decode.deep.comparison.units.ranks import what_units_are_like
from twophoton_decode.deep.comparison.units.session_pair import (
    NOT_KNOWN,
    DecodedSession,
    Found,
    Layer,
    SessionPair,
)
from twophoton_decode.progress import Progress, silent
from twophoton_decode.statistics.paired import holm
from twophoton_decode.statistics.permutation import p_above


def compare_units(
    sessions: Sequence[DecodedSession],
    spaces: Sequence[Sequence[Space]],
    seed: int,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Agreement of every pair of sessions and space, with ceilings, anchors and nulls.

    Parameters
    ----------
    sessions : sequence of DecodedSession
    spaces : sequence of sequence of Space
        The same spaces in the same order for every session, features of its pictures.
    seed : int
        Of blocks, halves and exchanges.

    Returns
    -------
    dict
        Fields of `UnitAgreement`, without those on single sessions.
    list of str
        What was left out.
    """
    used, notes = _used(sessions, spaces)
    layers = [_layer(sessions, spaces, place) for place in used]
    rng = np.random.default_rng([seed, 6])
    content = [each.content for each in sessions]
    blocks, halves = blocks_of(content, rng), random_halves(rng)
    where = shown_where(content)
    mice = {each.mouse for each in sessions}
    pairs, found = list(combinations(range(len(sessions)), 2)), []
    for done, (a, b) in enumerate(pairs):
        pictures = Pictures(blocks[a], where[a][:, b]), Pictures(blocks[b], where[b][:, a])
        compared = SessionPair((sessions[a], sessions[b]), pictures, halves, seed)
        found.append([compared.on(layer) for layer in layers])
        progress(done + 1, len(pairs), "pairs of sessions")
    counts = [len(mice) == 1 or sessions[a].mouse != sessions[b].mouse for a, b in pairs]
    chosen = [spaces[0][place] for place in used]
    return {
        **_of_pairs(found, chosen),
        **_means(found, np.array(counts)),
        **_units(sessions, chosen, layers, blocks, halves[0]),
        "pair": np.array(pairs),
        "counts": counts,
        "shared": [int(where[a][:, b].sum()) for a, b in pairs],
        "tested": [each[0].tested for each in found],
        "biased": [bool(min(each[0].tested) < FEWEST_TESTED) for each in found],
    }, notes


def _used(
    sessions: Sequence[DecodedSession], spaces: Sequence[Sequence[Space]]
) -> tuple[list[int], list[str]]:
    """Spaces of which every session decodes two units in common, and which are left out."""
    used, notes = [], []
    for place, space in enumerate(spaces[0]):
        lacking = [each.name for each in sessions if space.key not in each.layers]
        if lacking:
            notes.append(
                f"layer {space.key} is left out: it does not vary over the pictures of "
                f"{', '.join(lacking)}."
            )
        elif len(_common(sessions, space.key)) < 2:
            notes.append(f"layer {space.key} is left out: no two units vary in all sessions.")
        else:
            used.append(place)
    return used, notes


def _common(sessions: Sequence[DecodedSession], key: str) -> np.ndarray:
    units = sessions[0].layers[key].unit
    for each in sessions[1:]:
        units = np.intersect1d(units, each.layers[key].unit)
    return units


def _layer(
    sessions: Sequence[DecodedSession], spaces: Sequence[Sequence[Space]], place: int
) -> Layer:
    key = spaces[0][place].key
    units = _common(sessions, key)
    features = np.concatenate([each[place].features[:, units] for each in spaces])
    return Layer(key, units, what_units_are_like(features))


def _of_pairs(found: Sequence[Sequence[Found]], spaces: Sequence[Space]) -> dict[str, Any]:
    value = np.array([[each.value for each in row] for row in found])
    without = np.array([[each.without for each in row] for row in found])
    ends = interval(value, np.moveaxis(without, 2, 0))
    contrast = np.array([[each.contrast for each in row] for row in found])
    wrong = np.array([[_range(each) for each in row] for row in found])
    p = wrong[..., 3]
    network = [place for place, space in enumerate(spaces) if space.kind == NETWORK]
    p[:, network] = np.array([holm(row) for row in p[:, network]])
    return {
        "space": [space.name for space in spaces],
        "kind": [space.kind for space in spaces],
        "agreement": value[..., 0],
        "agreement_ci95": ends[..., 0, :],
        "agreement_wrong": wrong[..., :3],
        "agreement_p": p,
        "partial": value[..., 1],
        "partial_ci95": ends[..., 1, :],
        "same": value[..., 2],
        "ceiling": value[..., 3],
        "contrast": contrast[..., 0],
        "contrast_same": contrast[..., 2],
    }


def _range(found: Found) -> tuple[float, float, float, float]:
    """Mean with wrong pictures, where 95 % of exchanges lie, and one-sided p."""
    if not len(found.wrong):
        return (NOT_KNOWN,) * 4
    low, high = np.quantile(found.wrong, (0.025, 0.975))
    p = p_above(float(found.value[0]), found.wrong)
    return float(found.wrong.mean()), float(low), float(high), p


def _means(found: Sequence[Sequence[Found]], counts: np.ndarray) -> dict[str, Any]:
    """Over the pairs that count and have disjoint tests; leaving out a block, all lose it."""
    value = np.array([[each.value[0] for each in row] for row in found])
    chosen = counts & np.isfinite(value).all(axis=1)
    if not chosen.any():
        empty = np.full(value.shape[1], NOT_KNOWN)
        return {"mean": empty, "mean_ci95": np.stack([empty, empty], axis=1)}
    without = np.array([[each.without[:, 0] for each in row] for row in found])[chosen]
    mean = value[chosen].mean(axis=0)
    return {"mean": mean, "mean_ci95": interval(mean, without.mean(axis=0).T)}


def _units(
    sessions: Sequence[DecodedSession],
    spaces: Sequence[Space],
    layers: Sequence[Layer],
    blocks: Sequence[np.ndarray],
    half: np.ndarray,
) -> dict[str, Any]:
    """Accuracy of every unit over all pictures of a session, and over either half of the blocks."""
    choices = np.stack([np.ones(BLOCKS), half, ~half])
    rows = [
        np.concatenate(
            [BlockSums(*layer.of(each.layers[layer.key]), block, BLOCKS).correlation(choices)
             for layer in layers], axis=1
        )
        for each, block in zip(sessions, blocks, strict=True)
    ]  # fmt: skip
    r = np.stack(rows)
    return {
        "unit_r": r[:, 0],
        "unit_r_of_half": r[:, 1:],
        "images_of_half": [[int(side[b].sum()) for side in (half, ~half)] for b in blocks],
        "space_of_unit": np.repeat(np.arange(len(layers)), [len(each.units) for each in layers]),
        "place": np.concatenate(
            [space.place[each.units] for space, each in zip(spaces, layers, strict=True)]
        ),
    }
