"""Settings of earlier versions that changed nothing: read over, and said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_FORMER: Final = {
    ("extraction", "diameter_px"): "suite2p's detection never used it; spatial_scale in "
    "[extraction] sets the size of the cells that it looks for",
}


def without_former(values: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of a ``session.toml`` without such settings."""
    left = dict(values)
    for section, key in _found(values):
        left[section] = {name: kept for name, kept in left[section].items() if name != key}
    return left


def said_of_former(values: Mapping[str, Any]) -> list[str]:
    """One sentence for each such setting that a ``session.toml`` still holds."""
    return [
        f"{key} in [{section}] changes nothing and can be deleted: {_FORMER[section, key]}."
        for section, key in _found(values)
    ]


def _found(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    sections = ((name, values.get(name)) for name, _ in _FORMER)
    tables = {name: table for name, table in sections if isinstance(table, Mapping)}
    return [(name, key) for name, key in _FORMER if key in tables.get(name, {})]
