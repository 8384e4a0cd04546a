"""Does a denoiser use what it is told? Codes of photographs that it has not seen, true and wrong c.

    TPDECODE_WEIGHTS=FOLDER python benchmarks/deep/condition.py --denoiser FILE [--write]

Needs the photographs of TPDECODE_REAL_DATA, taef2, EfficientNet-lite0 and a denoiser of the first
500 photographs (`benchmarks/deep/latent.py` trains one). No cells, so no decoding: what a perfect
decoder of c could gain.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import torch
from latent import PICTURES, SHOWN_FROM, some
from photographs import luminance_at, photographs

from twophoton_decode.decoding.scoring.scores import unit_rows
from twophoton_decode.deep.latent.denoiser.condition import told
from twophoton_decode.deep.latent.denoiser.noise import denoised, noise_levels, sampled
from twophoton_decode.deep.latent.opened import opened_codes, opened_denoiser
from twophoton_decode.statistics.image_mean import image_mean

RESULTS = Path(__file__).parents[1] / "results" / "deep_condition.md"
STRENGTHS = (0.2, 0.35, 0.5, 0.8, 1.0)
STEPS = 20


def error(network, codes, noise, sigma: float, condition) -> np.ndarray:
    """Squared error of D in SD of the code, (pictures,)."""
    given = torch.full((len(codes),), sigma)
    with torch.inference_mode():
        found = denoised(network, codes + sigma * noise, given, condition)
    return ((found - codes) ** 2).mean(dim=(1, 2, 3)).numpy().astype(float)


def ways_of(components: np.ndarray) -> dict[str, torch.Tensor]:
    """What the denoiser is told, by how right it is."""
    certain, none = np.ones(components.shape[1]), np.zeros(components.shape[1])
    return {
        "nothing": torch.from_numpy(told(components, none)),
        "true c": torch.from_numpy(told(components, certain)),
        "c of another": torch.from_numpy(told(np.roll(components, 1, axis=0), certain)),
    }


def error_rows(network, codes, noise, ways) -> list[str]:
    rows = []
    for strength in STRENGTHS:
        sigma = float(noise_levels(strength, 1)[0])
        found = {name: error(network, codes, noise, sigma, each) for name, each in ways.items()}
        gain = image_mean(found["nothing"] - found["true c"])
        low, high = gain.interval
        means = " | ".join(f"{each.mean():.4f}" for each in found.values())
        rows.append(
            f"| {strength} | {sigma:.2f} | {means} | {gain.mean:.4f} ({low:.4f} to {high:.4f}) |"
        )
        print(rows[-1], flush=True)
    return rows


def sampled_rows(network, codes, noise, ways) -> list[str]:
    """Two-way identification of codes made of noise alone."""
    rows, levels = [], noise_levels(1.0, STEPS)
    same = noise[:1].expand_as(noise)
    for name, condition in ways.items():
        with torch.inference_mode():
            made = sampled(network, torch.zeros_like(codes), same, levels, condition)
        flat, true = (each.flatten(1).numpy() for each in (made, codes))
        fit = unit_rows(flat - flat.mean(axis=0)) @ unit_rows(true - true.mean(axis=0)).T
        own = np.diag(fit)[:, None]
        two_way = ((fit < own) + 0.5 * (fit == own)).sum(axis=1) - 0.5
        score = image_mean(two_way / (len(codes) - 1))
        low, high = score.interval
        r = f"{np.diag(fit).mean():.3f}"
        rows.append(f"| {name} | {score.mean:.3f} ({low:.3f} to {high:.3f}) | {r} |")
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--denoiser", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    begun = time.process_time()
    pictures = some(photographs(PICTURES), SHOWN_FROM, SHOWN_FROM + given.pictures)
    grey = np.repeat(luminance_at(pictures, 128)[:, None], 3, axis=1).astype(np.float32)
    found = opened_denoiser(given.denoiser, None, "cpu")
    denoiser, origin = found.denoiser, found.denoiser.origin
    codes = opened_codes(origin.autoencoder, None, "cpu")[1].of(grey)
    ways = ways_of(denoiser.components(found.features.of(grey)))
    standard = torch.from_numpy(denoiser.scale.standard(codes))
    rng = np.random.default_rng(0)
    noise = torch.from_numpy(rng.standard_normal(standard.shape, dtype=np.float32))
    made = sampled_rows(denoiser.network, standard, noise, ways)
    errors = error_rows(denoiser.network, standard, noise, ways)
    minutes = (time.process_time() - begun) / 60
    lines = [
        "# Does the denoiser use c?",
        "",
        f"{given.pictures} photographs that the denoiser has not seen; it learned from "
        f"{origin.pictures} others in {origin.steps} steps (loss on held-out ones "
        f"{origin.first_loss:.3f} to {origin.loss:.3f}). No cells: codes and c are true. Intervals "
        "are over photographs.",
        f"`python benchmarks/deep/condition.py --pictures {given.pictures} --denoiser FILE "
        f"--write`: {minutes:.1f} min of one core.",
        "",
        f"Codes made of noise alone, the same for all, in {STEPS} steps, against true codes:",
        "",
        "| told | two-way (chance .5) | r of codes |",
        "| --- | --- | --- |",
        *made,
        "",
        "Squared error of one step, in variances of the code, true codes with noise:",
        "",
        "| strength | σ | nothing | true c | c of another | gain by true c |",
        "| --- | --- | --- | --- | --- | --- |",
        *errors,
        "",
        f"Machine: {platform.machine()}, one core of two shared with much other work; Python "
        f"{platform.python_version()}, PyTorch {torch.__version__}.",
    ]
    print("\n".join(lines))
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
