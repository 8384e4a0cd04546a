"""What a picture is to a network, stated once: range, order of channels, size, and resizing.

Pictures are float32 (picture, 3, y, x) of sRGB as stored, from 0 (black) to 1 (white), in
the order red, green, blue. Each network takes its own mean and spread off after that.
"""

from __future__ import annotations

from typing import Final

VALUES: Final = "sRGB as stored, 0 (black) to 1 (white), red green blue"
RESIZING: Final = "central square; area mean when shrinking, bilinear when enlarging"
UNIT_SEED: Final = 0
"""Of the choice of units in layers that have too many. Never changed: features of different
sessions must have the same units."""
