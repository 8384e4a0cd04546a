"""``tpdecode extract`` against plain suite2p with the same settings, as whole processes.

    python benchmarks/extraction.py MOVIE.tif [--frame-rate-hz 30] [--pairs 5] [--write]

Each pair is two fresh processes, one after the other, in alternating order; each starts
from the TIFF and ends with its results on disk. Plain suite2p reads the TIFF itself and is
given the blocks it needs not to crash on a small field of view.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.ndimage import median_filter

from twophoton_decode.recording.intensity import write_int16
from twophoton_decode.recording.movie import open_recording, read_frames

RESULTS = Path(__file__).parent / "results" / "extraction.md"

PLAIN = """
import sys
from pathlib import Path
import suite2p
movie, folder, rate, block = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
settings = suite2p.default_settings()
settings["fs"] = rate
settings["torch_device"] = "cpu"
settings["registration"]["block_size"] = (block, block)
settings["classification"]["use_builtin_classifier"] = True
db = suite2p.default_db()
db["data_path"], db["file_list"], db["save_path0"] = [str(movie.parent)], [movie.name], folder
suite2p.run_s2p(db, settings)
"""


def plain(movie: Path, folder: Path, rate: float, block: int) -> list[str]:
    return [sys.executable, "-c", PLAIN, str(movie), str(folder), str(rate), str(block)]


def ours(movie: Path, folder: Path, rate: float, block: int) -> list[str]:
    command = [sys.executable, "-c", "from twophoton_decode.cli.main import main; main()"]
    return [*command, "extract", str(movie), "-o", str(folder), "--frame-rate-hz", str(rate)]


def timed(command: list[str], folder: Path) -> float:
    # A home without earlier settings or classifiers, the same for both.
    environment = os.environ | {"HOME": str(folder.parent / "home")}
    start = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def pair(movie: Path, folder: Path, rate: float, block: int, ours_first: bool) -> dict[str, float]:
    seconds = {}
    for side in (ours, plain) if ours_first else (plain, ours):
        target = folder / side.__name__
        shutil.rmtree(target, ignore_errors=True)
        seconds[side.__name__] = timed(side(movie, target, rate, block), target)
    return seconds


def found(folder: Path, movie: Path) -> dict[str, float]:
    """What both found, and whether a pixel wrapped on its way into the 16-bit movie."""
    recording = open_recording([movie])
    raw = read_frames(recording, 0, recording.frames).astype(np.int32)
    mapping = write_int16(recording, folder / "raw.bin", batch_frames=500)
    levels = np.fromfile(folder / "raw.bin", np.int16).reshape(raw.shape)
    plane = folder / "ours" / "suite2p" / "plane0"
    registered = np.memmap(plane / "data.bin", np.int16, "r", shape=raw.shape)
    cells = {
        side: np.load(folder / side / "suite2p" / "plane0" / "iscell.npy")[:, 0]
        for side in ("ours", "plain")
    }
    return {
        "cells": int(cells["ours"].sum()),
        "rois": len(cells["ours"]),
        "plain_cells": int(cells["plain"].sum()),
        "plain_rois": len(cells["plain"]),
        "high": float((raw > 32767).mean()),
        "changed": int((mapping.grey(levels) != raw).sum()),
        "holes_before": holes(raw),
        "holes_after": holes(registered),
        "offset": mapping.offset,
        "scale": mapping.scale,
    }


def holes(movie: np.ndarray) -> int:
    """Pixels more than 32768 levels below the median of their neighbours: wrapped ones are."""
    return sum(
        int((median_filter(frame, 3) - frame > 32768).sum()) for frame in movie.astype(np.int32)
    )


def report(movie: Path, block: int, pairs: list[dict[str, float]], facts: dict[str, float]) -> str:
    ratios = [one["ours"] / one["plain"] for one in pairs]
    rows = "\n".join(
        f"| {number} | {one['ours']:.1f} | {one['plain']:.1f} | {ratio:.3f} |"
        for number, (one, ratio) in enumerate(zip(pairs, ratios, strict=True), 1)
    )
    return f"""# Extraction against plain suite2p

`python benchmarks/extraction.py {movie.name} --pairs {len(pairs)} --write`, on
{time.strftime("%Y-%m-%d")}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores,
Python {platform.python_version()}, suite2p 1.1; load average at the end {os.getloadavg()[0]:.1f}.

Whole processes, from the TIFF to results on disk, in seconds. `tpdecode extract` also writes
`traces.nc`, its ledger and the figure of the field of view.

| pair | tpdecode extract | plain suite2p, {block}-px blocks | ratio |
|---|---|---|---|
{rows}

Median ratio **{statistics.median(ratios):.3f}** (wanted: at most 1.15).

tpdecode: {facts["rois"]} ROIs, **{facts["cells"]} cells** (wanted: at least 45). Plain suite2p:
{facts["plain_rois"]} ROIs, {facts["plain_cells"]} cells.

Intensities: grey = level * {facts["scale"]:g} + {facts["offset"]:g}. Of the TIFF's pixels
{facts["high"]:.2%} exceed 32767; pixels that differ between the TIFF and the 16-bit movie:
**{facts["changed"]}**. Pixels more than 32768 levels darker than their neighbours, as wrapped ones
would be: {facts["holes_before"]} in the TIFF, {facts["holes_after"]} in the registered movie.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("movie", type=Path)
    parser.add_argument("--frame-rate-hz", type=float, default=30.0)
    parser.add_argument("--block", type=int, default=64, help="plain suite2p's blocks, px")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    options = parser.parse_args()
    movie = options.movie.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "home").mkdir()
        pairs = []
        for number in range(options.pairs):
            seconds = pair(movie, folder, options.frame_rate_hz, options.block, number % 2 == 0)
            print(f"{seconds['ours']:.1f} s against {seconds['plain']:.1f} s", flush=True)
            pairs.append(seconds)
        text = report(movie, options.block, pairs, found(folder, movie))
    print(text)
    if options.write:
        RESULTS.write_text(text)


if __name__ == "__main__":
    main()
