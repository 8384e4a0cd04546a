"""suite2p's folder read as traces, without unpickling anything that could run code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import ExtractionError, RecordError
from twophoton_decode.extraction.kept.files import CORRELATION_IMAGE, FRAME_MEAN, MOTION
from twophoton_decode.extraction.kept.pickles import UNREADABLE, read_objects
from twophoton_decode.extraction.signals.rows import ScaledRows, joined_rows
from twophoton_decode.extraction.suite2p.stored_times import read_frame_times
from twophoton_decode.records import IntensityMapping, Traces

ORIGIN = "tpdecode.json"
"""What suite2p's own files do not say: planes, intensity mapping, frame rate, notes, first ROIs."""
_ORIGIN_KEYS = {"planes", "intensity", "frame_rate_hz", "notes", "rois"}

_UNREADABLE = (*UNREADABLE, RecordError)


def plane_folder(number: int) -> str:
    """What suite2p calls the folder of a plane, counted from 0."""
    return f"plane{number}"


def plane_number(name: str) -> int:
    """The plane of a folder as users count: from 1."""
    return int(name.removeprefix("plane")) + 1


def seal_origin(origin: dict[str, Any]) -> dict[str, Any]:
    """`origin` with a checksum, as it is written beside suite2p's planes."""
    return {**origin, "check": _check(origin)}


def read_origin(folder: Path) -> dict[str, Any]:
    """What was written beside suite2p's planes when extraction ended.

    Raises
    ------
    ExtractionError
        It is gone or damaged.
    """
    try:
        origin: dict[str, Any] = json.loads((folder / ORIGIN).read_text())
        # Earlier versions wrote none.
        check = origin.pop("check", _check(origin))
        if check != _check(origin) or not origin.keys() >= _ORIGIN_KEYS:
            raise ValueError("it is not what was written")
    except UNREADABLE as error:
        raise ExtractionError(
            f"{folder / ORIGIN} cannot be read ({error}). Restore it, or remove it and extract "
            "again: the ROIs beside it are backed up first."
        ) from error
    return origin


