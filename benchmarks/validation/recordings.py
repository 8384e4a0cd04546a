"""Simulated recordings without a movie: responses of rectified Gabor-like cells to 1/f pictures.

The cells of a population stay the same from run to run; pictures, gains and noise are drawn
anew. So the truth is that of an analysis: the expected score of these cells for new pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np

from twophoton_decode.records import Responses
from twophoton_decode.records.fields.population import PopulationStatistics

SIDE = 10


@dataclass(frozen=True)
class Kind:
    """What a recording is like; noise and gain in SD of the drive.

    `carriers` of the cells see the picture shown, or all where it is None; the others are
    locked to another picture, or else nothing is evoked in them. Without a finite
    `threshold` cells are linear. `evoked` False: noise alone.
    """

    images: int = 40
    cells: int = 50
    repeats: int = 4
    noise: float = 0.6
    gain: float = 0.2
    threshold: float = 0.5
    carriers: int | None = None
    memory: float = 0.0
    evoked: bool = True
    locked: bool = True
    population: int = 99

    @property
    def null(self) -> Kind:
        """The same where no cell sees the picture shown."""
        return replace(self, carriers=0)


LEVELS = {
    "R = 0": Kind(carriers=0),
    "low R": Kind(noise=3.5),
    "middle R": Kind(noise=0.6),
    "high R": Kind(noise=0.3, cells=100, threshold=0.0),
}


@dataclass(frozen=True, eq=False)
class Recording:
    """Responses (presentations, cells) with the pictures, in the order of presentation."""

    kind: Kind
    response: np.ndarray
    image: np.ndarray
    picture: np.ndarray
    drive: np.ndarray

    def responses(self, responsive: np.ndarray | None = None) -> Responses:
        """The record that the program's analyses read, by hand where nothing is described.

        Without `responsive`, (cells, images), cells respond to an image in which their true
        drive is above their mean; the set without the scored trial is the same.
        """
        shown = self.drive > self.drive.mean(axis=0)
        pairs = shown.T if responsive is None else responsive
        return Responses(
            **PopulationStatistics.undefined(self.kind.cells, self.kind.images),
            response=self.response,
            image=self.image,
            repeat=repeats_of(self.image),
            onset_s=2.0 * np.arange(len(self.image)),
            picture=self.picture,
            image_name=[str(i) for i in range(self.kind.images)],
            roi=np.full(self.kind.cells, -1),
            responsive=pairs,
            responsive_others=pairs.T[self.image],
            excluded_line=[],
            excluded_reason=[],
            response_unit="a.u.",
            has_baseline=True,
            responsiveness_test="true drive",
            dropped_cells=0,
            dropped_rois=[],
            notes=[],
        )


def repeats_of(image: np.ndarray) -> np.ndarray:
    """Which repeat of its image each presentation is."""
    order = np.argsort(image, kind="stable")
    first = np.searchsorted(image[order], image[order])
    repeat = np.empty(len(image), np.int64)
    repeat[order] = np.arange(len(image)) - first
    return repeat


def recording(kind: Kind, rng: np.random.Generator) -> Recording:
    """One recording: every image once a round, rounds in random order."""
    picture = pictures(kind.images, rng)
    drive = drive_of(kind, picture, rng)
    rounds = [rng.permutation(kind.images) for _ in range(kind.repeats)]
    image = np.concatenate(rounds)
    response = trials(kind, drive[image], rng)
    return Recording(kind, response, image, picture.astype(np.float32), drive)


def drive_of(kind: Kind, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mean response of each cell to each picture, (images, cells)."""
    fields, scale, _ = fields_of(kind.population, kind.cells)
    seen = kind.cells if kind.carriers is None else kind.carriers
    own = picture.reshape(len(picture), -1) @ fields.T / scale
    other = pictures(len(picture), rng).reshape(len(picture), -1) @ fields.T / scale
    sees = np.arange(kind.cells) < seen
    drive = np.where(sees, own, other)
    if np.isfinite(kind.threshold):
        drive = np.maximum(drive - kind.threshold, 0)
    return drive * kind.evoked * (sees | kind.locked)


def trials(kind: Kind, drive: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Single-trial responses to drives (presentations, cells): shared gain, then noise."""
    shared = np.exp(kind.gain * rng.standard_normal((len(drive), 1)))
    return drive * shared + kind.noise * autoregressive(kind.memory, drive.shape, rng)


def autoregressive(memory: float, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Noise of variance 1 whose neighbours in time (rows) correlate by `memory`."""
    noise = rng.standard_normal(shape)
    for row in range(1, len(noise)):
        noise[row] = memory * noise[row - 1] + np.sqrt(1 - memory**2) * noise[row]
    return noise


def pictures(count: int, rng: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """Crops of 1/f noise (amplitude), (count, side, side), SD 1."""
    frequency, spread = _spectrum(side)
    white = np.fft.fft2(rng.standard_normal((count, 2 * side, 2 * side)))
    return np.fft.ifft2(white / frequency).real[:, :side, :side] / spread


@cache
def _spectrum(side: int) -> tuple[np.ndarray, float]:
    """Spatial frequencies of the noise that is cropped, and the SD of its pixels."""
    frequency = np.hypot(np.fft.fftfreq(2 * side)[:, None], np.fft.fftfreq(2 * side))
    frequency[0, 0] = frequency[0, 1]
    return frequency, float(np.sqrt((frequency**-2.0).mean()))


@cache
def _covariance() -> np.ndarray:
    """Of the pixels of a picture, (pixels, pixels)."""
    frequency, spread = _spectrum(SIDE)
    lags = np.fft.ifft2((frequency * spread) ** -2.0).real
    y, x = np.indices((SIDE, SIDE)).reshape(2, -1)
    return lags[y[:, None] - y, x[:, None] - x]


@lru_cache(maxsize=64)
def fields_of(population: int, cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fields of unit norm (cells, pixels), the SD of what they make of pictures, centres (y, x)."""
    rng = np.random.default_rng(population)
    y, x = np.mgrid[:SIDE, :SIDE]
    fields, centres = np.empty((cells, SIDE, SIDE)), rng.uniform(0, SIDE - 1, (cells, 2))
    for field, (centre_y, centre_x) in zip(fields, centres, strict=True):
        sd, angle, phase = rng.uniform(0.12, 0.25) * SIDE, *rng.uniform(0, [np.pi, 2 * np.pi])
        across = (x - centre_x) * np.cos(angle) + (y - centre_y) * np.sin(angle)
        wave = np.cos(2 * np.pi * across / (sd * rng.uniform(2.5, 4)) + phase)
        field[:] = np.exp(-((x - centre_x) ** 2 + (y - centre_y) ** 2) / (2 * sd**2)) * wave
        field /= np.linalg.norm(field)
    rows = fields.reshape(cells, -1)
    return rows, np.sqrt(((rows @ _covariance()) * rows).sum(axis=1)), centres
