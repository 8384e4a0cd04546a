"""Latent and latent-diffusion decoders against ridge, each beside what it makes without the brain.

    TPDECODE_WEIGHTS=FOLDER python benchmarks/deep/latent.py [--seeds 3] [--denoiser FILE] [--write]

Needs the photographs of TPDECODE_REAL_DATA, taef2 and EfficientNet-lite0. Photographs 0 to 499
train the denoiser, 500 to 999 are shown: 400 train the decoders, 100 are tested.
"""

from __future__ import annotations

import argparse
import platform
import time
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import torch
from photographs import luminance_at, photographs

from twophoton_decode.decoding.decoders.ridge import Decoder as Ridge
from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.scoring.scores import (
    correlation,
    similarity,
    two_way_identification,
    unit_rows,
)
from twophoton_decode.deep.decoders.latent import Decoder as Latent
from twophoton_decode.deep.decoders.latent_diffusion import Decoder as LatentDiffusion
from twophoton_decode.deep.features.layers import LayerReader
from twophoton_decode.deep.latent.denoiser.file import read_denoiser
from twophoton_decode.deep.latent.denoiser.make import Choice, make_denoiser
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.features import Pixels
from twophoton_decode.settings import DeepSettings
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates
from twophoton_decode.stimulus.colour_pictures import ColourPictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_latent.md"
PICTURES, SHOWN_FROM, TESTED = 1000, 500, 100
V1, HIGHER, REPEATS, SIDE = 700, 800, 4, 32
LAYER = "b4"


def some(pictures: ColourPictures, start: int, stop: int) -> ColourPictures:
    """A run of pictures as a source of its own."""
    name = pictures.name[start:stop]
    return replace(pictures, name=name, _pixels=lambda index: pictures._pixels(start + index))


def layer_of(fine: np.ndarray) -> np.ndarray:
    """Layer b4 of EfficientNet-lite0, which higher cells mix, (pictures, channels, y, x)."""
    reader = LayerReader(open_network("efficientnet-lite0"), fine.shape[-1], 1, torch.device("cpu"))
    size = int(np.prod(reader.shape[LAYER]))
    start = list(reader.shape).index(LAYER)
    reader.chosen[LAYER] = np.arange(size)
    colour = np.repeat(fine[:, None], 3, axis=1).astype(np.float32)
    rows = np.concatenate([reader.read(colour[at : at + 50]) for at in range(0, len(fine), 50)])
    return rows[:, start : start + size].reshape(len(fine), *reader.shape[LAYER])


