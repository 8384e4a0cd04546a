"""Makes every file of the sample session again: ``python make_sample_data.py [FOLDER]``."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from twophoton_decode.simulation.microscope.movie import Detector
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import simulate
from twophoton_decode.simulation.session import simulate_responses
from twophoton_decode.simulation.writing import write

# One grey level per photon keeps the noise at a few levels, so that the movie compresses.
MOVIE = SimulationParameters(
    cells=18,
    images=12,
    repeats=6,
    seed=2020,
    spontaneous_hz=0.06,
    picture_px=32,
    field_px=64,
    files=2,
    detector=Detector(grey_per_photon=1.0, offset=20.0, read_noise=0.5),
)
RESPONSES = replace(MOVIE, cells=60, images=40, seed=872)


def make(folder: Path) -> None:
    """Write the movie with its log, pictures and truth, and the two arrays."""
    for part in ("raw", "pictures"):
        shutil.rmtree(folder / part, ignore_errors=True)
    write(simulate(MOVIE), folder, compression="zlib")
    responses, images = simulate_responses(RESPONSES)
    np.save(folder / "responses.npy", responses, allow_pickle=False)
    np.save(folder / "images.npy", images, allow_pickle=False)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
