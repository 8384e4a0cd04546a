"""Every decoder against ridge, with intervals that hold all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from twophoton_decode.analyses.sessions.decoders import score_difference
from twophoton_decode.records import Reconstruction

RIDGE = "ridge"
MARGIN = 0.01
"""How much less than ridge still counts as no worse."""
LEVEL = 0.05

Verdict = Literal["better", "no worse", "worse", "lower", "open"]


class AgainstRidge(NamedTuple):
    """Mean over images of a decoder's score minus that of ridge.

    `interval` holds at 95 % for all decoders at once. `verdict`: ``better`` than ridge;
    ``no worse`` by more than `MARGIN`; ``worse`` by more than it; ``lower`` by more than it
    on these images, but not shown for others; or ``open``.
    """

    mean: float
    interval: tuple[float, float]
    verdict: Verdict


def decoders_against_ridge(
    made: Mapping[str, Reconstruction], score: str
) -> dict[str, AgainstRidge]:
    """Every decoder but ridge, paired over images; nothing where there is no ridge [ours].

    Intervals have confidence 1 − 0.05 / m for m decoders (Bonferroni), so that all of them
    hold together in 95 % of sessions at least, however the decoders depend on each other.
    Therefore the one of the decoder that came out best holds too, although it was picked on
    these images. Which decoder is the reference was not picked.

    Parameters
    ----------
    made : mapping of decoder to Reconstruction
        Of the same images.
    score : str
        ``r_average``, ``r_single`` or another score per image.
    """
    others = [name for name in made if name != RIDGE]
    if RIDGE not in made or not others:
        return {}
    confidence = 1 - LEVEL / len(others)
    found = {}
    for name in others:
        lead = score_difference(made[name], made[RIDGE], score)
        interval = lead.interval_at(confidence)
        found[name] = AgainstRidge(lead.mean, interval, _verdict(lead.mean, *interval))
    return found


def _verdict(mean: float, low: float, high: float) -> Verdict:
    if low > 0:
        return "better"
    if low > -MARGIN:
        return "no worse"
    if high < -MARGIN:
        return "worse"
    return "lower" if mean < -MARGIN else "open"
