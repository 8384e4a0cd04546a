"""The lines of ScanImage's header by name, in MATLAB's notation or JSON; nothing is run."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from twophoton_decode.errors import MovieError

Value = float | bool | str | tuple[float, ...]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|Inf|NaN)")
_LONGEST_LIST = 10_000
_MODERN = r"(?:scanimage\.)?SI\d*\."
_CLASSIC = r"state\."
# JSON has no numbers for these.
_BEYOND_JSON = {"_Inf_": "Inf", "-_Inf_": "-Inf", "_NaN_": "NaN"}


@dataclass(frozen=True)
class HeaderLines:
    """The lines of a header, read when asked for: unreadable is an error, absent is not."""

    lines: dict[str, str]
    file: str

    def get(self, *names: str) -> Value | None:
        """The value of the first name there is; None if there is none of them."""
        name = next((name for name in names if name in self.lines), None)
        if name is None:
            return None
        value = matlab_value(self.lines[name])
        if value is None:
            raise MovieError(
                f"{self.file}: ScanImage's header has {name} = {self.lines[name][:60]!r}, which "
                "cannot be understood. The file is damaged; copy it again from the microscope's "
                "computer."
            )
        return value

    def number(self, *names: str, default: float = 0.0) -> float:
        """The value as a number; `default` for a text, a list, or none."""
        value = self.get(*names)
        return default if isinstance(value, (str, tuple)) or value is None else float(value)

    def count(self, *names: str, default: int) -> int:
        """A number of images, at least 1."""
        value = self.number(*names, default=default)
        return int(value) if math.isfinite(value) and value >= 1 else default

    def flag(self, *names: str) -> bool | None:
        """The value as a truth value; None for a text, a list, or none."""
        value = self.get(*names)
        return None if value is None or isinstance(value, (str, tuple)) else bool(value)

    def missing(self, what: str, names: str) -> MovieError:
        """The error about a line that the order of images depends on."""
        return MovieError(
            f"{self.file}: ScanImage's header does not say {what} ({names} is missing), so images "
            "cannot be told apart. Save the recording as a plain TIFF with one plane and one "
            "channel."
        )


def modern_lines(text: str) -> dict[str, str]:
    """The lines of a header of version 4 and later; none where `text` is not one."""
    return assignments(text, _MODERN) or _json_lines(text)


def classic_lines(text: str) -> dict[str, str]:
    """The lines of a header of version 3; none where `text` is not one."""
    return assignments(text, _CLASSIC)


def _json_lines(text: str) -> dict[str, str]:
    """The lines of ``{"SI": {…}}``, which some versions write instead."""
    text = text.strip("\0 \r\n\t")
    if not text.startswith("{"):
        return {}
    try:
        tree = json.loads(text)["SI"]
        return dict(_leaves(tree, "")) if isinstance(tree, dict) else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def _leaves(tree: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield before + name, _in_matlab(value)


def _in_matlab(value: Any) -> str:
    """A value of JSON in MATLAB's notation; lists within lists become one."""
    if isinstance(value, list):
        return f"[{' '.join(_in_matlab(each).strip('[]') for each in value)}]"
    if isinstance(value, str):
        return _BEYOND_JSON.get(value, f"'{value}'")
    if value is None:
        return "[]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).replace("inf", "Inf").replace("nan", "NaN")


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
