"""numpy files with Python objects in them, of which none may be more than data.

``stat.npy`` is a pickle, written by suite2p or by its GUI, and so are suite2p's settings and a
classifier. They are read by an unpickler that knows arrays, dates and paths and nothing else
(docs/decisions/0010), so that nothing in them can run.
"""

from __future__ import annotations

import pickle
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from twophoton_decode.extraction.kept.damaged import DAMAGED

_ADMITTED = {
    (module, name)
    for module in ("numpy", "numpy._core.multiarray", "numpy.core.multiarray")
    for name in ("ndarray", "dtype", "_reconstruct", "scalar")
}
# So older pickles spell bytes, that of suite2p's own classifier among them.
_ADMITTED |= {("_codecs", "encode")}
# suite2p notes when it ran.
_ADMITTED |= {("datetime", name) for name in ("datetime", "timezone", "timedelta")}

# Old ops.npy holds paths. As pure ones they are text, and Windows' can be read anywhere.
_PATHS: dict[tuple[str, str], type] = {
    (module, f"{pure}{kind.__name__.removeprefix('Pure')}"): kind
    for module in ("pathlib", "pathlib._local")
    for pure in ("", "Pure")
    for kind in (PurePosixPath, PureWindowsPath)
}

# A damaged pickle raises whatever its bytes happen to ask for.
UNREADABLE = (
    *(*DAMAGED, pickle.UnpicklingError),
    *(IndexError, TypeError, AttributeError, ImportError, OverflowError, RecursionError),
)
"""What reading a damaged pickle, or one that is more than data, raises."""


class _DataOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PATHS:
            return _PATHS[module, name]
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"it refers to {module}.{name}")
        return super().find_class(module, name)


def read_objects(file: Path) -> np.ndarray:
    """An array of Python objects as numpy pickled it, of which none may be more than data.

    Raises
    ------
    ValueError, pickle.UnpicklingError
        The file holds numbers, or something that could run code.
    """
    with file.open("rb") as stream:
        major, _ = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0
        if major > 1:
            header = np.lib.format.read_array_header_2_0
        _, _, dtype = header(stream)
        if dtype != np.dtype(object):
            raise ValueError(f"{file.name} holds {dtype}, not Python objects")
        found: np.ndarray = _DataOnly(stream).load()
    return found


def holds_only_data(file: Path) -> bool:
    """Whether loading a numpy file cannot run code, whoever loads it."""
    try:
        # Mapped, not read: a header that claims more than the file holds is refused, too.
        np.load(file, mmap_mode="r", allow_pickle=False)
    except UNREADABLE:
        try:
            read_objects(file)
        except UNREADABLE:
            return False
    return True
