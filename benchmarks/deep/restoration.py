"""Restoration of noisy movies: three losses beside a moving average, and suite2p on noise.

    python benchmarks/deep/restoration.py [--seeds 3] [--method ssim]… [--photons 8] [--write]

Every network's numbers are kept in --keep as soon as they are there, so that an interrupted run
goes on. With --suite2p a movie of noise is restored and given to suite2p.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import tifffile
import torch

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.microscope.restoration.fitting import STEPS, Fitted, budget_of, fit
from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.deep.microscope.restoration.network import WINDOW
from twophoton_decode.pipeline.restoration.controls import (
    METHODS,
    RAW,
    RESTORED,
    best_average,
    count_controls,
    noise_movie,
    ways,
)
from twophoton_decode.pipeline.restoration.scenes import training_movies
from twophoton_decode.records.traces import Traces
from twophoton_decode.session.netcdf import read_record

RESULTS = Path(__file__).parents[1] / "results" / "deep_restoration.md"
LOSSES = ("ssim", "mse", "pix2pix")
RATE_HZ = 8.0
NUMBERS = {
    "ssim": ("SSIM", 3), "recall": ("kept", 3), "invented": ("invented", 2),
    "invented_empty": ("invented, empty", 3), "invented_noise": ("invented, noise", 3),
    "slope": ("slope", 2), "area_slope": ("area slope", 2), "missed": ("missed", 3),
    "trace_r": ("trace r", 3), "flicker": ("flicker", 4), "baseline": ("baseline", 3),
}  # fmt: skip
NOISE_FRAMES, NOISE_PX = 600, 128


def light_of(photons: float) -> Light:
    """A detector with 20 grey levels a photon and half a photon of read noise."""
    return Light(20.0, 95.0, 0.5, photons, 4 * photons, 0.0, 1.0, True)


def trained(loss: str, seed: int, photons: float, keep: Path) -> tuple[Fitted, Any, float]:
    """A network, its held-out movies, and the CPU seconds that it took, resumed where killed."""
    known, held_out = training_movies(light_of(photons), RATE_HZ, WINDOW, seed)
    run = TrainingRun(keep / f"{loss}-{seed}-{photons:g}", seed=seed)
    begun = time.process_time()
    return fit(known, held_out, loss, budget_of(STEPS), run), held_out, time.process_time() - begun


def measured(loss: str, seed: int, photons: float, keep: Path) -> dict[str, Any]:
    """All numbers of one network, from `keep` where they are there."""
    file = keep / f"{loss}-{seed}-{photons:g}.json"
    if file.exists():
        return json.loads(file.read_text())
    fitted, held_out, seconds = trained(loss, seed, photons, keep)
    restorer = fitted.restorer
    average = best_average(held_out, restorer.peak)
    found = count_controls(ways(restorer, average), light_of(photons), RATE_HZ, restorer.peak)
    frames = np.random.default_rng(0).poisson(photons, (WINDOW + 3, 256, 256))
    begun = time.process_time()
    restorer(frames.astype(np.float32))
    result = {
        "numbers": {name: values.tolist() for name, values in found.numbers.items()},
        "average": average, "events": found.events, "steps": fitted.trained.steps,
        "best_step": fitted.trained.best_step, "training_cpu_s": seconds,
        "frame_cpu_s": (time.process_time() - begun) / 4,
    }  # fmt: skip
    file.write_text(json.dumps(result))
    print(loss, seed, photons, json.dumps(result), flush=True)
    return result


def rois_of_noise(loss: str, seed: int, photons: float, keep: Path) -> dict[str, list[float]]:
    """Cell probabilities of the ROIs that suite2p finds in noise, raw and restored."""
    file = keep / f"suite2p-{loss}-{seed}-{photons:g}.json"
    if file.exists():
        return json.loads(file.read_text())
    restorer = trained(loss, seed, photons, keep)[0].restorer
    light = light_of(photons)
    noisy = noise_movie(light, NOISE_FRAMES, NOISE_PX)
    movies = {RAW: noisy, RESTORED: restorer.whole(noisy)}
    found = {name: _probabilities(light.in_grey(movie)) for name, movie in movies.items()}
    file.write_text(json.dumps(found))
    print("suite2p", loss, seed, photons, found, flush=True)
    return found


def _probabilities(grey: np.ndarray) -> list[float]:
    with TemporaryDirectory() as scratch:
        movie, session = Path(scratch) / "movie.tif", Path(scratch) / "S"
        tifffile.imwrite(movie, np.rint(np.clip(grey, 0, 65535)).astype(np.uint16))
        for call in (
            ["init", session, "--movie", movie, "--frame-rate-hz", RATE_HZ],
            ["extract", session],
        ):
            try:
                tpdecode.main([str(each) for each in call], standalone_mode=False)
            except Exception as error:
                # suite2p that finds no ROI at all ends extraction, which is the best outcome.
                if "ROI" not in str(error):
                    raise
                return []
        return read_record(session / "traces.nc", Traces).cell_probability.tolist()


def table(rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Means over seeds and their range, a row a method."""
    lines = [
        "| | " + " | ".join(label for label, _ in NUMBERS.values()) + " |",
        "|---" * (len(NUMBERS) + 1) + "|",
    ]
    first = next(iter(rows.values()))
    for place, name in enumerate(METHODS[:2]):
        lines.append(_row(name, [each["numbers"] for each in first], place))
    for loss, results in rows.items():
        lines.append(_row(loss, [each["numbers"] for each in results], 2))
    return lines


