"""ImageJ's calibration of grey values, in the description of a TIFF: cf, c0, c1, …"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twophoton_decode.recording.levels.calibration import Calibration

_STRAIGHT_LINE, _NONE = 0, 20
_CURVES: dict[float | None, str] = {
    1: "polynomial of degree 2",
    2: "polynomial of degree 3",
    3: "polynomial of degree 4",
    4: "exponential",
    5: "power",
    6: "logarithm",
    7: "Rodbard",
    8: "gamma variate",
    9: "logarithm",
    10: "Rodbard",
    11: "exponential with offset",
    12: "Gaussian",
    13: "exponential recovery",
    21: "uncalibrated optical density",
    22: "custom",
}
"""ImageJ's numbers of calibration functions, by its source code."""


def imagej_calibration(metadata: Mapping[str, Any], dtype: str) -> tuple[Calibration, str]:
    """The straight line between stored and grey levels, and a warning where one is not used.

    ImageJ counts signed 16-bit pixels from -32768, and calibrates no floating-point ones.
    """
    function = _number(metadata, "cf", _STRAIGHT_LINE)
    if function == _NONE or (function == _STRAIGHT_LINE and "c0" not in metadata):
        return Calibration(), ""
    if function != _STRAIGHT_LINE:
        name = _CURVES.get(function, "unknown to us")
        return Calibration(), (
            f"ImageJ's calibration of grey values (cf = {metadata['cf']}: {name}) is not linear "
            "and is not applied: grey levels are those stored"
        )
    offset, scale = (_number(metadata, name, None) for name in ("c0", "c1"))
    if dtype.startswith("float"):
        return Calibration(), (
            "ImageJ's calibration of grey values is not applied, as ImageJ applies none to "
            "floating-point pixels"
        )
    if offset is None or scale is None:
        return Calibration(), _unusable(metadata)
    found = Calibration(offset + 2**15 * scale if dtype == "int16" else offset, scale, "ImageJ")
    return (found, "") if found.can_be_used else (Calibration(), _unusable(metadata))


def _number(metadata: Mapping[str, Any], name: str, default: float | None) -> float | None:
    try:
        return float(str(metadata[name])) if name in metadata else default
    except ValueError:
        return None


def _unusable(metadata: Mapping[str, Any]) -> str:
    given = ", ".join(f"{name} = {metadata.get(name, '?')}" for name in ("c0", "c1"))
    return (
        f"ImageJ's calibration of grey values ({given}) cannot be used and is not applied: grey "
        "levels are those stored"
    )
