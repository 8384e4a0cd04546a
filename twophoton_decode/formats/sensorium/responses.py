"""Responses of all trials, one file after the other, into one array on the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.sensorium.layout import RESPONSES, Layout, read_npy
from twophoton_decode.formats.sensorium.pictures import NO_PICTURE, ShownPictures
from twophoton_decode.progress import Progress
from twophoton_decode.words import counted


def write_responses(
    layout: Layout, shown: ShownPictures, path: Path, progress: Progress
) -> tuple[np.ndarray, list[str]]:
    """Write the responses to `path`, float32 (trial, cell), NaN where a trial has none.

    A tier with zero in every cell of every trial is withheld, as the competition does with those
    it judges by. A single trial of zeros is one in which no cell responded.

    Returns
    -------
    usable : ndarray of bool, shape (trial,)
    list of str
        Trials without responses, by tier.

    Raises
    ------
    ResponseError
        Trials of different shapes, infinite responses, or no responses at all.
    """
    trials = shown.image.size
    cells = _cells(layout, trials)
    silent, missing = np.zeros(trials, dtype=bool), np.zeros(trials, dtype=bool)
    written = np.lib.format.open_memmap(path, "w+", np.float32, (trials, cells))
    for trial in range(trials):
        progress(trial, trials, "trials read")
        file = layout.file(RESPONSES, trial)
        missing[trial] = not file.exists()
        written[trial] = np.nan if missing[trial] else _row(file, cells)
        silent[trial] = not written[trial].any()
    withheld = _withheld(silent, missing, layout)
    usable = (shown.image != NO_PICTURE) & ~missing & ~withheld
    written[~usable] = np.nan
    written.flush()
    progress(trials, trials, "trials read")
    if not usable.any():
        raise ResponseError(f"{layout.path}: no trial has both a picture and responses.")
    notes = [*_missing_note(np.flatnonzero(missing).tolist()), *_withheld_note(withheld, layout)]
    return usable, notes


def _withheld(silent: np.ndarray, missing: np.ndarray, layout: Layout) -> np.ndarray:
    """Trials of tiers whose trials are all `silent`; those with no file at all do not count."""
    tier = layout.of_trials("tiers")
    tier = np.zeros(silent.size) if tier is None else tier
    withheld = np.zeros(silent.size, dtype=bool)
    for each in np.unique(tier):
        here = (tier == each) & ~missing
        withheld[here] = silent[here].all()
    return withheld


def _cells(layout: Layout, trials: int) -> int:
    """Number of cells, by the first trial; ``meta/neurons`` must agree."""
    files = (layout.file(RESPONSES, trial) for trial in range(trials))
    first = next((file for file in files if file.exists()), None)
    if first is None:
        raise ResponseError(f"{layout.path / 'data' / RESPONSES} holds no responses of any trial.")
    shape = read_npy(first).shape
    if len(shape) != 1 or shape[0] == 0:
        raise ResponseError(
            f"{first}: expected one response for each cell, found the shape {shape}."
        )
    for name in ("unit_ids", "cell_motor_coordinates", "area"):
        values = layout.of_cells(name)
        if values is not None and len(values) != shape[0]:
            raise ResponseError(
                f"{layout.path / 'meta/neurons' / name}.npy has {counted(len(values), 'cell')}, "
                f"but {first.name} has responses of {shape[0]}."
            )
    return int(shape[0])


def _row(file: Path, cells: int) -> np.ndarray:
    values = read_npy(file)
    if values.shape != (cells,):
        raise ResponseError(
            f"{file}: expected responses of {counted(cells, 'cell')} like the other trials, found "
            f"the shape {values.shape}."
        )
    if np.isinf(values).any():
        raise ResponseError(
            f"{file}: the response of cell {int(np.argmax(np.isinf(values)))} is infinite. Write "
            "NaN where there is no value."
        )
    return values


def _missing_note(missing: list[int]) -> list[str]:
    if not missing:
        return []
    some = ", ".join(f"{trial}.npy" for trial in missing[:5]) + (", …" if missing[5:] else "")
    return [f"{counted(len(missing), 'trial')} without a file of responses: left out ({some})."]


def _withheld_note(withheld: np.ndarray, layout: Layout) -> list[str]:
    if not withheld.any():
        return []
    tier = layout.of_trials("tiers")
    of = "" if tier is None else f" of {' and '.join(np.unique(tier[withheld]).tolist())}"
    return [
        f"the responses to {counted(int(withheld.sum()), 'trial')}{of} are withheld (zero in every "
        "cell): left out."
    ]
