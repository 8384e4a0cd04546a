"""Pairs to learn from: noisy windows and the clean frame in their middle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from twophoton_decode.errors import TrainingError

PEAK_PERCENT = 99.9


class Pairs(NamedTuple):
    """Windows (n, window, y, x) and what they are to become (n, y, x), in photons, float32.

    `judged` are the pixels (n, y, x) that count; None: all.
    """

    noisy: np.ndarray
    clean: np.ndarray
    judged: np.ndarray | None = None


class Source(Protocol):
    """Where pairs come from."""

    @property
    def window(self) -> int:
        """Frames of a window."""

    def draw(self, count: int, rng: np.random.Generator) -> Pairs:
        """Pairs at random."""

    def peak(self) -> float:
        """Photons that nearly all pixels stay below: 1 to the network."""

    def digest(self) -> str:
        """A hash of everything that pairs are made of."""


@dataclass(frozen=True, eq=False)
class CleanMovies:
    """Movies without noise, which is added anew for every pair.

    Attributes
    ----------
    seen : sequence of ndarray, shape (frames, y, x), float32
        Photons per pixel and frame as the microscope would see them, blurred as it blurs.
    wanted : sequence of ndarray, the same shapes
        What restoration is to give for them; the same arrays where nothing was blurred.
    read_noise : float
        SD, photons.
    window, side : int
        Frames of a window, and side of the square patches, px.
    """

    seen: Sequence[np.ndarray]
    wanted: Sequence[np.ndarray]
    read_noise: float
    window: int
    side: int = 48

    def __post_init__(self) -> None:
        for movie in self.seen:
            if len(movie) < self.window:
                raise TrainingError(
                    f"a movie to learn from has {len(movie)} frames; a window needs {self.window}."
                )

    def peak(self) -> float:
        """Photons that 99.9 % of the clean pixels stay below."""
        some = np.concatenate([each[::8].ravel() for each in self.wanted])
        return float(np.percentile(some, PEAK_PERCENT))

    def digest(self) -> str:
        """A hash of everything that pairs are made of."""
        about = f"{self.read_noise} {self.window} {self.side}"
        return digest_of(about, [*self.seen, *self.wanted])

    def draw(self, count: int, rng: np.random.Generator) -> Pairs:
        """Patches at random places, turned and mirrored at random, each with noise of its own."""
        drawn = [self._one(rng) for _ in range(count)]
        noisy, clean = (np.stack(each) for each in zip(*drawn, strict=True))
        return Pairs(noisy, clean)

    def _one(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        movie = int(rng.integers(len(self.seen)))
        frames, height, width = self.seen[movie].shape
        start = int(rng.integers(frames - self.window + 1))
        side = min(self.side, height, width)
        top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
        place = (..., slice(top, top + side), slice(left, left + side))
        clean = self.seen[movie][start : start + self.window][place]
        wanted = self.wanted[movie][start + self.window // 2][place]
        turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
        return tuple(_turned(each, turns, mirrored) for each in (self.noisy(clean, rng), wanted))  # type: ignore[return-value]

    def noisy(self, clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Photons as a detector counts them: Poisson, with read noise; float32, same shape."""
        return detected(clean, self.read_noise, rng)

    def part(self, chosen: Sequence[int]) -> CleanMovies:
        """Some of the movies."""
        seen, wanted = ([each[place] for place in chosen] for each in (self.seen, self.wanted))
        return replace(self, seen=seen, wanted=wanted)


def digest_of(about: str, arrays: Sequence[np.ndarray]) -> str:
    """A hash of words and arrays."""
    found = hashlib.blake2b(about.encode(), digest_size=16)
    for each in arrays:
        found.update(np.ascontiguousarray(each).tobytes())
    return found.hexdigest()


def detected(photons: np.ndarray, read_noise: float, rng: np.random.Generator) -> np.ndarray:
    """Photons as a detector counts them: Poisson, with read noise; float32, same shape."""
    counted = rng.poisson(photons).astype(np.float32)
    if read_noise:
        counted += np.float32(read_noise) * rng.standard_normal(counted.shape, np.float32)
    return counted


def _turned(frames: np.ndarray, turns: int, mirrored: bool) -> np.ndarray:
    found = np.rot90(frames, turns, axes=(-2, -1))
    return np.ascontiguousarray(found[..., ::-1] if mirrored else found)
