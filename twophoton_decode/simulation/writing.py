"""A simulated recording as files: TIFFs, stimulus log, pictures, and the truth."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from skimage.io import imsave

from twophoton_decode.errors import UsageError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.simulation.microscope.calcium import count_transients
from twophoton_decode.simulation.parameters import SimulationParameters
from twophoton_decode.simulation.recording import SimulatedRecording
from twophoton_decode.simulation.session import Session, simulate_session


def write(
    simulated: SimulatedRecording,
    folder: Path,
    progress: Progress = silent,
    *,
    compression: str | None = None,
) -> None:
    """Write ``raw/*.tif``, ``shown.csv``, ``pictures/*.png`` and ``truth.npz`` into `folder`.

    Parameters
    ----------
    simulated : SimulatedRecording
    folder : Path
        Made if it is not there.
    progress : callable
        Told of every frame.
    compression : str or None
        A compression that tifffile knows, such as "zlib"; None: uncompressed.

    Raises
    ------
    UsageError
        ``raw`` or ``pictures`` already holds files, which would mix with the new ones.
    """
    for part in (folder / "raw", folder / "pictures"):
        make_empty(part)
    names = [f"picture_{image:03d}.png" for image in range(simulated.parameters.images)]
    for name, picture in zip(names, simulated.session.picture, strict=True):
        imsave(folder / "pictures" / name, picture, check_contrast=False)
    _write_log(simulated, folder / "shown.csv", names)
    np.savez_compressed(folder / "truth.npz", allow_pickle=False, **truth(simulated))
    _write_movie(simulated, folder / "raw", progress, compression)


def make_empty(folder: Path) -> None:
    """Make a folder; `UsageError` where it holds files already."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise UsageError(
            f"{folder} already holds files, which would mix with those of the simulated "
            "recording. Choose another folder, or remove it first."
        )


def write_responses(parameters: SimulationParameters, folder: Path) -> None:
    """Write what `tpdecode import arrays` reads, and the truth, without any movie.

    ``responses.npy`` has the axes repeat, image, cell (spikes per presentation),
    ``images.npy`` the axes image, y, x.

    Raises
    ------
    UsageError
        `folder` already holds files.
    """
    make_empty(folder)
    session = simulate_session(parameters)
    np.save(folder / "responses.npy", session.response_of_each_repeat(), allow_pickle=False)
    np.save(folder / "images.npy", session.picture, allow_pickle=False)
    np.savez_compressed(
        folder / "truth.npz", allow_pickle=False, **session_truth(session, parameters)
    )


def truth(simulated: SimulatedRecording) -> dict[str, Any]:
    """What is true of the recording, as arrays by name: no pickles.

    Masks are ragged (`pixel_offset`, `pixel_y`, `pixel_x`); `motion_y` and `motion_x` are
    px by which the tissue moved as a whole, `bend` (frames, modes, y and x) px by which each
    of `bending_modes` displaced it (no modes: it did not bend).
    """
    offset, y, x = simulated.mask_pixels()
    bend, frames = simulated.scene.bend, simulated.parameters.frames
    return {
        "pixel_offset": offset,
        "pixel_y": y.astype(np.int32),
        "pixel_x": x.astype(np.int32),
        "brightness": simulated.brightness,
        "spike_cell": simulated.spike_cell,
        "spike_s": simulated.spike_s,
        "dff": simulated.dff,
        "transients": count_transients(simulated.dff),
        "motion_y": simulated.scene.motion[:, 0],
        "motion_x": simulated.scene.motion[:, 1],
        "bend": np.empty((frames, 0, 2)) if bend is None else bend,
        **session_truth(simulated.session, simulated.parameters),
    }


def session_truth(session: Session, parameters: SimulationParameters) -> dict[str, Any]:
    """What is true of the presentations and the population, whether or not there is a movie.

    `response` and `rate` are spikes per presentation; `parameters` is JSON text.
    """
    return {
        "image": session.image,
        "repeat": session.repeat,
        "onset_s": session.onset_s,
        "running": session.running,
        "response": session.response,
        "rate": session.population.rate,
        "receptive_field": session.population.receptive_field,
        "carries": session.population.carries,
        "frame_rate_hz": parameters.frame_rate_hz,
        "parameters": json.dumps(_told(parameters)),
    }


def _told(parameters: Any) -> dict[str, Any]:
    """The parameters; one that is not set is left out, as in files of earlier versions."""
    return {
        name: value
        for name, value in asdict(parameters).items()
        if name != "picture_rows" or value is not None
    }


def _write_log(simulated: SimulatedRecording, file: Path, names: list[str]) -> None:
    """One row per presentation: image, onset, duration, trial, and whether the animal ran."""
    session = simulated.session
    rows = zip(session.image, session.onset_s, session.running, strict=True)
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["image", "onset_s", "duration_s", "trial", "running"])
        for trial, (image, onset_s, running) in enumerate(rows):
            shown_s = simulated.parameters.shown_s
            writer.writerow([names[image], f"{onset_s:.3f}", f"{shown_s:g}", trial, int(running)])


def _write_movie(
    simulated: SimulatedRecording, folder: Path, progress: Progress, compression: str | None
) -> None:
    """Spread the frames over plain multi-page TIFFs; one chunk is in memory at a time."""
    total, files = simulated.parameters.frames, simulated.parameters.files
    edges = [round(total * file / files) for file in range(files + 1)]
    frames = chain.from_iterable(simulated.frames())
    for file, (start, stop) in enumerate(pairwise(edges)):
        with tifffile.TiffWriter(folder / f"movie_{file:03d}.tif") as writer:
            for index, frame in enumerate(islice(frames, stop - start), start + 1):
                # Uncompressed frames of one file follow each other without a gap.
                writer.write(
                    frame,
                    contiguous=compression is None,
                    compression=compression,
                    metadata=None,
                )
                progress(index, total, "simulated frames")
