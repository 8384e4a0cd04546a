"""What is changed inside suite2p 1.1, in its own process: time, memory and what a file may do,
never its results.

Each change finds what it replaces by name, and fails at once where a suite2p has no such thing.
"""

from __future__ import annotations

import mmap
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.extraction.kept.pickles import read_objects
from twophoton_decode.extraction.suite2p.mask_growth import extend_roi, multiscale_mask

_FOR_A_NETWORK = (
    *("torchvision", "torchvision.transforms"),
    *("cellpose.models", "cellpose.core", "cellpose.dynamics"),
)


class _Absent(types.ModuleType):
    """Stands for a module of which nothing is ever called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(name)


def leave_out_network() -> None:
    """Before suite2p is imported: do without what cellpose needs for its network.

    It never runs, and importing it takes seconds and memory.
    """
    sys.modules.update({name: _Absent(name) for name in _FOR_A_NETWORK})


def load_only_data() -> None:
    """Let no file run code: suite2p unpickles whatever lies where it looks for its own files."""
    load = np.load

    def load_data(file: Any, mmap_mode: Any = None, allow_pickle: bool = False, **rest: Any) -> Any:
        try:
            return load(file, mmap_mode, allow_pickle=False, **rest)
        except ValueError:
            if not allow_pickle:
                raise
            return read_objects(Path(file))

    _replace(np, "load", load_data)


def grow_masks_faster() -> None:
    """Half of detection's time, for the same ROIs to the bit."""
    from suite2p.detection import sparsedetect
    from suite2p.extraction import masks

    _replace(sparsedetect, "extendROI", extend_roi)
    _replace(masks, "extendROI", extend_roi)
    _replace(sparsedetect, "multiscale_mask", multiscale_mask)


def give_pages_back() -> None:
    """Let frames that were read leave memory.

    suite2p maps the registered movie, and every page that it has seen stays in its memory until
    the system is short of it: at last the whole movie.
    """
    from suite2p.io.binary import BinaryFile

    def read(file: Any, frames: Any) -> np.ndarray:
        chosen = file.file[frames]
        if np.may_share_memory(chosen, file.file):
            chosen = np.array(chosen)
        # Windows has no such call.
        if hasattr(mmap, "MADV_DONTNEED"):
            file.file._mmap.madvise(mmap.MADV_DONTNEED)
        return np.asarray(chosen)

    _replace(BinaryFile, "__getitem__", read)


def keep_reference_from_wrapping() -> None:
    """Halve the frames from which suite2p seeds its reference image.

    It subtracts each frame's mean and casts to int16, which wraps where a pixel lies more
    than 32767 above the mean. Only the seed is affected: the reference is then refined from
    the frames themselves, and phase correlation does not depend on contrast.
    """
    from suite2p.registration import register

    seed = register.pick_initial_reference
    _replace(register, "pick_initial_reference", lambda frames: seed(frames // 2))


def _replace(owner: Any, name: str, ours: Any) -> None:
    assert hasattr(owner, name), f"this suite2p has no {owner.__name__}.{name}"
    setattr(owner, name, ours)
