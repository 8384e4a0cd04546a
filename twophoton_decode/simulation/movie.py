"""What the detector sees: tissue that moves and bleaches, in photons and read noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Detector:
    """How photons become grey levels.

    Parameters
    ----------
    grey_per_photon : float
        Grey levels that one photon adds.
    offset : float
        Grey level of darkness.
    read_noise : float
        Standard deviation of the electronics' noise, grey levels.
    """

    grey_per_photon: float = 20.0
    offset: float = 100.0
    read_noise: float = 10.0


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything that shines, as maps on a square canvas times their courses.

    Attributes
    ----------
    soma : csr_array, shape (cells, side * side), photons per frame
    soma_course : ndarray, shape (cells, frames), float32
        By how much each cell's map is multiplied in each frame.
    neuropil : ndarray, shape (components, side, side), float32, photons per frame
    neuropil_course : ndarray, shape (components, frames), float32
    motion : ndarray, shape (frames, 2), px
        By how much the tissue moves down and to the right.
    margin : int
        Width of canvas around the field of view, px; motion stays below it.
    """

    soma: csr_array
    soma_course: np.ndarray
    neuropil: np.ndarray
    neuropil_course: np.ndarray
    motion: np.ndarray
    margin: int

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.motion)


def expected_photons(scene: Scene, start: int, stop: int) -> np.ndarray:
    """Photons per pixel expected in frames `start` to `stop`.

    Returns
    -------
    ndarray, shape (frames, height, width), float32
    """
    components, side, _ = scene.neuropil.shape
    still = scene.neuropil_course[:, start:stop].T @ scene.neuropil.reshape(components, -1)
    still += (scene.soma.T @ scene.soma_course[:, start:stop]).T
    frames = still.reshape(-1, side, side)
    pairs = zip(frames, scene.motion[start:stop], strict=True)
    return np.stack([_moved(frame, shift, scene.margin) for frame, shift in pairs])


def frames_in_chunks(
    scene: Scene, detector: Detector, generator: np.random.Generator, chunk: int
) -> Iterator[np.ndarray]:
    """The movie, `chunk` frames at a time: uint16, shape (frames, height, width).

    Photon counts are Poisson around the expected ones.
    """
    for start in range(0, scene.frames, chunk):
        photons = expected_photons(scene, start, min(start + chunk, scene.frames))
        yield grey_levels(generator.poisson(photons), detector, generator)


def grey_levels(
    photons: np.ndarray, detector: Detector, generator: np.random.Generator
) -> np.ndarray:
    """What the file holds for counted photons: gain, offset, read noise; cut at 16 bits."""
    noise = generator.standard_normal(photons.shape, dtype=np.float32) * detector.read_noise
    grey = detector.offset + detector.grey_per_photon * photons + noise
    return np.clip(np.rint(grey), 0, 65535).astype(np.uint16)


def wandering(frames: int, largest_px: float, generator: np.random.Generator) -> np.ndarray:
    """Rigid motion: slow drift, and jerks that relax; never beyond `largest_px`.

    Returns
    -------
    ndarray, shape (frames, 2), px down and to the right
    """
    jerk = generator.normal(0, 0.5, (frames, 2)) * (generator.random((frames, 1)) < 0.02)
    step = largest_px * (generator.normal(0, 0.03, (frames, 2)) + jerk)
    position = np.zeros((frames, 2))
    for frame in range(1, frames):
        position[frame] = 0.97 * position[frame - 1] + step[frame]
    return np.clip(position, -largest_px, largest_px)


def _moved(frame: np.ndarray, shift: np.ndarray, margin: int) -> np.ndarray:
    """The field of view after the tissue moved by `shift`, bilinear between pixels."""
    whole = np.floor(shift).astype(int)
    part_y, part_x = (shift - whole).astype(np.float32)
    height, width = (length - 2 * margin for length in frame.shape)
    top, left = margin - whole

    def window(dy: int, dx: int) -> np.ndarray:
        return frame[top - dy : top - dy + height, left - dx : left - dx + width]

    upper = (1 - part_x) * window(0, 0) + part_x * window(0, 1)
    lower = (1 - part_x) * window(1, 0) + part_x * window(1, 1)
    return (1 - part_y) * upper + part_y * lower
