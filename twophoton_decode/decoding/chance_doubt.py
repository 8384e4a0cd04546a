"""Cells that repeat well and yet tell nothing: were pictures and responses brought together?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.words import true_minus

SIGNIFICANT = 0.05
FEWEST_CELLS, SMALLEST_SHARE, RELIABLE = 5, 0.1, 0.5
MANY_IMAGES = 40
"""With fewer, a decoder at chance is no wonder."""


def reliable_cells(responses: Responses) -> int:
    """How many cells respond to the images reliably; 0 if too few for a decoder to expect much.

    They are visually responsive; at least five, and a tenth of all, with a median split-half
    reliability of at least 0.5 [ours].
    """
    visual = responses.visually_responsive
    reliability = responses.reliability[visual & np.isfinite(responses.reliability)]
    enough = visual.sum() >= max(FEWEST_CELLS, SMALLEST_SHARE * responses.cells)
    return int(visual.sum()) if enough and np.median(reliability) >= RELIABLE else 0


def doubt_about_alignment(
    responses: Responses, found: Reconstruction, others: Mapping[str, float]
) -> list[str]:
    """What to look at when reliable cells decode at chance.

    Nothing where half of the decoders or more do better: with several of them, one beats
    chance by chance [ours].

    Parameters
    ----------
    responses : Responses
    found : Reconstruction
        Of one decoder.
    others : mapping of str to float
        p of each other decoder that was run on the same responses.
    """
    least = 1 / (1 + len(found.chance_r))
    cells = reliable_cells(responses)
    at_chance = [name for name, p in others.items() if p > SIGNIFICANT]
    better = len(others) - len(at_chance)
    if not cells or least > SIGNIFICANT or found.p_value <= SIGNIFICANT:
        return []
    if better > len(at_chance):
        return []
    score = true_minus(f"{np.mean(found.r_average):.3f}")
    also = f", nor is {' or '.join(at_chance)}" if at_chance else ""
    few = responses.images < MANY_IMAGES
    first = (
        f"With {responses.images} images a decoder may have too few to learn from. If others "
        "decode such data, the pictures may not be"
        if few
        else "Most often the pictures are not"
    )
    return [
        f"{cells} cells respond to the images reliably, yet {found.decoder} is not better than "
        f"chance (R = {score}, p = {found.p_value:.2g}){also}. {first} in the order of the "
        "responses: counted from 1 instead of 0, stored as 1, 10, 11, … and not as 1, 2, 3, …, or "
        "two axes of equal length were exchanged, or the pictures' own rows and columns."
        f"{_ends(responses.image_name.tolist())}"
    ]


def _ends(names: list[str]) -> str:
    """The first and last picture by name, unless the names are their positions."""
    last = len(names) - 1
    if names == [str(place) for place in range(len(names))]:
        return ""
    return f" Here image 0 is {names[0]} and image {last} is {names[-1]}."
