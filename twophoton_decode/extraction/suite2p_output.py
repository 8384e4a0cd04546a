"""suite2p's folder read as traces, without unpickling anything that could run code.

``stat.npy`` is a pickle, written by suite2p or by its GUI. It is read by an unpickler that
knows numpy's arrays and nothing else (docs/decisions/0010).
"""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import ExtractionError, RecordError
from twophoton_decode.records import IntensityMapping, Traces

PLANE = "plane0"
ORIGIN = "tpdecode.json"
"""What suite2p's own files do not say: intensity mapping, frame rate, notes, first ROIs."""

_ADMITTED = {
    (module, name)
    for module in ("numpy", "numpy._core.multiarray", "numpy.core.multiarray")
    for name in ("ndarray", "dtype", "_reconstruct", "scalar")
}

_UNREADABLE = (OSError, ValueError, KeyError, EOFError, pickle.UnpicklingError, RecordError)


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"it refers to {module}.{name}")
        return super().find_class(module, name)


@dataclass(frozen=True)
class ScaledArray:
    """A signal on disk in levels of the 16-bit movie, handed out in grey levels.

    Indexed by ROI first; only what is indexed is read.
    """

    levels: np.ndarray
    scale: float
    offset: np.ndarray
    dtype: np.dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        """(ROIs, frames)."""
        return self.levels.shape

    def __len__(self) -> int:
        return len(self.levels)

    def __getitem__(self, index: Any) -> np.ndarray:
        rows, *rest = index if isinstance(index, tuple) else (index,)
        offset = np.broadcast_to(self.offset[:, np.newaxis], self.shape)
        levels = self.levels[(rows, *rest)]
        return (levels * self.scale + offset[(rows, *rest)]).astype(np.float32)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)


def read_folder(folder: Path, *, curated: bool = False) -> Traces:
    """The traces in suite2p's `folder`, as suite2p or the user's edits in its GUI left them.

    The three signals stay on disk and are read where they are indexed; fluorescence and
    neuropil come in the grey levels of the TIFFs.

    Raises
    ------
    ExtractionError
        A file is missing or damaged, or the files do not belong together.
    """
    plane = folder / PLANE
    try:
        return _traces(plane, curated)
    except _UNREADABLE as error:
        raise ExtractionError(
            f"suite2p's output in {plane} cannot be read ({error}). Expected F, Fneu, spks, iscell "
            "and stat.npy that belong together; restore the folder, or extract again."
        ) from error


def _traces(plane: Path, curated: bool) -> Traces:
    origin = json.loads((plane / ORIGIN).read_text())
    mapping = IntensityMapping(**origin["intensity"])
    with np.load(plane / "registration.npz") as registration:
        motion = {name: registration[name] for name in registration.files}
    rois = _regions(plane / "stat.npy")
    fluorescence, neuropil, spikes = (
        np.load(plane / name, mmap_mode="r") for name in ("F.npy", "Fneu.npy", "spks.npy")
    )
    cells = np.load(plane / "iscell.npy")
    sizes = [len(roi["ypix"]) for roi in rois]
    # suite2p gives an ROI whose pixels are all shared the trace 0, not a mean of pixels.
    own = np.array([not np.all(roi.get("overlap", False)) for roi in rois])
    everywhere = np.full(len(rois), mapping.offset)
    return Traces(
        fluorescence=_in_grey(fluorescence, mapping, np.where(own, everywhere, 0.0)),
        neuropil=_in_grey(neuropil, mapping, everywhere),
        deconvolved=_in_grey(spikes, mapping, np.zeros(len(rois))),
        is_cell=cells[:, 0] > 0,
        cell_probability=cells[:, 1],
        plane=np.zeros(len(rois), dtype=np.int64),
        center_y=np.array([roi["med"][0] for roi in rois]),
        center_x=np.array([roi["med"][1] for roi in rois]),
        pixel_offset=np.cumsum([0, *sizes]),
        pixel_y=np.concatenate([roi["ypix"] for roi in rois]),
        pixel_x=np.concatenate([roi["xpix"] for roi in rois]),
        pixel_weight=np.concatenate([roi["lam"] for roi in rois]),
        mean_image=mapping.grey(motion["mean_image"])[np.newaxis],
        motion_y=motion["motion_y"][np.newaxis],
        motion_x=motion["motion_x"][np.newaxis],
        bad_frame=motion["bad_frame"],
        **_of_the_plane(motion),
        plane_delay_s=np.array([0.5 / origin["frame_rate_hz"]]),
        frame_rate_hz=origin["frame_rate_hz"],
        intensity_offset=mapping.offset,
        intensity_scale=mapping.scale,
        curated=curated,
        notes=tuple(origin["notes"]),
    )


def _of_the_plane(motion: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What is there of all that registration and detection may have left."""
    names = ("motion_correlation", "block_motion", "correlation_image")
    return {name: motion[name][np.newaxis] for name in names if name in motion}


def _in_grey(levels: np.ndarray, mapping: IntensityMapping, offset: np.ndarray) -> Any:
    if mapping.scale == 1.0 and not offset.any():
        return levels
    return ScaledArray(levels, mapping.scale, offset)


def _regions(file: Path) -> list[dict[str, Any]]:
    """The ROIs of ``stat.npy``: an array of dictionaries, pickled by numpy."""
    with file.open("rb") as stream:
        major, _ = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0
        if major > 1:
            header = np.lib.format.read_array_header_2_0
        _, _, dtype = header(stream)
        if dtype != np.dtype(object):
            raise ValueError(f"{file.name} holds {dtype}, not a list of ROIs")
        return list(_ArraysOnly(stream).load())
