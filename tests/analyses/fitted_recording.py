"""Recordings whose cells carry the images in a known way, decoded by the program itself."""

from __future__ import annotations

import numpy as np
from hand_made_records import responses_of

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.settings import DecodingSettings

SIDE = 8


def orthogonal_fields(cells, rng):
    """Receptive fields of mean 0 and norm 1, orthogonal to each other."""
    basis = rng.normal(size=(SIDE**2, cells))
    return np.linalg.qr(basis - basis.mean(axis=0))[0].T


def carried(carriers, *, cells=40, images=60, repeats=4, noise=0.05, seed=0):
    """Each image is the sum of the fields of its own `carriers` cells, which respond to it."""
    rng = np.random.default_rng(seed)
    truth = np.zeros((images, cells))
    for row in truth:
        row[rng.permutation(cells)[:carriers]] = 1
    return _responses(truth, repeats, noise, rng, truth > 0)


def alike(*, cells=40, images=60, repeats=4, noise=0.05, seed=0):
    """Every cell contributes as much to every image, upwards or downwards from its mean."""
    rng = np.random.default_rng(seed)
    truth = rng.choice([-1.0, 1.0], size=(images, cells))
    return _responses(truth, repeats, noise, rng, truth > 0)


def _responses(truth, repeats, noise, rng, responsive):
    images, cells = truth.shape
    image = np.repeat(np.arange(images), repeats)
    response = truth[image] + noise * rng.normal(size=(len(image), cells))
    picture = (truth @ orthogonal_fields(cells, rng)).reshape(images, SIDE, SIDE)
    return responses_of(response, image, picture, responsive_others=responsive[image])


def decoded(responses, decoder="ridge", folds=5):
    """The reconstruction by one of the program's decoders, in pixels, without chance."""
    settings = DecodingSettings(features="pixels", folds=folds, permutations=0, bootstraps=100)
    return reconstruct(responses, decoder, settings)
