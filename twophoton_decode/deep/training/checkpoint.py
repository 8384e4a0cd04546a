"""What a network has learned so far, kept as plain arrays so that an interrupted fit goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.files.atomic import replacing

FORMAT = 1
Arrays = dict[str, np.ndarray]


@dataclass(eq=False)
class Learned:
    """The state of a fit after `step` steps.

    Attributes
    ----------
    step : int
        Steps that are done.
    now, first, second : dict of ndarray
        Weights, and Adam's running means of gradients and of their squares, by name.
    best : dict of ndarray
        The weights with the smallest loss on held-out training examples.
    held_out : list of float
        That loss at every check, the first before any step.
    best_check : int
        The check at which it was smallest.
    finished : bool
    """

    step: int = 0
    now: Arrays = field(default_factory=dict)
    first: Arrays = field(default_factory=dict)
    second: Arrays = field(default_factory=dict)
    best: Arrays = field(default_factory=dict)
    held_out: list[float] = field(default_factory=list)
    best_check: int = 0
    finished: bool = False


_WEIGHTS = ("now", "first", "second", "best")


def keep(file: Path, learned: Learned, settings: str) -> None:
    """Write what was learned under these settings, in one step.

    Raises
    ------
    OSError
        The disk is full, or does not allow it.
    """
    arrays: dict[str, Any] = {
        f"{kind}/{name}": value
        for kind in _WEIGHTS
        for name, value in getattr(learned, kind).items()
    }
    arrays |= {
        "format": np.array(FORMAT),
        "settings": np.array(settings),
        "step": np.array(learned.step),
        "held_out": np.array(learned.held_out, float),
        "best_check": np.array(learned.best_check),
        "finished": np.array(learned.finished),
    }
    with replacing(file) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def read(file: Path, settings: str, shapes: Mapping[str, tuple[int, ...]]) -> Learned | None:
    """What is kept in `file`; None where it is damaged, of other settings, or of other weights."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            arrays = {name: held[name] for name in held.files}
        if int(arrays["format"]) != FORMAT or str(arrays["settings"]) != settings:
            return None
        learned = Learned(
            step=int(arrays["step"]),
            held_out=arrays["held_out"].tolist(),
            best_check=int(arrays["best_check"]),
            finished=bool(arrays["finished"]),
            **{kind: _of_kind(arrays, kind) for kind in _WEIGHTS},
        )
    except Exception:
        # Damage shows in many ways, and the fit can begin anew.
        return None
    return learned if _fits(learned, shapes) else None


def _of_kind(arrays: Mapping[str, np.ndarray], kind: str) -> Arrays:
    start = f"{kind}/"
    return {
        name.removeprefix(start): value for name, value in arrays.items() if name.startswith(start)
    }


def _fits(learned: Learned, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    found = [getattr(learned, kind) for kind in _WEIGHTS]
    return (
        all({name: value.shape for name, value in each.items()} == dict(shapes) for each in found)
        and all(np.isfinite(value).all() for each in found for value in each.values())
        and 0 <= learned.best_check < len(learned.held_out)
    )
