"""The data block of a session's page, from its records, within a number of bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from twophoton_decode.records import (
    CellCountCurves,
    Encoding,
    Reconstruction,
    Responses,
    Stability,
    Traces,
)
from twophoton_decode.report.data.block import DataBlock
from twophoton_decode.report.data.cells import add_cells, add_field_of_view, add_traces
from twophoton_decode.report.data.decoders import DecoderData, with_filters, with_pictures
from twophoton_decode.report.data.orderly import OrderlyCodes, orderly_codes
from twophoton_decode.visible import visible

LARGEST_PAGE: Final = 15_000_000
"""Bytes that a page should not pass, so that it can be sent by mail."""

_FEW: Final = 20


@dataclass(frozen=True)
class SessionRecords:
    """The records of a session that the page is made from.

    `reconstructions` are in the order in which the page names decoders, the leading one first.
    """

    responses: Responses
    reconstructions: Mapping[str, Reconstruction]
    curves: Mapping[str, CellCountCurves] = field(default_factory=dict)
    stability: Mapping[str, Stability] = field(default_factory=dict)
    encoding: Encoding | None = None
    traces: Traces | None = None
    trace_window_s: tuple[float, float] = (-0.5, 2.0)


@dataclass(frozen=True)
class PageData:
    """What the page's script is given: facts in JSON, and arrays in a block."""

    facts: dict[str, Any]
    block: DataBlock


def page_data(records: SessionRecords, room: int = LARGEST_PAGE) -> PageData:
    """Everything that the script needs to show pictures, cells and reconstructions.

    The page computes the pictures of as many decoders as there is `room` for, in bytes, the
    leading ones first; of the others it has pictures at a few numbers of cells, or from all
    cells only. Where there is no room for these, ``facts["left_out"]`` names the decoders
    that the page has no pictures of. The leading decoder always has its pictures, which take
    about as much as those shown.
    """
    responses, block = records.responses, DataBlock()
    codes = orderly_codes(responses.response)
    facts = _add_core(block, records, codes)
    add_cells(block, responses, records.encoding)
    if records.traces is not None and (responses.roi >= 0).all():
        facts["field"] = add_field_of_view(block, records.traces, responses)
        facts["traces"] = add_traces(block, records.traces, responses, records.trace_window_s)
    room -= sum(len(text) for text in block.texts().values())
    facts["decoders"] = []
    for place, data in enumerate(_decoders(records, codes, room)):
        block.add_group(f"decoder-{place}", data.arrays, data.text)
        facts["decoders"].append({**data.facts, "group": f"decoder-{place}"})
    facts["left_out"] = list(records.reconstructions)[len(facts["decoders"]) :]
    return PageData(facts, block)


def _decoders(records: SessionRecords, codes: OrderlyCodes, room: int) -> list[DecoderData]:
    """The decoders that there is room for; then more of each, the leading ones first."""
    responses, made = records.responses, list(records.reconstructions.items())
    found: list[DecoderData] = []
    for name, each in made:
        least = with_pictures(each, responses, _omitted(records, name), few=False)
        if found and least.size > room:
            break
        room -= least.size
        found.append(least)
    for pictures in (True, False):
        for place, (name, each) in enumerate(made[: len(found)]):
            omitted = _omitted(records, name)
            more: DecoderData | None = (
                with_pictures(each, responses, omitted)
                if pictures
                else with_filters(each, responses, codes, omitted)
            )
            if more is not None and more.size - found[place].size <= room:
                room -= more.size - found[place].size
                found[place] = more
    return found


def _omitted(records: SessionRecords, decoder: str) -> str:
    curves = records.curves.get(decoder)
    return "zero" if curves is not None and curves.omitted == "zero" else "mean"


def _add_core(block: DataBlock, records: SessionRecords, codes: OrderlyCodes) -> dict[str, Any]:
    """Pictures, responses and scores, which the page needs before anything is chosen."""
    responses, made = records.responses, list(records.reconstructions.values())
    picture = (made[0] if made else responses).picture
    low, high = float(picture.min()), float(picture.max())
    share = (picture - low) / (high - low or 1.0)
    block.add("core", "picture", np.round(255 * share).astype(np.uint8).reshape(len(picture), -1))
    block.add("core", "image", responses.image.astype(np.int32))
    block.add("core", "response", codes.code)
    block.add("core", "response_scale", codes.scale)
    others = responses.responsive_others
    block.add("core", "responsive_others", np.packbits(others, axis=1))
    fold = made[0].fold if made else np.zeros(len(picture), int)
    block.add("core", "fold", fold.astype(np.int32))
    for name in ("r_average", "r_single"):
        block.add("core", name, _by_decoder([getattr(each, name) for each in made], len(picture)))
    similarity = [_similarity(records, name) for name in records.reconstructions]
    block.add("core", "similarity", _by_decoder(similarity, len(picture)))
    return {
        "cells": responses.cells,
        "images": len(picture),
        "height": picture.shape[1],
        "width": picture.shape[2],
        "low": low,
        "high": high,
        "unit": visible(responses.response_unit),
        "names": [visible(str(name)) for name in responses.image_name],
        "few": _few(records),
    }


def _few(records: SessionRecords) -> int:
    """The number of cells that the page begins with: those that the leading decoder needs.

    As the page draws them, with the other cells at their mean.
    """
    curves = next((records.curves.get(name) for name in records.reconstructions), None)
    needed = [] if curves is None else [curves.cells_95, curves.strong_cells]
    known = [each for each in needed if np.isfinite(each)]
    return int(min(known[0] if known else _FEW, records.responses.cells))


def _similarity(records: SessionRecords, decoder: str) -> np.ndarray:
    known = records.stability.get(decoder)
    unknown = np.full(records.responses.images, np.nan)
    return unknown if known is None else known.reconstruction_similarity


def _by_decoder(rows: Sequence[np.ndarray], images: int) -> np.ndarray:
    return np.asarray(rows, np.float32).reshape(len(rows), images)
