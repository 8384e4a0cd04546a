"""What each substep of an extraction leaves in its plane's folder."""

from __future__ import annotations

from typing import Literal

Substep = Literal["registered", "detected", "classified"]
SUBSTEPS: tuple[Substep, ...] = ("registered", "detected", "classified")

MOVIE = "data.bin"
"""The registered movie, raw int16, frame after frame; suite2p's name for it."""
MOTION = "motion.npz"
"""What was found while motion was corrected."""
FRAME_MEAN = "frame_mean.npy"
"""Mean level of each frame as it was recorded."""
ROIS = "stat.npy"
CORRELATION_IMAGE = "correlation_image.npy"
SPATIAL_SCALE = "spatial_scale_px.npy"
"""How large the cells were that suite2p looked for, px; earlier versions did not write it."""

FILES: dict[Substep, tuple[str, ...]] = {
    "registered": (MOVIE, MOTION, FRAME_MEAN),
    "detected": (
        *(ROIS, "F.npy", "Fneu.npy", "spks.npy", CORRELATION_IMAGE),
        *("ops.npy", "db.npy", "settings.npy", "reg_outputs.npy", "detect_outputs.npy"),
    ),
    "classified": ("iscell.npy",),
}
"""What is always there."""
WHERE_THERE: dict[Substep, tuple[str, ...]] = {
    "registered": (),
    "detected": ("redcell.npy", "zcorr.npy", SPATIAL_SCALE),
    "classified": (),
}
"""What only some recordings have."""


def files_of(substep: Substep) -> tuple[str, ...]:
    """All that a substep may leave."""
    return (*FILES[substep], *WHERE_THERE[substep])
