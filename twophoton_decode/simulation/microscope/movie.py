"""What the detector sees: tissue that moves and bleaches, in photons and read noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from twophoton_decode.simulation.microscope.bending import bending_modes, displaced


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
    bend : ndarray, shape (frames, modes, 2), px, or None
        How far each of `bending_modes` displaces the tissue down and to the right, on top
        of `motion`; None where the tissue moves as a whole.
    """

    soma: csr_array
    soma_course: np.ndarray
    neuropil: np.ndarray
    neuropil_course: np.ndarray
    motion: np.ndarray
    margin: int
    bend: np.ndarray | None = None

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.motion)

    def displacement(self, start: int, stop: int, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """True motion in frames `start` to `stop` of what is seen at places of the field.

        Parameters
        ----------
        y, x : ndarray, one shape, px
            Places in the field of view; fractions of pixels are allowed.

        Returns
        -------
        ndarray, shape (frames, 2, *places), px
            What frame t shows at (y, x) lies at (y, x) minus this where nothing moves.
        """
        places = np.broadcast_to(y, np.shape(x))
        motion = self.motion[start:stop].reshape(-1, 2, *[1] * places.ndim)
        field = np.broadcast_to(motion, (len(motion), 2, *places.shape))
        if self.bend is None:
            return np.array(field)
        side = self.neuropil.shape[1] - 2 * self.margin
        return field + np.tensordot(
            self.bend[start:stop].swapaxes(1, 2), bending_modes(y, x, side), axes=1
        )


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
    if scene.bend is not None:
        y, x = np.indices((side - 2 * scene.margin,) * 2)
        fields = (scene.displacement(at, at + 1, y, x)[0] for at in range(start, stop))
        pairs = zip(frames, fields, strict=True)
        return np.stack([displaced(frame, field, scene.margin) for frame, field in pairs])
    moved = zip(frames, scene.motion[start:stop], strict=True)
    return np.stack([_moved(frame, shift, scene.margin) for frame, shift in moved])


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
