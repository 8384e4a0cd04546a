"""What every section of ``session.toml`` is, and what its numbers and texts may be."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

from twophoton_decode.errors import SettingsError

LONGEST_TEXT = 4096
"""Characters; as long as a path may be."""

MOST_ITEMS = 100_000

_SHORTEST_WINDOW_S = 0.001


class ReadOnly(BaseModel):
    """What ``session.toml`` holds; an unknown key is an error, and nothing is assigned."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __setattr__(self, name: str, value: Any) -> None:
        """`SettingsError`, which says how a setting is changed: the file would not follow."""
        raise SettingsError(
            f"settings are read-only, so {name!r} cannot be assigned. Change session.toml, "
            'in Python by session.set, such as session.set("decoding.features", "pixels").'
        )


class Section(ReadOnly):
    """One table of ``session.toml``. Numbers are finite."""

    model_config = ConfigDict(allow_inf_nan=False, str_max_length=LONGEST_TEXT)


def _path(text: str) -> str:
    odd = next((each for each in text if unicodedata.category(each) == "Cc"), "")
    if odd:
        raise ValueError(
            f"{text!r} holds the control character {odd!r}. In double quotes a backslash begins "
            "an escape: write a Windows path in single quotes, or with forward slashes. If the "
            "file is really called so, rename it"
        )
    return text


def _from_list(window: Any) -> Any:
    """TOML knows lists only."""
    return tuple(window) if isinstance(window, list) else window


def _in_order(window: tuple[float, float]) -> tuple[float, float]:
    start, stop = window
    if not stop - start >= _SHORTEST_WINDOW_S:
        raise ValueError(
            f"a window must begin at least {_SHORTEST_WINDOW_S:g} s before it ends, "
            f"found [{start:g}, {stop:g}]"
        )
    return window


def _rising(edges: list[float]) -> list[float]:
    if len(edges) == 1:
        raise ValueError("bins need two edges or more, found one")
    for first, second in pairwise(edges):
        if not second - first >= _SHORTEST_WINDOW_S:
            raise ValueError(
                f"each edge must lie at least {_SHORTEST_WINDOW_S:g} s after the one before it, "
                f"found {first:g} and {second:g}"
            )
    return edges


def _rate(value: float) -> float:
    if 0 < value < LOWEST_RATE_HZ:
        raise ValueError(f"expected 0 or {LOWEST_RATE_HZ:g} Hz and more, found {value:g}")
    return value


LOWEST_RATE_HZ = 0.001

PathText = Annotated[str, AfterValidator(_path)]
"""A path; control characters in it were escapes, as in ``"C:\\new"``."""

Seconds = Annotated[float, Field(ge=-3600, le=3600)]
Window = Annotated[tuple[Seconds, Seconds], BeforeValidator(_from_list), AfterValidator(_in_order)]
"""Start and end in seconds from the onset."""

TimeBins = Annotated[list[Seconds], AfterValidator(_rising)]
"""Edges of bins in seconds from the onset; none: no bins."""

Fraction = Annotated[float, Field(ge=1e-6, le=1 - 1e-6)]
"""A share that is neither nothing nor all."""

Rate = Annotated[float, Field(ge=0, le=100_000), AfterValidator(_rate)]
"""Hz; 0 where it is not known."""

ClockSeconds = Annotated[float, Field(ge=-1e12, le=1e12)]
"""A reading of a clock, or a difference of two; wide enough for every epoch in use."""

MayBeInfinite = Annotated[float, AllowInfNan(True)]
"""inf, -inf and nan are allowed, since they are what is looked for."""

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Times = Annotated[int, Field(ge=0, le=1_000_000)]
"""How often something random is done; 0: not at all."""

CountFromOne = Annotated[int, Field(ge=1, le=1_000_000)]
