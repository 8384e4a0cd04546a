"""Latent and latent-diffusion decoders against ridge, each beside what it makes without the brain.

    TPDECODE_WEIGHTS=FOLDER python benchmarks/deep/latent.py [--seeds 3] [--denoiser FILE] [--write]

Needs the photographs of TPDECODE_REAL_DATA, taef2 and EfficientNet-lite0. Photographs 0 to 499
train the denoiser. 500 to 549 are those on which a strength is chosen, with cells of another seed.
Of 550 to 999 a hundred are left out: fifty of them are tested, each among the hundred.
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
from twophoton_decode.decoding.scoring.scores import correlation, similarity, unit_rows
from twophoton_decode.deep.decoders.latent import Decoder as Latent
from twophoton_decode.deep.decoders.latent_diffusion import Decoder as LatentDiffusion
from twophoton_decode.deep.features.layers import LayerReader
from twophoton_decode.deep.latent.denoiser.file import read_denoiser
from twophoton_decode.deep.latent.denoiser.make import Choice, make_denoiser
from twophoton_decode.deep.networks.named import open_network
from twophoton_decode.features import Pixels
from twophoton_decode.settings import DeepSettings
from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates
from twophoton_decode.statistics.image_mean import SHARED_TRAINING, image_mean
from twophoton_decode.stimulus.colour_pictures import ColourPictures

RESULTS = Path(__file__).parents[1] / "results" / "deep_latent.md"
PICTURES, SHOWN_FROM, CHOOSING = 1000, 500, 50
CANDIDATES, TESTED = 100, 50
V1, HIGHER, REPEATS, SIDE = 700, 800, 4, 32
LAYER = "b4"
STRENGTHS = (0.2, 0.35, 0.5, 0.8)
CHOICE_SEED = 100
UNDIFFUSED = "its z, no diffusion"
SCORES = ("SSIM", "r over pixels", "two-way", f"1 of {CANDIDATES}")


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
    """One seed: cells of two areas, their trials, and which photographs are left out and tested."""

    def __init__(self, seed: int, fine: np.ndarray, layer: np.ndarray, choosing: bool) -> None:
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
        first, others = np.arange(CHOOSING), rng.permutation(np.arange(CHOOSING, count))
        order = np.concatenate([first, others] if choosing else [others, first])
        self.left_out, self.train = order[:CANDIDATES], np.sort(order[CANDIDATES:])
        self.test = self.left_out[: TESTED // 2 if choosing else TESTED]
        trials = self.R.reshape(REPEATS, count, -1)[:, self.test]
        self.average, self.single = trials.mean(axis=0), trials[0]
        self.space = Pixels((SIDE, SIDE))
        self.Y = self.space.encode(self.small)

    def session(self, denoiser: Path | None, **deep: object) -> SessionContext:
        def read(name: str, side: int) -> np.ndarray:
            return np.repeat(self.fine[int(name)][None], 3, axis=0).astype(np.float32)

        names = np.arange(len(self.fine)).astype(str)
        found = SessionContext(DeepSettings(**deep), None, denoiser, self.population, read)
        return found.about(names, self.small, self.Y)

    def fitted(self, decoder):
        used = np.isin(self.image, self.train)
        return decoder.fit(self.R[used], self.Y[self.image[used]], self.image[used])

    def scores(self, features: np.ndarray) -> np.ndarray:
        """The four scores of every tested image, (4, tested)."""
        made, among = self.space.decode(features), self.small[self.left_out]
        mean = self.small[self.train].mean(axis=0).ravel()
        fit = unit_rows(made.reshape(len(made), -1) - mean)
        fit = fit @ unit_rows(among.reshape(len(among), -1) - mean).T
        own = np.diag(fit)[:, None]
        below = (fit < own).sum(axis=1) + 0.5 * ((fit == own).sum(axis=1) - 1)
        shown = among[: len(made)]
        return np.stack([
            similarity(shown, made, float(np.ptp(self.small))),
            correlation(made.reshape(len(made), -1), shown.reshape(len(made), -1)),
            below / (CANDIDATES - 1),
            (fit > own).sum(axis=1) == 0,
        ])  # fmt: skip


def chosen_strength(made: Simulated, denoiser: Path) -> tuple[float, list[str]]:
    """The strength with the largest mean SSIM on photographs that are not scored later."""
    decoder = made.fitted(LatentDiffusion.for_session(made.space, made.session(denoiser)))
    found = {0.0: made.scores(without_diffusion(decoder, made.average, REPEATS))}
    for strength in STRENGTHS:
        sampling = replace(decoder.diffusion_.sampling, strength=strength)
        decoder.diffusion_ = replace(decoder.diffusion_, sampling=sampling)
        found[strength] = made.scores(decoder.predict_mean(made.average, REPEATS))
        print(strength, found[strength].mean(axis=1), flush=True)
    rows = [
        f"| {strength or 'no diffusion'} | {' | '.join(f'{v:.3f}' for v in each.mean(axis=1))} |"
        for strength, each in found.items()
    ]
    return max(STRENGTHS, key=lambda each: found[each][0].mean()), rows


def without_diffusion(decoder: LatentDiffusion, R: np.ndarray, trials: int) -> np.ndarray:
    """Features of the pictures of z alone, which the same cells say, before any denoising."""
    codes = decoder.codes_.codes(R[:, decoder.diffusion_.sources.of_code], trials)
    return np.asarray(decoder.scale_.features(decoder.codes_.pictures(codes)))


def seed_scores(made: Simulated, denoiser: Path, strength: float) -> dict[str, np.ndarray]:
    """Scores of one seed by decoder and what drives it."""
    ridge = made.fitted(Ridge())
    latent = made.fitted(Latent.for_session(made.space, made.session(None)))
    given = {
        drive: made.session(denoiser, driven_by=drive, denoiser_strength=strength)
        for drive in ("both", "z", "c")
    }
    diffusion = made.fitted(LatentDiffusion.for_session(made.space, given["both"]))
    mean = made.R.mean(axis=0, keepdims=True)
    found: dict[str, np.ndarray] = {}

    def add(name: str, features: np.ndarray) -> None:
        found[name] = made.scores(features)
        print(name, found[name].mean(axis=1).round(3), flush=True)

    add("ridge | average", ridge.predict(made.average))
    for decoder, name in ((latent, "latent"), (diffusion, "latent-diffusion, both")):
        own = decoder.predict_mean(made.average, REPEATS)
        add(f"{name} | average", own)
        add(f"{name} | wrong image", np.roll(own, 1, axis=0))
        one = decoder.predict_mean(mean, REPEATS)
        add(f"{name} | mean response", np.repeat(one, len(made.test), axis=0))
    add(f"{UNDIFFUSED} | average", without_diffusion(diffusion, made.average, REPEATS))
    for drive in ("z", "c"):
        diffusion.session = given[drive]
        add(f"latent-diffusion, {drive} | average", diffusion.predict_mean(made.average, REPEATS))
    diffusion.session = given["both"]
    add("ridge | single", ridge.predict(made.single))
    add("latent | single", latent.predict_mean(made.single, 1))
    add("latent-diffusion, both | single", diffusion.predict_mean(made.single, 1))
    add(f"{UNDIFFUSED} | single", without_diffusion(diffusion, made.single, 1))
    return found


def differences(found: list[dict[str, np.ndarray]]) -> list[str]:
    """Of decoders over the tested images of all seeds, with 95 % intervals."""
    pairs = (
        ("latent | average", "ridge | average"),
        ("latent-diffusion, both | average", "latent | average"),
        ("latent-diffusion, both | average", f"{UNDIFFUSED} | average"),
        ("latent-diffusion, both | single", f"{UNDIFFUSED} | single"),
        ("latent-diffusion, both | average", "latent-diffusion, z | average"),
        ("latent-diffusion, both | single", "latent | single"),
    )
    rows = []
    for a, b in pairs:
        told = []
        for score in range(len(SCORES)):
            every = np.concatenate([each[a][score] - each[b][score] for each in found])
            mean = image_mean(every, widening=SHARED_TRAINING)
            low, high = mean.interval
            told.append(f"{mean.mean:+.3f} ({low:+.3f} to {high:+.3f})")
        rows.append(f"| {a.replace(' |', ',')} less {b.split(' |')[0]} | {' | '.join(told)} |")
    return rows


def text_of(found, chosen, rows, origin, seconds) -> str:
    """The page."""
    table = [
        f"| {seed} | {name} | {' | '.join(f'{value:.3f}' for value in each.mean(axis=1))} |"
        for seed, scores in enumerate(found)
        for name, each in scores.items()
    ]
    head = f"{' | '.join(SCORES)} |"
    lines = [
        "# Latent decoders against ridge",
        "",
        f"{V1} simulated V1 cells on luminance, {HIGHER} higher cells that mix layer {LAYER} of "
        f"EfficientNet-lite0, photographs shown {REPEATS} times, noise 1.5 SD; 400 train, "
        f"{CANDIDATES} are left out, of which {TESTED} are tested, each among all {CANDIDATES}. "
        "Ridge and latent read all cells; latent-diffusion takes z from V1 and c from higher "
        f"cells, with 20 steps from strength {chosen}. The denoiser saw {origin.pictures} other "
        f"photographs, {origin.steps} steps; its loss on held-out ones fell from "
        f"{origin.first_loss:.3f} to {origin.loss:.3f}. Pictures are compared at {SIDE} px.",
        f"`python benchmarks/deep/latent.py --seeds {len(found)} --write`, the training of the "
        f"denoiser apart: {seconds / 60:.0f} min of one core.",
        "",
        f"| seed | decoder | driven by | {head}",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *table,
        "",
        f"Differences, means over the tested photographs of {len(found)} seed"
        f"{'s' * (len(found) > 1)} (95 % interval of the photographs):",
        "",
        f"| | {head}",
        "| --- | --- | --- | --- | --- |",
        *differences(found),
        "",
        "## The strength",
        f"Chosen by SSIM on {TESTED // 2} photographs that no seed tests, with cells of another "
        "seed, trial averages; no diffusion: z from V1 alone.",
        "",
        f"| strength | {head}",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"Machine: {platform.machine()}, one core of two shared with other work; Python "
        f"{platform.python_version()}, PyTorch {torch.__version__}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--denoiser", type=Path)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--write", action="store_true", help="after every seed")
    given = parser.parse_args()
    torch.set_num_threads(1)
    pictures = photographs(PICTURES)
    file = given.denoiser or Path(mkdtemp()) / "denoiser.npz"
    if not file.exists():
        make_denoiser(some(pictures, 0, SHOWN_FROM), file, Choice(steps=given.steps))
    begun = time.process_time()
    fine = luminance_at(some(pictures, SHOWN_FROM, PICTURES), 128).astype(np.float32)
    layer = layer_of(fine)
    strength, rows = chosen_strength(Simulated(CHOICE_SEED, fine, layer, choosing=True), file)
    found = []
    for seed in range(given.seeds):
        made = Simulated(seed, fine, layer, choosing=False)
        found.append(seed_scores(made, file, strength))
        seconds = time.process_time() - begun
        text = text_of(found, strength, rows, read_denoiser(file).origin, seconds)
        print(text, flush=True)
        if given.write:
            RESULTS.write_text(text)


if __name__ == "__main__":
    main()