class Simulated:
    """One seed: cells of two areas, their trials, and which photographs are tested."""

    def __init__(self, seed: int, fine: np.ndarray, layer: np.ndarray, tested: int) -> None:
        rng, count = np.random.default_rng(seed), len(fine)
        side = fine.shape[-1]
        self.fine = fine
        self.small, v1_px = (
            fine.reshape(count, n, side // n, n, side // n).mean(axis=(2, 4)).astype(float)
            for n in (SIDE, side // 2)
        )
        rates = np.concatenate([v1_rates(v1_px, V1, rng), higher_rates(layer, HIGHER, rng)], axis=1)
        self.R, self.image = noisy_trials(rates, REPEATS, rng)
        self.population = np.repeat(["V1", "higher"], [V1, HIGHER])
        order = rng.permutation(count)
        self.test, self.train = np.sort(order[:TESTED])[:tested], np.sort(order[TESTED:])
        trials = self.R.reshape(REPEATS, count, -1)[:, self.test]
        self.average, self.single = trials.mean(axis=0), trials[0]
        self.space = Pixels((SIDE, SIDE))
        self.Y = self.space.encode(self.small)
        self.rng = rng

    def session(self, denoiser: Path | None, **deep: object) -> SessionContext:
        def read(name: str, side: int) -> np.ndarray:
            return np.repeat(self.fine[int(name)][None], 3, axis=0).astype(np.float32)

        names = np.arange(len(self.fine)).astype(str)
        found = SessionContext(DeepSettings(**deep), None, denoiser, self.population, read)
        return found.about(names, self.small, self.Y)

    def fitted(self, decoder):
        used = np.isin(self.image, self.train)
        return decoder.fit(self.R[used], self.Y[self.image[used]], self.image[used])

    def row(self, name: str, features: np.ndarray) -> str:
        """SSIM, r over pixels, two-way identification and the share named among all tested."""
        made, shown = self.space.decode(features), self.small[self.test]
        mean = self.small[self.train].mean(axis=0).ravel()
        a, b = (each.reshape(len(shown), -1) - mean for each in (made, shown))
        own = np.arange(len(shown))
        named = (unit_rows(a) @ unit_rows(b).T).argmax(axis=1) == own
        values = (
            similarity(shown, made, float(np.ptp(self.small))).mean(),
            correlation(made.reshape(len(shown), -1), shown.reshape(len(shown), -1)).mean(),
            two_way_identification(a, b, own, own).mean(),
            named.mean(),
        )
        text = f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |"
        print(text, flush=True)
        return text


def seed_rows(seed: int, made: Simulated, denoiser: Path, drives: tuple[str, ...]) -> list[str]:
    """Rows of one seed."""
    ridge = made.fitted(Ridge())
    latent = made.fitted(Latent.for_session(made.space, made.session(None)))
    begun = time.perf_counter()
    diffusion = made.fitted(LatentDiffusion.for_session(made.space, made.session(denoiser)))
    print("fitted in", round(time.perf_counter() - begun), "s", diffusion.warnings_, flush=True)
    rows = []
    for what, R, trials in (("average", made.average, REPEATS), ("single", made.single, 1)):
        rows.append(made.row(f"{seed} | ridge | {what}", ridge.predict(R)))
        rows.append(made.row(f"{seed} | latent | {what}", latent.predict_mean(R, trials)))
        for drive in drives if what == "average" else ("both",):
            diffusion.session = made.session(denoiser, driven_by=drive)
            found = diffusion.predict_mean(R, trials)
            rows.append(made.row(f"{seed} | latent-diffusion, {drive} | {what}", found))
    return [*rows, *control_rows(seed, made, latent, diffusion, denoiser)]


def control_rows(seed, made, latent, diffusion, denoiser) -> list[str]:
    """The same generators without the brain."""
    rng = np.random.default_rng(seed)
    mean = np.repeat(made.R.mean(axis=0, keepdims=True), len(made.test), axis=0)
    driven = {
        "wrong image": np.roll(made.average, 1, axis=0),
        "mean response": mean,
        "cells shuffled": made.average[:, rng.permutation(made.average.shape[1])],
    }
    diffusion.session = made.session(denoiser)
    return [
        made.row(f"{seed} | {decoder.name} | {name}", decoder.predict_mean(R, REPEATS))
        for decoder in (latent, diffusion)
        for name, R in driven.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--denoiser", type=Path)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--tested", type=int, default=TESTED)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    pictures = photographs(PICTURES)
    file = given.denoiser or Path(mkdtemp()) / "denoiser.npz"
    if not file.exists():
        make_denoiser(some(pictures, 0, SHOWN_FROM), file, Choice(steps=given.steps))
    origin = read_denoiser(file).origin
    fine = luminance_at(some(pictures, SHOWN_FROM, PICTURES), 128).astype(np.float32)
    layer = layer_of(fine)
    rows = []
    for seed in range(given.seeds):
        made = Simulated(seed, fine, layer, given.tested)
        rows += seed_rows(seed, made, file, ("both", "z", "c"))
    lines = [
        "# Latent decoders against ridge",
        "",
        f"{V1} simulated V1 cells on luminance, {HIGHER} higher cells that mix layer {LAYER} of "
        f"EfficientNet-lite0, photographs shown {REPEATS} times, noise 1.5 SD; {TESTED} tested. "
        "Ridge and latent read all cells; latent-diffusion takes z from V1 and c from higher "
        f"cells. The denoiser saw {origin.pictures} other photographs, {origin.steps} steps; its "
        f"loss on held-out ones fell from {origin.first_loss:.3f} to {origin.loss:.3f}. Pictures "
        f"are compared at {SIDE} px. 1 of {given.tested}: the share named among all tested.",
        "",
        f"| seed | decoder | driven by | SSIM | r over pixels | two-way | 1 of {given.tested} |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"Machine: {platform.machine()}, one core of two shared with other work; Python "
        f"{platform.python_version()}, PyTorch {torch.__version__}.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if given.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
