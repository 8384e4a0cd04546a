"""What z, c and a denoiser's stages predict of simulated cells of two areas, and of none.

    TPDECODE_WEIGHTS=FOLDER python benchmarks/deep/components.py --denoiser FILE [--write]

Needs the photographs of TPDECODE_REAL_DATA, taef2, EfficientNet-lite0 and a denoiser of the first
500 photographs (`benchmarks/deep/latent.py` trains one).
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import torch
from latent import HIGHER, PICTURES, SHOWN_FROM, V1, Simulated, layer_of, some
from photographs import luminance_at, photographs

from twophoton_decode.deep.attention.images import ImageResponses
from twophoton_decode.deep.latent.components.analysis import component_encoding
from twophoton_decode.deep.latent.components.made import components_of
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.by_image import mean_by_image

RESULTS = Path(__file__).parents[1] / "results" / "deep_components.md"
FOLDS, EACH, REFITS = 5, 200, 200


def shown_to(made: Simulated, images: int, rng: np.random.Generator) -> ImageResponses:
    """Mean responses of `EACH` cells of either area, and of as many that see other pictures."""
    mean = mean_by_image(made.R, made.image, images)
    v1, higher = mean[:, :EACH], mean[:, V1 : V1 + EACH]
    response = np.concatenate([v1, higher, rng.permutation(v1)], axis=1)
    exchanged = rng.permutation(response)[:, rng.permutation(3 * EACH)[:REFITS]]
    own = np.arange(images)
    return ImageResponses(response, exchanged, own % FOLDS, own)


def rows_of(seed: int, found: dict[str, np.ndarray]) -> tuple[list[str], list[str]]:
    """Sources, and differences, of every population."""
    sources, pairs = [], []
    for place, name in enumerate(found["population"].tolist()):
        values = " | ".join(f"{value:.3f}" for value in found["source_mean"][:, place])
        number = f"{found['predicted_cells'][place]} of {found['cells'][place]}"
        sources.append(f"| {seed} | {name} | {number} | {values} |")
        told = " | ".join(
            f"{found['between'][row, place]:+.3f} ({found['between_low'][row, place]:+.3f} to "
            f"{found['between_high'][row, place]:+.3f})"
            for row in range(len(found["pair"]))
        )
        pairs.append(f"| {seed} | {name} | {told} |")
    return sources, pairs


def steps_of(found: dict[str, np.ndarray]) -> list[str]:
    """R of every component, and of its control, of both areas."""
    return [
        f"| {kind} | {step if step >= 0 else ''} | {found['sigma'][row]:.2f} | "
        + " | ".join(
            f"{found['r_mean'][row, place]:.3f} | {found['control_mean'][row, place]:.3f}"
            for place in (0, 1)
        ).replace("nan", "")
        + " |"
        for row, (kind, step) in enumerate(
            zip(found["component"].tolist(), found["step"].tolist(), strict=True)
        )
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--denoiser", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    begun, images = time.process_time(), given.pictures
    pictures = some(photographs(PICTURES), SHOWN_FROM, SHOWN_FROM + images)
    fine = luminance_at(pictures, 128).astype(np.float32)
    layer = layer_of(fine)
    sources, pairs, first = [], [], {}
    areas = {
        name: np.arange(place * EACH, (place + 1) * EACH)
        for place, name in enumerate(("V1", "higher", "other pictures"))
    }
    for seed in range(given.seeds):
        made = Simulated(seed, fine, layer, choosing=False)
        shown = shown_to(made, images, np.random.default_rng(seed))
        parts = components_of(made.session(given.denoiser), made.small, seed)
        found = component_encoding(shown, areas, parts.components, DecodingSettings(), 0.05)
        first = first or found
        for mine, every in zip(rows_of(seed, found), (sources, pairs), strict=True):
            every += mine
        print(*sources, *pairs, sep="\n", flush=True)
    columns, differences = first["source"].tolist(), first["pair"].tolist()
    lines = [
        "# What the parts of a latent diffusion model predict",
        "",
        f"{EACH} of {V1} simulated V1 cells on luminance, {EACH} of {HIGHER} higher cells that mix "
        f"layer b4 of EfficientNet-lite0, {EACH} that see other pictures; {images} "
        f"photographs, {FOLDS} folds; c: {parts.content}.",
        f"`python benchmarks/deep/components.py --seeds {given.seeds} --pictures {images} "
        f"--denoiser FILE --write`: {(time.process_time() - begun) / 60:.0f} min of one core.",
        "",
        f"| seed | population | predicted | {' | '.join(columns)} |",
        "| --- " * (3 + len(columns)) + "|",
        *sources,
        "",
        "Differences of mean r (95 % interval over photographs):",
        "",
        f"| seed | population | {' | '.join(differences)} |",
        "| --- " * (2 + len(differences)) + "|",
        *pairs,
        "",
        "Seed 0, every component; control: mean of three random denoisers, or of z as noisy:",
        "",
        "| component | step | σ | V1 | control | higher | control |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *steps_of(first),
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
