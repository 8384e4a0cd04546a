"""MATLAB's values as ScanImage writes them into headers, read without running anything."""

from __future__ import annotations

import re

Value = float | bool | str | tuple[float, ...]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Inf|NaN)")
_LONGEST_LIST = 10_000


def matlab_value(text: str) -> Value | None:
    """A number, truth value, text or flat list of numbers; None for anything else."""
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text.startswith("[") and text.endswith("]"):
        return _numbers(text[1:-1])
    return float(text) if _NUMBER.fullmatch(text) else None


def assignments(text: str, prefix: str) -> dict[str, str]:
    """Every line ``prefix…name = value`` of a header, by name; `prefix` is a pattern.

    Lines end as on any system: ScanImage 3.8 writes carriage returns.
    """
    found = re.findall(rf"^{prefix}([\w.]+) *= *([^\r\n]*)", text.replace("\r", "\n"), re.M)
    return dict(found)


def _numbers(text: str) -> tuple[float, ...] | None:
    parts = re.split(r"[\s,;]+", text.strip()) if text.strip() else []
    if len(parts) > _LONGEST_LIST or not all(_NUMBER.fullmatch(part) for part in parts):
        return None
    return tuple(float(part) for part in parts)
