"""Simulated cells and degraded pictures; how much of the original they evoke is known."""

import numpy as np

from twophoton_decode.deep.comparison.decoding.spaces import Space
from twophoton_decode.deep.comparison.degraded.analysis import Evoked, degraded_fields
from twophoton_decode.deep.comparison.degraded.assignment import Design
from twophoton_decode.deep.comparison.degraded.roles import roles_of
from twophoton_decode.settings import DecodingSettings

SETTINGS = DecodingSettings(bootstraps=300, folds=5)
ORIGINALS, TESTED, UNITS, CELLS = 80, 24, 60, 50


def seen_through(features, rng):
    """What pixels would say of the same pictures."""
    mixed = features @ rng.normal(size=(UNITS, UNITS)) / UNITS**0.5
    return (mixed + 0.2 * rng.normal(size=mixed.shape)).astype(np.float32)


def planted(share=0.0, seed=0, unread=False):
    """Cells read pictures of independent units; degraded ones keep half of the units' variance.

    Pictures are originals, of which the first have degraded versions, then these. Of the
    responses to familiar ones, a share comes from the original. With `unread`, cells read half of
    the units, which the others follow in originals but not in degraded pictures.
    """
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(ORIGINALS + TESTED, UNITS)).astype(np.float32)
    originals = np.arange(TESTED)
    features[ORIGINALS:] = 0.5 * features[originals] + 0.8 * features[ORIGINALS:]
    weights = rng.normal(size=(UNITS, CELLS))
    if unread:
        half = UNITS // 2
        weights[half:] = 0
        features[:ORIGINALS, half:] = features[:ORIGINALS, :half]
    familiar = np.where(rng.permutation(TESTED) < TESTED // 2, 1, 0)
    seen = features.copy()
    seen[ORIGINALS:] += share * familiar[:, None] * (features[originals] - features[ORIGINALS:])
    noise = rng.normal(size=(3, *seen.shape[:1], CELLS))
    response = seen @ weights + 2 * noise[0]
    original = np.full(len(features), -1)
    original[ORIGINALS:] = originals
    pictures = rng.normal(size=(len(features), 16, 16))
    roles, notes = roles_of(
        original, np.arange(len(features)), pictures, np.full(len(features), -1), SETTINGS
    )
    spaces = [
        Space("network", "early", features, np.arange(UNITS)),
        Space("network", "late", features[:, :20] ** 3, np.arange(20)),
        Space("random", "early", features[:, ::-1].copy(), np.arange(UNITS)),
        Space("pixels", "pixels", seen_through(features, rng), np.arange(UNITS)),
    ]
    degraded = np.stack(
        [response[ORIGINALS:], *(seen[ORIGINALS:] @ weights + 2 * noise[1:, ORIGINALS:])]
    )
    return response[:ORIGINALS], degraded, spaces, roles, familiar, notes


def fields_of(share, seed=0, kinds=None, unread=False):
    intact, degraded, spaces, roles, familiar, _ = planted(share, seed, unread)
    design = Design(roles.original, familiar, True, False)
    kind = np.full(TESTED, "blur") if kinds is None else kinds
    return degraded_fields(Evoked(intact, degraded), spaces, roles, design, kind, SETTINGS)
