"""Some frames of the user's movie before and after, and what restoration took away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.deep.microscope.restoration.streaming import windows
from twophoton_decode.pipeline.restoration.controls import RESTORED, Way
from twophoton_decode.records import Recording

SHOWN = 3
_BLOCKS, _BLOCK_FRAMES = 6, 8
_LEAST_PHOTONS = 0.1


@dataclass(frozen=True, eq=False)
class MovieLook:
    """What is shown of the movie.

    Attributes
    ----------
    frame : ndarray of int, shape (shown,)
    shown : dict of ndarray, shape (shown, y, x)
        These frames by way, photons.
    residual : ndarray, shape (shown, y, x)
        Raw less restored, in SD of the noise that the restored frame should have had.
    mean_residual : ndarray, shape (y, x)
        Its mean over frames, in standard errors.
    mean_frame : ndarray, shape (y, x)
        Mean of the raw frames looked at, photons.
    residual_frames : int
    lowest, highest : float
        Restored grey levels among the frames looked at.
    saturated : float
        Share of their raw pixels at the upper end of the pixel type.
    """

    frame: np.ndarray
    shown: dict[str, np.ndarray]
    residual: np.ndarray
    mean_residual: np.ndarray
    mean_frame: np.ndarray
    residual_frames: int
    lowest: float
    highest: float
    saturated: float


def look_at(
    recording: Recording, light: Light, chosen: Mapping[str, Way], beside: int
) -> MovieLook:
    """Look at short stretches, evenly spaced; frames from the middle of three are shown."""
    size = min(_BLOCK_FRAMES, recording.frames)
    starts = np.unique(np.linspace(0, recording.frames - size, _BLOCKS).astype(int))
    told = starts[np.unique(np.linspace(0, len(starts) - 1, SHOWN).astype(int))].tolist()
    shown: dict[str, list[np.ndarray]] = {name: [] for name in chosen}
    frame, residual, total, raw, count = [], [], 0.0, 0.0, 0
    ends, top = [], 0.0
    for start in starts.tolist():
        grey = next(windows(recording, beside, start, size))
        photons = light.in_photons(grey)
        middle = slice(beside, beside + size)
        made = {name: way(photons)[middle] for name, way in chosen.items()}
        z = _standard(photons[middle], made[RESTORED], light)
        total, count = total + z.sum(axis=0, dtype=np.float64), count + size
        raw = raw + photons[middle].sum(axis=0, dtype=np.float64)
        restored = light.in_grey(made[RESTORED])
        ends += [float(restored.min()), float(restored.max())]
        top += float(_saturated(grey[middle], recording.dtype))
        if start in told:
            frame.append(start + size // 2)
            residual.append(z[size // 2])
            for name, each in made.items():
                shown[name].append(each[size // 2])
    return MovieLook(
        frame=np.array(frame),
        shown={name: np.stack(each) for name, each in shown.items()},
        residual=np.stack(residual).astype(np.float32),
        mean_residual=np.asarray(total / np.sqrt(count), np.float32),
        mean_frame=np.asarray(raw / count, np.float32),
        residual_frames=count,
        lowest=min(ends),
        highest=max(ends),
        saturated=top / len(starts),
    )


def _standard(raw: np.ndarray, restored: np.ndarray, light: Light) -> np.ndarray:
    """Raw less restored in SD of the noise: that of the photons, and of reading."""
    variance = np.maximum(restored, _LEAST_PHOTONS) + light.read_noise**2
    return np.asarray((raw - restored) / np.sqrt(variance))


def _saturated(grey: np.ndarray, dtype: str) -> float:
    kind = np.dtype(dtype)
    return float((grey >= np.iinfo(kind).max).mean()) if kind.kind in "iu" else 0.0
