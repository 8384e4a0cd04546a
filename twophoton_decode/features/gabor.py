"""1248 Gabor filters over a 32×32 picture, and the way back to pixels."""

from __future__ import annotations

import functools

import numpy as np
from skimage.transform import resize

SIDE_PX = 32
POSITIONS = (11, 5, 3, 1)
"""Filters of a level lie on a grid of so many rows and columns."""
ORIENTATIONS = 4
PHASES = 2
WAVELENGTH = 1.5
"""Wavelength of a filter in units of the distance between neighbouring positions."""
ENVELOPE = 0.4
"""Standard deviation of the Gaussian envelope in wavelengths."""
STABILISATION = 1e-2
"""Ridge of the way back, relative to the largest eigenvalue of BᵀB [ours].

The largest power of ten at which crops of photographs keep a mean R > 0.95 without any
neurons. With less, features that do not fit together, as separately fitted ones never do,
grow into checkerboards of the finest scale.
"""


class FeatureSpace:
    """Responses of 1248 Gabor filters: 156 positions × 4 orientations × 2 phases.

    The number of filters is the paper's [paper]; their layout is not stated there and is
    [ours]: four self-similar levels on grids of 11², 5², 3² and 1² positions over a 32×32
    picture, each filter without DC and of unit norm. The way back is the ridge-stabilised
    pseudo-inverse of the bank. As no filter sees the mean luminance, it is not decoded.

    Parameters
    ----------
    picture_shape : (int, int)
        Height and width of the pictures, which are area-averaged or interpolated to 32×32.
    """

    name = "gabor"

    def __init__(self, picture_shape: tuple[int, int]) -> None:
        self.picture_shape = picture_shape
        self.shape = (SIDE_PX, SIDE_PX)
        self.bank = gabor_bank()
        self.count = len(self.bank)

    @property
    def decoding_matrix(self) -> np.ndarray:
        """B (BᵀB + εI)⁻¹ of the bank B, shape (features, pixels)."""
        return stabilised_inverse()

    def prepare(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures (n, y, x) brought to 32×32, smoothed before they are made smaller."""
        pictures = np.asarray(pictures, dtype=float)
        if pictures.shape[1:] == self.shape:
            return pictures
        # Smoothing follows the shrinkage of each axis, so it never reaches across pictures.
        return resize(  # type: ignore[no-untyped-call]
            pictures, (len(pictures), *self.shape), preserve_range=True, anti_aliasing=True
        )

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Filter responses to 32×32 pictures, shape (n, 1248)."""
        return np.asarray(pictures, dtype=float).reshape(len(pictures), -1) @ self.bank.T

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from filter responses, shape (n, 32, 32)."""
        return (np.asarray(features, dtype=float) @ self.decoding_matrix).reshape(-1, *self.shape)


@functools.cache
def gabor_bank() -> np.ndarray:
    """All filters, coarse levels last, shape (1248, 1024): DC-free rows of unit norm."""
    levels = [_level(positions) for positions in POSITIONS]
    bank = np.concatenate(levels)
    bank.flags.writeable = False
    return bank


@functools.cache
def stabilised_inverse() -> np.ndarray:
    """Features to pixels, B (BᵀB + εI)⁻¹, ε relative to the largest eigenvalue of BᵀB."""
    bank = gabor_bank()
    gram = bank.T @ bank
    gram[np.diag_indices_from(gram)] += STABILISATION * np.linalg.eigvalsh(gram)[-1]
    inverse = np.linalg.solve(gram, bank.T).T.copy()
    inverse.flags.writeable = False
    return inverse


def _level(positions: int) -> np.ndarray:
    """Filters of one level, ordered by row, column, orientation, phase."""
    spacing = SIDE_PX / positions
    centres = (np.arange(positions) + 0.5) * spacing - 0.5
    angles = np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS
    phases = np.arange(PHASES) * np.pi / 2
    return np.stack(
        [
            _gabor(y, x, angle, phase, WAVELENGTH * spacing)
            for y in centres
            for x in centres
            for angle in angles
            for phase in phases
        ]
    )


def _gabor(y: float, x: float, angle: float, phase: float, wavelength: float) -> np.ndarray:
    """One filter, flattened: a grating in a Gaussian, without DC, of unit norm."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    dy, dx = rows - y, columns - x
    envelope = np.exp(-(dy**2 + dx**2) / (2 * (ENVELOPE * wavelength) ** 2))
    grating = np.cos(2 * np.pi * (dx * np.cos(angle) + dy * np.sin(angle)) / wavelength + phase)
    # The DC is taken out with the envelope's shape, so that the filter stays local.
    values = envelope * (grating - (envelope * grating).sum() / envelope.sum())
    return (values / np.linalg.norm(values)).ravel()
