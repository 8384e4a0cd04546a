"""A simulated mouse as a folder in the layout of SENSORIUM 2022."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from twophoton_decode.simulation.parameters import SimulationParameters, generators
from twophoton_decode.simulation.session import Session, simulate_session
from twophoton_decode.simulation.writing import make_empty, session_truth

SHAPE = (36, 64)
"""Rows and columns of the competition's pictures."""
TESTED_SHARE, VALIDATION_SHARE = 0.2, 0.1
FIELD_UM, DEPTHS_UM = 600.0, (150, 175, 200)


def write_sensorium(parameters: SimulationParameters, folder: Path) -> None:
    """Write ``data`` and ``meta`` of one mouse, and ``truth.npz``.

    A fifth of the images (two at least) are tested and shown `repeats` times, the others train
    or validate and are shown once, as in the competition. Pictures have 36 × 64 px; around them
    the screen is grey. Files are numbered in random order; ``trial_idx`` says when a trial was.

    Raises
    ------
    UsageError
        `folder` already holds files.
    """
    make_empty(folder)
    rows, columns = SHAPE
    parameters = replace(parameters, picture_px=columns, picture_rows=rows)
    session = simulate_session(parameters)
    tier = drawn_tiers(parameters.images, parameters.seed)
    trials = np.flatnonzero((tier[session.image] == "test") | (session.repeat == 0))
    trials = generators(parameters.seed)["files"].permutation(trials)
    _write_data(session, trials, folder / "data")
    image = session.image[trials]
    write_meta(
        folder / "meta",
        {"tiers": tier[image], "frame_image_id": image + 1000, "trial_idx": trials},
        meta_of_cells(session.response.shape[1], parameters.seed),
    )
    np.savez_compressed(
        folder / "truth.npz", allow_pickle=False, **session_truth(session, parameters)
    )


def drawn_tiers(
    stimuli: int, seed: int, tested: str = "test", validation: str = "validation"
) -> np.ndarray:
    """The tier of each picture or video, drawn at random, (stimuli,); "" validates none."""
    count = max(2, round(TESTED_SHARE * stimuli))
    more = round(VALIDATION_SHARE * stimuli) if validation else 0
    tier = np.full(stimuli, "train", dtype="<U10")
    order = generators(seed)["tiers"].permutation(stimuli)
    tier[order[:count]] = tested
    tier[order[count : count + more]] = validation
    return tier


def _write_data(session: Session, trials: np.ndarray, folder: Path) -> None:
    rows, columns = SHAPE
    top = (columns - rows) // 2
    pictures = session.picture[:, top : top + rows].astype(np.float32)
    values = {
        "images": pictures[session.image[trials]][:, None],
        "responses": session.response[trials].astype(np.float32),
        "behavior": np.stack(
            [np.ones(trials.size), np.zeros(trials.size), session.running[trials]], axis=1
        )[:, None],
    }
    for name, of_trials in values.items():
        (folder / name).mkdir(parents=True)
        for trial, each in enumerate(of_trials):
            np.save(folder / name / f"{trial}.npy", each, allow_pickle=False)


def meta_of_cells(cells: int, seed: int) -> dict[str, np.ndarray]:
    """What ``meta/neurons`` says of each cell."""
    generator = generators(seed)["tissue"]
    place = generator.uniform(0, FIELD_UM, (cells, 2)).round()
    depth = generator.choice(DEPTHS_UM, cells)
    return {
        "unit_ids": np.arange(1, cells + 1),
        "cell_motor_coordinates": np.column_stack([place, depth]).astype(np.int64),
        "area": np.full(cells, "V1"),
        "layer": np.full(cells, "L2/3"),
    }


def write_meta(folder: Path, trials: dict[str, np.ndarray], neurons: dict[str, np.ndarray]) -> None:
    """Write ``meta/trials`` and ``meta/neurons``, a file for each array."""
    for name, arrays in {"trials": trials, "neurons": neurons}.items():
        (folder / name).mkdir(parents=True)
        for each, values in arrays.items():
            np.save(folder / name / f"{each}.npy", values, allow_pickle=False)
