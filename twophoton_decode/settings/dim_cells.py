"""The section of ``session.toml`` on dim cells."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from twophoton_decode.settings.section import Fraction, Section


class DimCellSettings(Section):
    """Dim cells that suite2p leaves out, judged by the clear cells of the same field."""

    attention: Literal["none", "self", "source-target", "lambda"] = Field(
        "self",
        description="how a candidate is judged beside the field's clear cells: self (attention "
        "over all), source-target (clear ones count more), lambda (a summary of the field), none "
        "(by itself)",
    )
    minimum_probability: Fraction = Field(
        0.15,
        description="minimum probability of the detector for a candidate to be tested for activity",
    )
    false_discovery_rate: Fraction = Field(
        0.05,
        description="Benjamini-Hochberg over the candidates of a plane, activity against empty "
        "places",
    )
    empty_places: int = Field(
        200, ge=50, le=100_000, description="empty places of the field for the activity test"
    )
