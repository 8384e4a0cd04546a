"""Time and memory of importing a mouse in SENSORIUM's layout.

    python benchmarks/deep/sensorium_import.py [--large] [--write]

Folders of made-up responses and pictures are written into a temporary folder: 1 000 cells and
2 000 trials; with --large also 8 000 cells and 6 000 trials (5 000 images that train, 100 tested
ten times), which takes 0.3 GB of disk.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parents[1] / "results" / "deep_sensorium_import.md"
TESTED, REPEATS = 100, 10
SIZES = ((1000, 2000), (8000, 6000))


def write_mouse(folder: Path, cells: int, trials: int) -> int:
    """A mouse whose cells see a few patterns of smooth pictures; the number of images."""
    rng = np.random.default_rng(0)
    training = trials - TESTED * REPEATS
    images = training + TESTED
    basis = rng.standard_normal((12, 36, 64)).cumsum(axis=1).cumsum(axis=2)
    image = np.concatenate([np.arange(training), training + np.tile(np.arange(TESTED), REPEATS)])
    image = image[rng.permutation(trials)]
    weight = rng.standard_normal((images, 12))
    tuning = rng.standard_normal((12, cells)) / 4
    for name in ("images", "responses"):
        (folder / "data" / name).mkdir(parents=True)
    for trial, shown in enumerate(image.tolist()):
        picture = np.tensordot(weight[shown], basis, axes=1)
        picture += 10 * np.random.default_rng(shown).standard_normal((36, 64))
        grey = np.clip(128 + picture, 0, 255).round().astype(np.float32)
        np.save(folder / f"data/images/{trial}.npy", grey[None], allow_pickle=False)
        rate = np.maximum(weight[shown] @ tuning, 0)
        response = rng.gamma(1 + rate).astype(np.float32)
        np.save(folder / f"data/responses/{trial}.npy", response, allow_pickle=False)
    meta = {
        "trials/tiers": np.where(image < training, "train", "test"),
        "trials/frame_image_id": image,
        "neurons/unit_ids": np.arange(cells),
        "neurons/area": np.full(cells, "V1"),
        "neurons/cell_motor_coordinates": rng.integers(0, 800, (cells, 3)),
    }
    for name, values in meta.items():
        path = folder / "meta" / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, values, allow_pickle=False)
    return images


def measured(cells: int, trials: int) -> str:
    """A row: seconds, and the largest memory of the import."""
    with tempfile.TemporaryDirectory() as folder:
        images = write_mouse(Path(folder) / "mouse", cells, trials)
        command = [sys.executable, "-m", "twophoton_decode", "import", "sensorium",
                   str(Path(folder) / "mouse"), "-o", str(Path(folder) / "S"), "-q"]  # fmt: skip
        begun = time.perf_counter()
        process = subprocess.Popen(command)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
    if status:
        raise SystemExit(f"the import failed ({status})")
    row = f"| {cells} | {trials} | {images} | {seconds:.0f} | {used.ru_maxrss / 2**20:.2f} |"
    print(row, flush=True)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rows = [measured(*size) for size in SIZES[: 2 if given.large else 1]]
    lines = [
        "# Importing a mouse in SENSORIUM's layout",
        "",
        "`python benchmarks/deep/sensorium_import.py --large --write`: from the folder to "
        "responses with their statistics and figures; pictures of 36 × 64 px, 100 images tested "
        "ten times.",
        "",
        "| cells | trials | images | seconds | peak memory, GiB |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"Machine: {platform.machine()}, two cores shared with other work, so seconds are an upper "
        f"limit; Python {platform.python_version()}, numpy {np.__version__}.",
    ]
    if given.write:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
