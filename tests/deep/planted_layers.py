"""Simulated cells of two populations and layers whose decoding is known."""

from types import SimpleNamespace

import numpy as np

from twophoton_decode.deep.comparison.decoding.network_decoding import (
    Shown,
    decode_network,
    decoding_folds,
)
from twophoton_decode.deep.comparison.decoding.spaces import Space
from twophoton_decode.settings import DecodingSettings

SETTINGS = DecodingSettings(bootstraps=200)
IMAGES = 60


def planted_layers(twins=1):
    """Cells "A" carry what the first random twin shows, cells "B" what the trained layer does."""
    rng = np.random.default_rng(0)
    trained, twin = (rng.normal(size=(IMAGES, 40)).astype(np.float32) for _ in range(2))
    image = np.repeat(np.arange(IMAGES), 4)
    drive = np.concatenate(
        [twin @ rng.normal(size=(40, 30)), trained @ rng.normal(size=(40, 30))], axis=1
    )
    response = drive[image] + 14 * rng.normal(size=(len(image), 60))
    average = response.reshape(IMAGES, 4, 60).mean(axis=1)
    cells = {"all": np.arange(60), "A": np.arange(30), "B": np.arange(30, 60)}
    noise = rng.normal(size=(IMAGES, 40)).astype(np.float32)
    place = np.arange(40) * 3
    spaces = [
        Space("network", "early", trained, place),
        Space("network", "dead", np.zeros((IMAGES, 9), np.float32), np.arange(9)),
        Space("random", "early", twin, place, seed=0),
        Space("pixels", "pixels", noise, np.arange(40)),
    ]
    pictures = rng.normal(size=(IMAGES, 16, 16))
    spaces += [
        Space("random", "early", rng.normal(size=(IMAGES, 40)).astype(np.float32), place, seed=seed)
        for seed in range(1, twins)
    ]
    folds, notes = decoding_folds(pictures, None, SETTINGS)
    fields, more = decode_network(Shown(response, image, average, cells), spaces, folds, SETTINGS)
    return SimpleNamespace(folds=folds, notes=notes, fields=fields, more=more)
