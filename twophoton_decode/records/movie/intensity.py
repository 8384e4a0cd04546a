"""How the grey levels of a movie relate to the levels of suite2p's 16-bit movie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class IntensityMapping:
    """grey level = level * scale + offset, where a level is an int16 of suite2p's movie."""

    offset: float
    scale: float

    def levels(self, grey: np.ndarray) -> np.ndarray:
        """The int16 levels of grey levels, rounded to the nearest; same shape."""
        if (self.offset, self.scale) == (0.0, 1.0):
            return grey.astype(np.int16, copy=False)
        if (self.offset, self.scale) == (2.0**15, 1.0) and grey.dtype == np.uint16:
            # Lowered by 32768, its highest bit turns over.
            return (grey ^ np.uint16(2**15)).view(np.int16)
        if self.scale == 1.0:
            # Whole numbers: exact, and no detour through floating point.
            return (grey.astype(np.int32) - np.int32(self.offset)).astype(np.int16)
        scaled = (grey.astype(np.float64) - self.offset) / self.scale
        return np.rint(scaled).astype(np.int16)

    def grey(self, levels: np.ndarray) -> np.ndarray:
        """The grey levels, float32, of levels or of averages of levels; same shape."""
        if self.scale == 1.0 and self.offset == 0.0:
            return np.asarray(levels, dtype=np.float32)
        return (levels * np.float64(self.scale) + self.offset).astype(np.float32)
