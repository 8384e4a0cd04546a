"""The section of ``session.toml`` on cell counts."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twophoton_decode.settings.section import CountFromOne, Section, Times


class CellCountSettings(Section):
    """How many cells are enough?"""

    minimum_responsive: CountFromOne = Field(
        10, description="responsive cells that Resp. and Max. need per image (paper: 10, awake 5)"
    )
    omitted: Literal["mean", "zero"] = Field(
        "mean", description="omitted cells are set to their training mean, or to zero"
    )
    derangements: int = Field(
        1000, ge=200, le=1_000_000, description="permutations that give every image a wrong one"
    )
    largest_count: Times = Field(
        0,
        description="evaluate curves up to this many cells, then once with all; 0: for every "
        "number of cells",
    )
    random_draws: int = Field(
        20, ge=1, le=10_000, description="number of draws of random cells, for the control"
    )
    compared_counts: list[CountFromOne] = Field(
        [5, 10, 20, 50, 100],
        max_length=1000,
        description="numbers of cells for testing controls",
    )
    refitted_count: Times = Field(
        100, description="refit decoders to up to this many cells; 0: never"
    )
    learning_curves: bool = Field(
        True, description="refit with fewer training images and fewer repeats"
    )
