"""The headline numbers and figures of responses, wherever they come from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.stage import Number, Numbers
from twophoton_decode.records import Responses
from twophoton_decode.statistics.defined import mean, median

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

SECTION = "Which cells respond"
NUMBERS = (
    Number("cells", "cells", ".0f"),
    Number("images", "images", ".0f"),
    Number("presentations", "presentations", ".0f"),
    Number("responsive_cells", "cells that respond to some image", ".0f"),
    Number("percent_responsive_per_image", "cells that an image drives, %, mean", ".1f"),
    Number("population_sparseness", "population sparseness, mean over images"),
    Number("reliability", "reliability, median over cells"),
)


def brief(numbers: Numbers) -> str:
    """What was shown, and how much responds to it."""
    percent = numbers["percent_responsive_per_image"]
    share = "an unknown share" if percent is None else f"{percent:.1f} %"
    why = numbers.get("detectable") if not percent else ""
    return (
        f"{numbers['images']} images, {numbers['presentations']} presentations; "
        f"an image drives {share} of the cells on average{f' ({why})' if why else ''}"
    )


def drawings_of(responses: Responses, pixel_um: float = 0.0) -> list[Drawing]:
    """The figures that need nothing but the responses; imported ones have no time."""
    from twophoton_decode.figures.responses.clock_shift import clock_shift
    from twophoton_decode.figures.responses.correlations import correlations
    from twophoton_decode.figures.responses.reliability import reliability
    from twophoton_decode.figures.responses.responsiveness import responsiveness
    from twophoton_decode.figures.responses.session_effects import session_effects

    timed = [session_effects] if np.isfinite(responses.onset_s).all() else []
    moved = [clock_shift] if responses.clock_line_s is not None else []
    shown = [responsiveness(responses), reliability(responses), correlations(responses, pixel_um)]
    return [*shown, *(draw(responses) for draw in (*timed, *moved))]


def summary_of(responses: Responses) -> dict[str, Any]:
    """Counts, and means over images or cells, as ``summary.json`` has them.

    Responsive cells are NaN, not none, where no image was repeated: they are undefined.
    """
    from twophoton_decode.responses.responsive.sentences import detectable_in_brief
    from twophoton_decode.responses.windows.alignment import BAD_MOTION

    repeated = responses.repeats_per_image.max() > 1
    responding = int(responses.responsive.any(axis=1).sum())
    visual = int(responses.visually_responsive.sum())
    once = responses.sparseness_of_averages[responses.repeats_averaged == 1]
    return {
        "cells": responses.cells,
        "images": responses.images,
        "presentations": responses.presentations,
        "excluded_presentations": len(responses.excluded_line),
        "excluded_for_bad_motion": _counted(responses.excluded_reason, BAD_MOTION),
        "responsive_cells": responding if repeated else math.nan,
        "visually_responsive_cells": visual if repeated else math.nan,
        "responsive_pairs": int(responses.responsive.sum()) if repeated else math.nan,
        "detectable_response_sd": responses.detectable_response_sd,
        "detectable": detectable_in_brief(responses),
        "percent_responsive_per_image": 100 * responses.mean_of("responding_share")
        if repeated
        else math.nan,
        "overlap": mean(responses.overlap),
        "overlap_ratio": responses.overlap_ratio,
        "population_sparseness": mean(responses.population_sparseness),
        "population_sparseness_single": mean(once),
        "lifetime_sparseness": mean(responses.lifetime_sparseness),
        "reliability": median(responses.reliability),
        "oracle": median(responses.oracle),
        "noise_correlation": mean(responses.noise_correlation),
        "noise_correlation_ci95": list(responses.noise_correlation_ci95),
        "signal_correlation": mean(responses.signal_correlation),
        "carry_over": responses.carry_over_all,
        "carry_over_p": responses.carry_over_p,
        "drift": responses.drift_all,
        "drift_p": responses.drift_p,
        "clock_shift_s_per_min": responses.clock_shift_s_per_min,
        "clock_shift_ci95": list(responses.clock_shift_ci95),
    }


def _counted(reasons: np.ndarray, beginning: str) -> int:
    return sum(reason.startswith(beginning) for reason in reasons.tolist())
