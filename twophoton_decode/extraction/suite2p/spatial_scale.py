"""How large the cells were that suite2p looked for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from twophoton_decode.extraction.kept.files import SPATIAL_SCALE


def spatial_scale_note(planes: Iterable[Path], chosen: int) -> str:
    """The scale that suite2p estimated for each plane's folder; empty where the user chose it.

    It decides what is found: at a scale far below the size of a cell, somata fall into pieces
    and pieces of neuropil become ROIs.
    """
    files = [plane / SPATIAL_SCALE for plane in planes]
    if chosen or not all(file.exists() for file in files):
        return ""
    scales = [f"{float(np.load(file, allow_pickle=False)):g}" for file in files]
    which = " or ".join(dict.fromkeys(scales))
    return (
        f"suite2p estimated that cells are about {which} px wide and looked for ROIs of that size; "
        "if they are not, set spatial_scale in [extraction]: 1 to 4 are 6, 12, 24, 48 px"
    )
