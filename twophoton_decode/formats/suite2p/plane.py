"""One plane of suite2p's result: ROIs, signals and frames, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.extraction.signals.rows import ScaledRows
from twophoton_decode.extraction.suite2p.output import read_labels, read_rois, with_drawn
from twophoton_decode.formats.suite2p.layout import CELLS, NEUROPIL, RED, ROIS, SPIKES, TRACES
from twophoton_decode.formats.suite2p.ops import correlation_image, image, of_frames, read_ops

_SIGNALS = {"fluorescence": TRACES, "neuropil": NEUROPIL, "deconvolved": SPIKES}
_MOST_PIXELS = 10**8
_ABSENT = {
    NEUROPIL: "nothing can be subtracted",
    SPIKES: 'signal = "deconvolved" under [traces] is not available',
}


@dataclass(frozen=True)
class Plane:
    """Fields of `Traces` for the ROIs and frames of one plane, and what suite2p noted."""

    fields: dict[str, Any]
    ops: dict[str, Any]
    frames: int
    notes: list[str] = field(default_factory=list)


class Rows(ScaledRows):
    """A signal as suite2p wrote it, (rois, frames), of which the end can be left out."""

    def first(self, frames: int) -> Rows:
        """The same, up to a frame."""
        return Rows(self.levels[:, :frames], self.offset, self.scale)


def read_plane(folder: Path) -> Plane:
    """A plane's ROIs, signals and frames; raises what `UNREADABLE` lists if they do not fit."""
    rois = read_rois(folder / ROIS)
    if not rois:
        raise ValueError(f"{ROIS} holds no ROI")
    notes: list[str] = []
    signals = _signals(folder, len(rois), notes)
    frames = signals["fluorescence"].shape[1]
    ops = read_ops(folder)
    found = _frames(ops, frames, rois, notes)
    fields = {
        **_labelled(folder, len(rois)),
        **_pixels(rois, found["mean_image"].shape),
        **signals,
        **found,
    }
    return Plane(fields, ops, frames, [f"{folder.name}: {note}" for note in notes])


def _signals(folder: Path, rois: int, notes: list[str]) -> dict[str, Rows]:
    signals: dict[str, Rows] = {}
    for name, file in _SIGNALS.items():
        if not (folder / file).is_file():
            notes.append(f"there is no {file}: {_ABSENT[file]}.")
            continue
        levels = np.load(folder / file, mmap_mode="r", allow_pickle=False)
        if levels.ndim != 2 or levels.dtype.kind not in "iuf":
            raise ValueError(f"{file} is {levels.dtype} {levels.shape}, not numbers (ROI, frame)")
        if len(levels) != rois:
            raise ValueError(f"{file} is of {len(levels)} ROIs, {ROIS} of {rois}")
        signals[name] = Rows(levels, np.zeros(rois), 1.0)
    frames = {_SIGNALS[name]: each.shape[1] for name, each in signals.items()}
    if len(set(frames.values())) > 1:
        said = ", ".join(f"{file} of {count}" for file, count in frames.items())
        raise ValueError(f"signals have different numbers of frames: {said}")
    return signals


def _labelled(folder: Path, rois: int) -> dict[str, Any]:
    """Which ROIs are cells, and which are labelled in the second channel."""
    cells = read_labels(folder / CELLS)
    if len(cells) != rois:
        raise ValueError(f"{CELLS} is of {len(cells)} ROIs, {ROIS} of {rois}")
    red = None
    if (folder / RED).is_file():
        red = with_drawn(read_labels(folder / RED), rois)
        if len(red) != rois:
            raise ValueError(f"{RED} is of {len(red)} ROIs, {ROIS} of {rois}")
    return {
        "is_cell": cells[:, 0] > 0,
        "cell_probability": cells[:, 1],
        "is_red": None if red is None else red[:, 0] > 0,
        "red_probability": None if red is None else red[:, 1],
    }


def _pixels(rois: list[dict[str, Any]], shape: tuple[int, ...]) -> dict[str, Any]:
    """Where ROIs lie, all within the field of view."""
    for place, roi in enumerate(rois):
        sizes = {np.size(roi[name]) for name in ("ypix", "xpix", "lam")}
        if len(sizes) != 1 or np.size(roi["med"]) != 2:
            raise ValueError(f"ROI {place} of {ROIS} has {sizes} values for its pixels")
    y, x, weight = (
        np.concatenate([np.asarray(roi[name]).ravel() for roi in rois])
        for name in ("ypix", "xpix", "lam")
    )
    outside = (y < 0) | (x < 0) | (y >= shape[0]) | (x >= shape[1])
    if outside.any():
        raise ValueError(
            f"{ROIS} has pixels outside the field of view of {shape[0]} x {shape[1]} px, such as "
            f"row {y[outside][0]}, column {x[outside][0]}"
        )
    centers = np.array([np.asarray(roi["med"], dtype=float).ravel() for roi in rois])
    return {
        "center_y": centers[:, 0],
        "center_x": centers[:, 1],
        "pixels": np.array([np.size(roi["ypix"]) for roi in rois]),
        "pixel_y": y,
        "pixel_x": x,
        "pixel_weight": weight,
    }


def _frames(
    ops: dict[str, Any], frames: int, rois: list[dict[str, Any]], notes: list[str]
) -> dict[str, Any]:
    """Motion, bad frames and images; NaN motion where suite2p corrected none."""
    mean = image(ops, "meanImg")
    if mean is None:
        notes.append("ops has no mean image (meanImg): it is drawn black.")
        mean = np.zeros(_field(ops, rois), dtype=np.float32)
    found: dict[str, Any] = {"mean_image": mean}
    shifts = [of_frames(ops, name, frames) for name in ("yoff", "xoff")]
    if any(each is None for each in shifts):
        notes.append("ops has no motion (yoff, xoff): how far the field moved is not known.")
        shifts = [np.full(frames, np.nan)] * 2
    found |= dict(zip(("motion_y", "motion_x"), shifts, strict=True))
    bad = of_frames(ops, "badframes", frames)
    found["bad_frame"] = np.zeros(frames, dtype=bool) if bad is None else bad > 0
    correlation = of_frames(ops, "corrXY", frames)
    blocks = [of_frames(ops, name, frames) for name in ("yoff1", "xoff1")]
    others = {
        "motion_correlation": correlation,
        "block_motion": _rms(blocks),
        "correlation_image": correlation_image(ops, mean.shape),
        "structural_image": image(ops, "meanImg_chan2"),
    }
    return found | {name: each for name, each in others.items() if each is not None}


def _rms(blocks: list[np.ndarray | None]) -> np.ndarray | None:
    """How far blocks moved, root mean square over blocks, (frame,); None without blocks."""
    y, x = blocks
    if y is None or x is None or y.ndim != 2 or y.shape != x.shape:
        return None
    squares = y.astype(float) ** 2 + x.astype(float) ** 2
    return np.asarray(np.sqrt(squares.mean(axis=1)))


def _field(ops: dict[str, Any], rois: list[dict[str, Any]]) -> tuple[int, int]:
    """Rows and columns by what suite2p noted, else as far as ROIs reach."""
    sides = (("Ly", "ypix"), ("Lx", "xpix"))
    rows, columns = (
        int(ops.get(name) or 1 + max(int(np.max(roi[pixels])) for roi in rois))
        for name, pixels in sides
    )
    if not 0 < rows * columns <= _MOST_PIXELS:
        raise ValueError(f"the field of view is said to have {rows} x {columns} px (Ly, Lx)")
    return rows, columns
