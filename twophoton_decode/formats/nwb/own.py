"""What an export of this program keeps in a module of its own, and how it is read again."""

from __future__ import annotations

import json
from typing import Any

from twophoton_decode.errors import ExtractionError
from twophoton_decode.formats.nwb.contents import OWN_MODULE, Contents

SETTINGS = "settings"
UNKNOWN = "unknown"
KEPT = {
    "traces": (),
    "images": (),
    "responses": ("cells_file", "populations_file", "exclude", "time_bins_s"),
    "decoding": ("folds_from",),
}
"""Sections that decide what comes out of the traces, and their keys that are not kept: files,
columns and presentations of this session."""
KEPT_OF_RECORDING = ("frame_rate_hz", "dark_level", "pixel_um", "picture_deg", "frame_times")


def settings_kept(contents: Contents) -> dict[str, Any]:
    """Settings by ``section.key`` from a file that this program exported; else none.

    Only those of `KEPT` are taken: none of them names a file.
    """
    place = f"{OWN_MODULE}/{SETTINGS}"
    names, values = (contents.texts(f"{place}/{column}") for column in ("key", "value"))
    if names is None or values is None or len(names) != len(values):
        return {}
    try:
        return {
            name: json.loads(value)
            for name, value in zip(names, values, strict=True)
            if is_kept(name)
        }
    except ValueError as error:
        raise ExtractionError(
            f"{contents.file.filename}: {place} holds a setting that is no JSON ({error})."
        ) from error


def is_kept(name: str) -> bool:
    """Whether an export keeps the setting ``section.key``."""
    section, _, key = name.partition(".")
    if section == "recording":
        return key in KEPT_OF_RECORDING
    return section in KEPT and key not in KEPT[section]
