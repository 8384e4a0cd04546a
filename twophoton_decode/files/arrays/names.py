"""Which array of a file is meant: its name, told from those that are there."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from twophoton_decode.errors import UsageError

SUFFIXES = (
    ".npy", ".npz", ".mat", ".h5", ".hdf5", ".nwb", ".nc", ".cdf", ".zarr", ".csv", ".tsv", ".txt",
)  # fmt: skip
_MOST_LISTED = 8


def chosen(path: Path, key: str, names: Sequence[str], *, what: str = "array") -> str:
    """The one of `names` that `key` means, or the only one.

    Parts of a name may be separated by dots or slashes.

    Raises
    ------
    UsageError
        There is no such name, or several and no key; some names are listed.
    """
    if key in names:
        return key
    alike = [name for name in names if _parts(name) == _parts(key)]
    if len(alike) == 1:
        return alike[0]
    if key:
        raise UsageError(f"{path} holds no {what} called {key!r}; it holds {_listed(names, key)}.")
    if not names:
        raise UsageError(f"{path} holds no {what} of numbers.")
    if len(names) != 1:
        raise UsageError(
            f"{path} holds {len(names)} {what}s ({_listed(names)}); name one, such as "
            f"{path.name}=KEY."
        )
    return names[0]


def _parts(name: str) -> str:
    return name.replace(".", "/").strip("/")


def _listed(names: Sequence[str], near: str = "") -> str:
    """All names if they are few, else those nearest to `near`, and how many there are."""
    if len(names) <= _MOST_LISTED:
        return ", ".join(sorted(names)) or "nothing"
    nearest = difflib.get_close_matches(near, names, n=_MOST_LISTED, cutoff=0.4) if near else []
    if nearest:
        return f"{len(names)} of them, the nearest being {', '.join(nearest)}"
    return f"{', '.join(sorted(names)[:_MOST_LISTED])} and {len(names) - _MOST_LISTED} more"
