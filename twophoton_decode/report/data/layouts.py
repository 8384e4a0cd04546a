"""Cells in the three dimensions of their layout, as the page turns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.figures.deep.attention.sentences import layout_sentence
from twophoton_decode.records.deep.attention import AttentionEncoding
from twophoton_decode.report.data.block import Group


@dataclass(frozen=True)
class PageLayout:
    """A layout on the page.

    Parameters
    ----------
    group : str
        Its group of arrays.
    network, attention : str
    cells : int
        How many are laid out.
    said : str
        What it keeps of the neighbours, and that a cluster says nothing by itself.
    text : str
        The group, as the page embeds it.
    facts : mapping
        What the script is told.
    """

    group: str
    network: str
    attention: str
    cells: int
    said: str
    text: str
    facts: Mapping[str, Any]


def page_layouts(found: Mapping[str, AttentionEncoding]) -> list[PageLayout]:
    """The layouts that there are, by network; those with too few cells have none."""
    made = [each for each in found.values() if each.neighbours]
    return [_page_layout(f"layout-{place}", each) for place, each in enumerate(made)]


def _page_layout(group: str, found: AttentionEncoding) -> PageLayout:
    return PageLayout(
        group,
        found.network,
        found.attention,
        len(found.embedded_cell),
        layout_sentence(found),
        layout_group(found).text,
        {"group": group},
    )


def layout_group(found: AttentionEncoding) -> Group:
    """Places within a sphere of radius 1, by the first seed, and what cells are coloured by."""
    cells = found.embedded_cell
    place = found.layout[0] - found.layout[0].mean(axis=0)
    reach = float(np.linalg.norm(place, axis=1).max()) or 1.0
    values = {
        "r": found.r_on,
        "delta": found.delta,
        "delta_counted": found.delta_counted,
        "field_x": found.field_x,
        "field_y": found.field_y,
    }
    return Group(
        [
            ("place", (place / reach).astype(np.float32)),
            ("cell", cells.astype(np.int32)),
            ("r_bin", found.r_bin[cells].astype(np.uint8)),
            *((name, each[cells].astype(np.float32)) for name, each in values.items()),
        ]
    )
