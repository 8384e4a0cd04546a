"""What lies under the microscope: ring-shaped somata in neuropil."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array, vstack

OUTLINE = 0.25
"""A pixel belongs to a soma where its profile exceeds this."""


@dataclass(frozen=True, eq=False)
class Somata:
    """Simulated cell bodies on a square canvas that is larger than the field of view.

    Attributes
    ----------
    profile : csr_array, shape (cells, side * side), float32
        Fluorescence profile, row-major pixels: 1 in the ring of cytoplasm, less in the
        nucleus, 0 outside.
    centre : ndarray, shape (cells, 2), px
        Row and column of each centre on the canvas.
    side : int
        Side of the canvas, px.
    """

    profile: csr_array
    centre: np.ndarray
    side: int

    def pixels(self, cell: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns, on the canvas, of the pixels of a soma, nucleus included."""
        row = self.profile[[cell]]
        return np.divmod(row.indices[row.data > OUTLINE], self.side)


def draw_somata(
    cells: int, side: int, margin: int, diameter_px: float, generator: np.random.Generator
) -> Somata:
    """Place ring-shaped somata of irregular outline, some of them overlapping.

    Centres lie at least half a diameter inside the field of view and, as far as there is
    room, nine tenths of a diameter apart.

    Parameters
    ----------
    cells : int
    side, margin : int
        Side of the square field of view and the width of canvas around it, px.
    diameter_px : float
        Mean diameter; those of single cells vary by a twelfth.
    generator : numpy.random.Generator

    Returns
    -------
    Somata
    """
    centre = margin + _scatter(cells, side, diameter_px, generator)
    canvas = side + 2 * margin
    rows = [_soma(place, canvas, diameter_px, generator) for place in centre]
    return Somata(vstack(rows, format="csr"), centre, canvas)


def neuropil_texture(
    count: int, side: int, coarseness_px: float, generator: np.random.Generator
) -> np.ndarray:
    """Random maps of mean one: smooth, with a fine grain of processes that all share.

    Returns
    -------
    ndarray, shape (count, side, side), float32
    """
    smooth = _smooth_noise((count, side, side), coarseness_px, generator)
    grain = _smooth_noise((1, side, side), 1.2, generator)
    texture = np.exp(0.3 * smooth + 0.25 * grain)
    return (texture / texture.mean((1, 2), keepdims=True)).astype(np.float32)


def _smooth_noise(
    shape: tuple[int, int, int], coarseness_px: float, generator: np.random.Generator
) -> np.ndarray:
    """Gaussian noise of unit variance, smoothed within each map."""
    noise = generator.normal(size=shape)
    smooth = gaussian_filter(noise, (0, coarseness_px, coarseness_px), mode="reflect")
    return smooth / smooth.std((1, 2), keepdims=True)


def _scatter(
    cells: int, side: int, diameter_px: float, generator: np.random.Generator
) -> np.ndarray:
    """Centres, each the first of many candidates that keeps its distance from the others."""
    low, high = 0.55 * diameter_px, side - 0.55 * diameter_px
    centres = np.empty((0, 2))
    for _ in range(cells):
        candidates = generator.uniform(low, high, (400, 2))
        gap = np.linalg.norm(candidates[:, None] - centres[None], axis=2).min(1, initial=np.inf)
        far = np.flatnonzero(gap > 0.9 * diameter_px)
        best = far[0] if far.size else np.argmax(gap)
        centres = np.vstack([centres, candidates[best]])
    return centres


def _soma(
    centre: np.ndarray, canvas: int, diameter_px: float, generator: np.random.Generator
) -> csr_array:
    """The profile of one soma as a sparse row of the canvas."""
    y, x = (np.arange(canvas)[abs(np.arange(canvas) - c) < diameter_px] for c in centre)
    dy, dx = y[:, None] - centre[0], x[None, :] - centre[1]
    edge = diameter_px / 2 * generator.normal(1.0, 1 / 12) * np.ones(dx.shape)
    for lobes, depth in ((2, 0.10), (3, 0.06)):
        lobe = np.cos(lobes * np.arctan2(dy, dx) + generator.uniform(0, 2 * np.pi))
        edge = edge * (1 + depth * lobe)
    depth_inside = edge - np.hypot(dy, dx)
    nucleus = _step(depth_inside - 0.5 * edge, 0.6)
    profile = _step(depth_inside, 0.35) * (1 - 0.5 * nucleus)
    profile[profile < 0.01] = 0
    flat = (y[:, None] * canvas + x[None, :]).ravel()
    entries = (profile.ravel().astype(np.float32), (np.zeros(flat.size, int), flat))
    row = csr_array(entries, shape=(1, canvas * canvas))
    row.eliminate_zeros()
    return row


def _step(depth: np.ndarray, softness: float) -> np.ndarray:
    """From 0 outside to 1 inside, over a few `softness` px."""
    return 1 / (1 + np.exp(-np.clip(depth / softness, -30, 30)))
