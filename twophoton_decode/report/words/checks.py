"""What a reader should look at first: passed or to be looked into, each with its number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from twophoton_decode.figures.canvas.numbers import count, counted, number

Table = Mapping[str, Any]

# Limits of ours, beyond which a reader should look; they decide nothing else.
_MUCH_MOTION_PX: Final = 8.0
_LOW_SNR: Final = 3.0
_MUCH_BLEACHING: Final = 25.0
_LOW_RELIABILITY: Final = 0.3
_FEW_IMAGES: Final = 50
_FEW_PERMUTATIONS: Final = 100


@dataclass(frozen=True)
class Check:
    """One check: whether it passed, what was found, and the stage whose section shows it."""

    passed: bool
    text: str
    stage: str


def checks(summary: Table, notes: Sequence[str]) -> list[Check]:
    """The checks that the stages which have run allow; those to be looked into first.

    Parameters
    ----------
    summary : mapping
        As in ``summary.json``.
    notes : sequence of str
        Among them which results are stale.
    """
    found = [
        *_stale(notes),
        *_recording(summary.get("quality", {})),
        *_responses(summary.get("respond", {})),
        *_fields(summary.get("encode", {})),
        *_decoders(summary.get("reconstruct", {})),
    ]
    return sorted(found, key=lambda check: check.passed)


def _stale(notes: Sequence[str]) -> list[Check]:
    stale = [note.partition(":")[0] for note in notes if ": stale, and therefore" in note]
    return [Check(False, f"out of date, not shown: {', '.join(stale)}", "notes")] if stale else []


def _recording(quality: Table) -> list[Check]:
    found = []
    if _known(quality, "largest_motion_px", "bad_frames"):
        motion, bad = quality["largest_motion_px"], quality["bad_frames"]
        text = f"motion up to {number(motion, 1)} px, {counted(bad, 'bad frame')}"
        found.append(Check(motion < _MUCH_MOTION_PX and bad == 0, text, "quality"))
    if _known(quality, "snr"):
        text = f"signal-to-noise {number(quality['snr'], 1)} (median cell)"
        found.append(Check(quality["snr"] >= _LOW_SNR, text, "quality"))
    if _known(quality, "bleaching_percent"):
        lost = quality["bleaching_percent"]
        found.append(Check(lost < _MUCH_BLEACHING, f"{number(lost, 0)} % bleached", "quality"))
    return found


def _responses(respond: Table) -> list[Check]:
    found = []
    if _known(respond, "images"):
        images = respond["images"]
        few = images < _FEW_IMAGES
        text = f"{count(images)} pictures" + (": intervals are wide" if few else "")
        found.append(Check(not few, text, "reconstruct"))
    if _known(respond, "reliability"):
        text = f"reliability of tuning {number(respond['reliability'])} (median cell)"
        found.append(Check(respond["reliability"] >= _LOW_RELIABILITY, text, "respond"))
    if _known(respond, "carry_over", "carry_over_p"):
        carries = respond["carry_over_p"] < 0.05
        told = f"responses carry over from the picture before (r {number(respond['carry_over'])})"
        text = told if carries else "no carry-over from the picture before"
        found.append(Check(not carries, text, "respond"))
    if _known(respond, "drift_p"):
        drifts = respond["drift_p"] < 0.05
        told = f"responses drift over the session (r {number(respond.get('drift'))})"
        found.append(Check(not drifts, told if drifts else "no drift over the session", "respond"))
    return found


def _fields(encode: Table) -> list[Check]:
    if not _known(encode, "cells_with_field", "cells"):
        return []
    found, cells = encode["cells_with_field"], encode["cells"]
    text = f"{count(found)} of {count(cells)} cells have a receptive field"
    return [Check(found >= 0.1 * cells, text, "encode")]


def _decoders(decoders: Table) -> list[Check]:
    missing = [name for name, each in decoders.items() if each.get("unavailable")]
    found = [Check(False, f"no result of {name}", "notes") for name in missing]
    few = [
        f"{name} {count(each['permutations'])}"
        for name, each in decoders.items()
        if 0 < (each.get("permutations") or 0) < _FEW_PERMUTATIONS
    ]
    if few:
        text = f"few permutations, so p cannot be small: {', '.join(few)}"
        found.append(Check(False, text, "decoders"))
    return found


def _known(numbers: Table, *keys: str) -> bool:
    return all(
        isinstance(numbers.get(key), int | float) and math.isfinite(numbers[key]) for key in keys
    )