def _row(name: str, numbers: list[dict[str, list[float]]], place: int) -> str:
    cells = []
    for key, (_, digits) in NUMBERS.items():
        values = [each[key][place] for each in numbers]
        text = f"{np.mean(values):.{digits}f}"
        if np.ptp(values) > 0:
            text += f" ({min(values):.{digits}f}–{max(values):.{digits}f})"
        cells.append(text)
    return f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--method", action="append", choices=LOSSES)
    parser.add_argument("--photons", type=float, default=8.0)
    parser.add_argument("--keep", type=Path, default=Path("restoration_benchmark"))
    parser.add_argument("--suite2p", action="store_true")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.keep.mkdir(exist_ok=True)
    losses = args.method or LOSSES
    rows: dict[str, list[dict[str, Any]]] = {loss: [] for loss in losses}
    for seed in range(args.seeds):
        for loss in losses:
            rows[loss].append(measured(loss, seed, args.photons, args.keep))
    lines = table(rows)
    for loss, results in rows.items():
        lines.append(
            f"\n{loss}: training {np.mean([r['training_cpu_s'] for r in results]):.0f} s of one "
            f"core, a frame of 256 × 256 px {np.mean([r['frame_cpu_s'] for r in results]):.2f} s; "
            f"{', '.join(str(r['best_step']) for r in results)} of at most {STEPS} steps."
        )
    if args.suite2p:
        for seed in range(args.seeds):
            found = rois_of_noise("ssim", seed, args.photons, args.keep)
            lines.append(f"\nsuite2p on noise, seed {seed}: " + "; ".join(
                f"{name} {len(p)} ROIs, {sum(v >= 0.3 for v in p)} at .3 and "
                f"{sum(v >= 0.5 for v in p)} at .5" for name, p in found.items()
            ))  # fmt: skip
    print("\n".join(lines))
    if args.write:
        _write(lines, args)


def _write(lines: list[str], args: argparse.Namespace) -> None:
    head = [
        "# Restoring noisy movies",
        "",
        f"`benchmarks/deep/restoration.py --seeds {args.seeds} --photons {args.photons:g}`"
        f"{' --suite2p' if args.suite2p else ''}, {platform.machine()}, 2 cores, one thread. Means "
        "over seeds of network and training scenes (lowest–highest); the test scenes are the same.",
        "",
    ]
    RESULTS.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
