"""What is said of decoded clips, from the numbers of ``summary.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from twophoton_decode.figures.canvas.numbers import counted, interval, number, signed

Numbers = Mapping[str, Any]
_FEW: Final = 10
"""Clips, below which intervals over clips are hardly worth their name."""
LABELS: Final = {
    "video_r": "r of the whole clip",
    "frame_r": "r of single frames",
    "motion_r": "r of motion alone",
    "energy_r": "r of motion energy",
    "identification": "identification",
}


def movie_sentence(numbers: Numbers) -> str:
    """How well clips are decoded, what time adds, and what nulls leave."""
    ends = numbers.get("video_r_ci95") or (None, None)
    nulls = numbers["nulls"]
    clips, shown = numbers["clips"], ends[0] is not None and ends[0] > 0
    doubt = "" if shown else ", not shown to be above 0"
    few = f" {clips} clips are too few for more than a first look." if clips < _FEW else ""
    return (
        f"{counted(clips, 'clip')} are decoded by fits to other clips at r "
        f"{number(numbers['video_r'])} over all pixels and frames (95 % interval "
        f"{interval(ends)}{doubt}), {number(numbers['motion_r'])} in their motion alone; clips "
        f"shifted in time by 2 s or more give {number(nulls['shifted in time']['video_r'])} and "
        f"{number(nulls['shifted in time']['motion_r'])}, other clips "
        f"{number(nulls['other clips']['video_r'])}.{few} {gain_sentence(numbers)}"
    )


def gain_sentence(numbers: Numbers) -> str:
    """What the last decoder has more than the best that goes frame by frame."""
    told = ", ".join(
        f"{signed(numbers['gain'][name])} ({interval(numbers['gain_ci95'][name])}) {words}"
        for name, words in (("video_r", "over whole clips"), ("motion_r", "in motion"))
    )
    used, folds = folds_over_time(numbers)
    if not used and numbers["last"] == "temporal":
        return (
            f"In none of {folds} folds do held-out training clips show that decoding over time "
            "helps: the best decoder of single frames, smoothed over time, stands in its place."
        )
    where = f", in {used} of {folds} folds," if used < folds else ""
    low = numbers["gain_ci95"]["video_r"][0]
    shown = low is not None and low > 0
    verdict = "more" if shown else "no more that is shown"
    return (
        f"Decoding over time ({numbers['last']}){where} gives {verdict} than the best decoder of "
        f"single frames, smoothed over time ({numbers['best_framewise']}): {told}."
    )


def folds_over_time(numbers: Numbers) -> tuple[int, int]:
    """In how many folds filters over time are used, and how many folds there are."""
    by = numbers["temporal_by"]
    return by.get("temporal", 0), sum(by.values())