def _check(origin: dict[str, Any]) -> str:
    text = json.dumps(origin, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def plane_folders(folder: Path) -> list[Path]:
    """The folders of the planes in suite2p's `folder`, in their order."""
    found = (each for each in folder.glob("plane*") if each.name[5:].isdigit() and each.is_dir())
    return sorted(found, key=lambda each: int(each.name[5:]))


def read_folder(folder: Path, *, curated: bool = False) -> Traces:
    """The traces in suite2p's `folder`, as suite2p or the user's edits in its GUI left them.

    The three signals stay on disk and are read where they are indexed; fluorescence and
    neuropil come in the grey levels of the TIFFs. ROIs come plane by plane.

    Raises
    ------
    ExtractionError
        A file is missing or damaged, or the files do not belong together.
    """
    try:
        origin = read_origin(folder)
        mapping = IntensityMapping(**origin["intensity"])
        planes = [_plane(folder / each["name"], mapping) for each in origin["planes"]]
        return Traces(
            **rois_of_all(planes),
            **frames_of_all(planes),
            **read_frame_times(folder),
            plane_number=np.array([plane_number(each["name"]) for each in origin["planes"]]),
            plane_delay_s=np.array([each["delay_s"] for each in origin["planes"]]),
            frame_rate_hz=origin["frame_rate_hz"],
            intensity_offset=mapping.offset,
            intensity_scale=mapping.scale,
            curated=curated,
            notes=tuple(origin["notes"]),
        )
    except _UNREADABLE as error:
        raise ExtractionError(
            f"suite2p's output in {folder} cannot be read ({error}). Expected F, Fneu, spks, "
            "iscell and stat.npy of each plane that belong together; restore the folder, or "
            "extract again."
        ) from error


_OF_ROIS = (
    *("is_cell", "cell_probability", "center_y", "center_x", "is_red", "red_probability"),
    *("pixel_y", "pixel_x", "pixel_weight"),
)
_OF_FRAMES = (
    *("motion_y", "motion_x", "motion_correlation", "block_motion", "frame_mean"),
    *("mean_image", "correlation_image", "structural_image"),
)
_SIGNALS = ("fluorescence", "neuropil", "deconvolved")


def _plane(folder: Path, mapping: IntensityMapping) -> dict[str, Any]:
    """Fields of `Traces` for the ROIs and the frames of one plane."""
    rois = read_rois(folder / "stat.npy")
    cells = read_labels(folder / "iscell.npy")
    red = folder / "redcell.npy"
    labelled = with_drawn(read_labels(red), len(rois)) if red.exists() else None
    return {
        "is_cell": cells[:, 0] > 0,
        "cell_probability": cells[:, 1],
        "is_red": None if labelled is None else labelled[:, 0] > 0,
        "red_probability": None if labelled is None else labelled[:, 1],
        "center_y": np.array([roi["med"][0] for roi in rois]),
        "center_x": np.array([roi["med"][1] for roi in rois]),
        "pixels": np.array([len(roi["ypix"]) for roi in rois]),
        "pixel_y": np.concatenate([roi["ypix"] for roi in rois]),
        "pixel_x": np.concatenate([roi["xpix"] for roi in rois]),
        "pixel_weight": np.concatenate([roi["lam"] for roi in rois]),
        **_signals(folder, mapping, rois),
        **_frames(folder, mapping),
    }


def read_labels(file: Path) -> np.ndarray:
    """Whether each ROI is one of a kind, 0 or 1, and how probably, (ROIs, 2)."""
    labels = np.load(file, allow_pickle=False)
    if labels.ndim != 2 or labels.shape[1] != 2 or not np.isin(labels[:, 0], (0, 1)).all():
        raise ValueError(f"{file.name} does not say of each ROI 0 or 1, and a probability")
    if ((labels[:, 1] < 0) | (labels[:, 1] > 1)).any():
        raise ValueError(f"{file.name} holds probabilities below 0 or above 1")
    return labels


def with_drawn(labelled: np.ndarray, rois: int) -> np.ndarray:
    """The GUI puts a drawn ROI first, and leaves out to say that it has no label."""
    return np.concatenate([np.zeros((max(0, rois - len(labelled)), 2)), labelled])


def _signals(
    folder: Path, mapping: IntensityMapping, rois: list[dict[str, Any]]
) -> dict[str, ScaledRows]:
    levels = [
        np.load(folder / name, mmap_mode="r", allow_pickle=False)
        for name in ("F.npy", "Fneu.npy", "spks.npy")
    ]
    # suite2p gives an ROI whose pixels are all shared the trace 0, not a mean of pixels.
    own = np.array([not np.all(roi.get("overlap", False)) for roi in rois])
    everywhere = np.full(len(rois), mapping.offset)
    offsets = (np.where(own, everywhere, 0.0), everywhere, np.zeros(len(rois)))
    rows = (ScaledRows(*each, mapping.scale) for each in zip(levels, offsets, strict=True))
    return dict(zip(_SIGNALS, rows, strict=True))


def _frames(folder: Path, mapping: IntensityMapping) -> dict[str, Any]:
    """What motion correction found, and what each frame was like."""
    # numpy would leave a damaged file open.
    with (folder / MOTION).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        motion = dict(file)
    found = {
        "motion_y": motion["dy"],
        "motion_x": motion["dx"],
        "motion_correlation": motion["correlation"],
        "bad_frame": motion["bad_frame"],
        "frame_mean": mapping.grey(np.load(folder / FRAME_MEAN, allow_pickle=False)),
        "mean_image": mapping.grey(motion["mean_image"]),
        "correlation_image": np.load(folder / CORRELATION_IMAGE, allow_pickle=False),
    }
    if "block_dy" in motion:
        squares = motion["block_dy"] ** 2 + motion["block_dx"] ** 2
        found["block_motion"] = np.sqrt(squares.mean(axis=1))
    if "structural_image" in motion:
        found["structural_image"] = mapping.grey(motion["structural_image"])
    return found


def rois_of_all(planes: list[dict[str, Any]]) -> dict[str, Any]:
    """Fields of `Traces` for the ROIs of all planes, one plane after the other."""
    joined = {name: _joined([each[name] for each in planes]) for name in _OF_ROIS}
    there = [name for name in _SIGNALS if all(name in each for each in planes)]
    joined |= {name: joined_rows([each[name] for each in planes]) for name in there}
    counts = [len(each["pixels"]) for each in planes]
    edges = np.cumsum([0, *np.concatenate([each["pixels"] for each in planes])])
    return joined | {"plane": np.repeat(np.arange(len(planes)), counts), "pixel_offset": edges}


def frames_of_all(planes: list[dict[str, Any]]) -> dict[str, Any]:
    """Fields of `Traces` for the frames of all planes, as far as every plane has them."""
    there = [name for name in _OF_FRAMES if all(name in each for each in planes)]
    stacked = {name: np.stack([each[name] for each in planes]) for name in there}
    return stacked | {"bad_frame": np.any([each["bad_frame"] for each in planes], axis=0)}


def _joined(parts: list[np.ndarray | None]) -> np.ndarray | None:
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if len(known) == len(parts) else None


def holds_rois(file: Path) -> bool:
    """Whether ``stat.npy`` holds ROIs, and nothing that could run code."""
    try:
        rois = read_rois(file)
        return all(
            len(roi["ypix"]) == len(roi["xpix"]) == len(roi["lam"]) and len(roi["med"]) == 2
            for roi in rois
        )
    except _UNREADABLE:
        return False


def read_rois(file: Path) -> list[dict[str, Any]]:
    """The ROIs of ``stat.npy``: an array of dictionaries, pickled by numpy."""
    return list(read_objects(file))
