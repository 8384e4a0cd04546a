"""Tiny work for the decoders that learn: a folder each, and the command that takes a second.

Training keeps its state every few steps here, descents have a dozen, and networks have random
weights: what is tried is that work goes on, not what comes out of it.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from tiny_sessions import make_arrays, set_values

from twophoton_decode.simulation.parameters import SimulationParameters

TESTS = Path(__file__).parents[3] / "tests"
KEPT_EVERY_STEPS = 5
NETWORK = "resnet18@random:0"
COMMON = (
    "decoding.permutations=0", "decoding.bootstraps=100", 'decoding.features="pixels"',
    "decoding.folds=2", "images.size_px=16",
)  # fmt: skip
MANY = SimulationParameters(cells=20, images=80, repeats=2, seed=872, picture_px=16)
FEW = SimulationParameters(cells=20, images=12, repeats=2, seed=872, picture_px=16)
PICTURES = 56


def end_to_end(folder, command):
    session = make_arrays(folder, command, MANY)
    set_values(session, (*COMMON, "deep.training_steps=60"))
    return lambda copy: ("reconstruct", copy / "session", "--decoder", "end-to-end")


def feature_inversion(folder, command):
    session = make_arrays(folder, command, FEW)
    network = ('deep.networks=["efficientnet-lite0@random:0"]', 'deep.inversion_layers=["stem"]')
    more = ('deep.generator="pixels"', "deep.units=200", "deep.inversion_px=32")
    set_values(session, (*COMMON, *network, *more))
    return lambda copy: ("reconstruct", copy / "session", "--decoder", "feature-inversion")


def latent(folder, command):
    session = make_arrays(folder, command, MANY)
    set_values(session, (*COMMON, 'deep.generator="taef2@random:0"', "deep.input_px=32"))
    return lambda copy: ("reconstruct", copy / "session", "--decoder", "latent")


def learning_curve(folder, command):
    session = make_arrays(folder, command, MANY)
    set_values(session, (*COMMON, "deep.training_steps=20"))
    return lambda copy: ("deep", "learning-curve", copy / "session", "--decoder", "end-to-end")


def movie(folder, command):
    sys.path[:0] = [str(TESTS / "deep"), str(TESTS)]
    from planted_clips import clip_session, planted

    deep = {"movie_correction": True, "training_steps": 20}
    clip_session(folder, planted(frames=20), settings={"deep": deep})
    (folder / "S").rename(folder / "session")
    return lambda copy: ("reconstruct", copy / "session", "--decoder", "movie")


def denoiser(folder, command):
    shown = folder / "photographs"
    shown.mkdir()
    (folder / "session").mkdir()
    rng = np.random.default_rng(0)
    for number in range(PICTURES):
        coarse = rng.integers(0, 255, (4, 4)).astype(np.uint8)
        Image.fromarray(np.kron(coarse, np.ones((8, 8), np.uint8))).save(shown / f"{number}.png")
    return lambda copy: (
        "deep", "train-denoiser", copy / "photographs", "-o", copy / "session" / "d.npz",
        "--size", "32", "--width", "8", "--steps", "40",
        "--autoencoder", "taef2@random:0", "--network", NETWORK,
    )  # fmt: skip


DEEP = {
    "end-to-end": end_to_end,
    "feature-inversion": feature_inversion,
    "latent": latent,
    "movie": movie,
    "denoiser": denoiser,
    "learning-curve": learning_curve,
}


def make_quick():
    """Keep what was learned every few steps, and descend in a dozen."""
    import torch

    from twophoton_decode.deep.decoders import (  # noqa: F401
        end_to_end,
        feature_inversion,
        latent,
    )  # fmt: skip
    from twophoton_decode.deep.inversion import studio
    from twophoton_decode.deep.inversion.descent import Descent
    from twophoton_decode.deep.latent.denoiser import make
    from twophoton_decode.deep.training import loop

    torch.set_num_threads(1)
    loop.KEPT_EVERY_STEPS = KEPT_EVERY_STEPS
    make._CHECK_EVERY = 10
    studio.FOR_PIXELS = Descent("lbfgs", 6)
