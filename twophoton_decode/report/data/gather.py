"""What a session's page computes with, from its records, within a number of bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.pairing import of_images
from twophoton_decode.records import (
    CellCountCurves,
    Encoding,
    Reconstruction,
    Responses,
    Stability,
    Traces,
)
from twophoton_decode.report.data.block import Group
from twophoton_decode.report.data.cells import field_of_view, of_cells, onset_traces
from twophoton_decode.report.data.decoders import DecoderData, with_filters, with_pictures
from twophoton_decode.report.data.orderly import orderly_codes
from twophoton_decode.report.data.selection import FEWEST, evenly, of_each
from twophoton_decode.visible import visible

LARGEST_PAGE: Final = 15_000_000
"""Bytes that a page should not pass, so that it can be sent by mail."""

_FEW: Final = 20
_SHARE_OF_PICTURES: Final = 0.5
_SAMPLE: Final = 40


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
    """What the page's script is given: facts in JSON, and the texts of embedded groups."""

    facts: dict[str, Any]
    texts: dict[str, str]


def page_data(records: SessionRecords, room: int = LARGEST_PAGE) -> PageData:
    """Everything that the script needs to show pictures, cells and reconstructions.

    The page computes the pictures of as many decoders as there is `room` for, in bytes, the
    leading ones first; of the others it has pictures at a few numbers of cells, or from all
    cells only. Where there is no room for these, ``facts["left_out"]`` names the decoders
    that the page has no pictures of. The leading decoder always has its pictures, which take
    about as much as those shown.
    """
    texts = {name: make().text for name, make in session_groups(records).items()}
    room -= sum(len(text) for text in texts.values())
    facts = session_facts(records)
    for place, data in enumerate(_decoders(records, room)):
        texts |= dict(zip(data.groups(decoder_group(place)), data.texts, strict=True))
        facts["decoders"].append({**data.facts, "group": decoder_group(place)})
    facts["left_out"] = list(records.reconstructions)[len(facts["decoders"]) :]
    return PageData(facts, texts)


def small_page_data(records: SessionRecords, room: int) -> PageData:
    """`page_data` of as many pictures of the session as there is room for.

    Responses to them take a part of the room, so that there is some for the decoders.
    """
    data = page_data(_fitting(records, int(_SHARE_OF_PICTURES * room)), room)
    return replace(data, facts=data.facts | {"images_of_session": records.responses.images})


def decoder_group(place: int) -> str:
    """What the group of a decoder is called, by its place among them."""
    return f"decoder-{place}"


def image_group(image: int) -> str:
    """What the group with the responses to an image is called; the script says it alike."""
    return f"image-{image}"


def session_groups(records: SessionRecords) -> dict[str, Callable[[], Group]]:
    """How the groups of a session are made, by name, those of decoders apart."""
    responses, traces, encoding = records.responses, records.traces, records.encoding
    made: dict[str, Callable[[], Group]] = {"core": partial(_core, records)}
    made |= {image_group(i): partial(_image, responses, i) for i in range(responses.images)}
    # Without a decoder, pictures have the size they were given in; fields have that of features.
    if encoding is not None and encoding.receptive_field.shape[1:] == _shown(records).shape[1:]:
        made["cells"] = partial(of_cells, responses, encoding)
    if traces is not None and (responses.roi >= 0).all():
        made["field"] = partial(field_of_view, traces, responses)
        made["traces"] = partial(onset_traces, traces, responses, records.trace_window_s)
    return made


def session_facts(records: SessionRecords) -> dict[str, Any]:
    """What the page says of a session; decoders are to be added."""
    responses, (low, high) = records.responses, _range(records)
    height, width = _shown(records).shape[1:]
    return {
        "cells": responses.cells,
        "images": responses.images,
        "images_of_session": responses.images,
        "height": height,
        "width": width,
        "low": low,
        "high": high,
        "unit": visible(responses.response_unit),
        "names": [visible(str(name)) for name in responses.image_name],
        "few": _few(records),
        "decoders": [],
        "left_out": [],
    }


def omitted_at(records: SessionRecords, decoder: str) -> str:
    """Where a decoder's cells that are not used stand: "mean" or "zero"."""
    curves = records.curves.get(decoder)
    return "zero" if curves is not None and curves.omitted == "zero" else "mean"


def _fitting(records: SessionRecords, room: int) -> SessionRecords:
    """The session with as many pictures as fit into `room`, by the size of a few of them."""
    made = list(records.reconstructions.values())
    if not made:
        return records
    few = _of_images(records, evenly(made[0].r_average, _SAMPLE))
    texts = [Group([("picture", _pictures(few))]).text]
    texts += [_image(few.responses, image).text for image in range(few.responses.images)]
    for name, each in few.reconstructions.items():
        texts += with_pictures(each, few.responses, omitted_at(records, name), few=False).texts
    of_one = sum(map(len, texts)) / few.responses.images
    count = max(int(room / of_one), FEWEST)
    if count >= records.responses.images:
        return records
    return _of_images(records, evenly(made[0].r_average, count))


def _of_images(records: SessionRecords, images: np.ndarray) -> SessionRecords:
    shown = records.responses.image
    return replace(
        records,
        responses=of_images(records.responses, images, shown),
        reconstructions=of_each(records.reconstructions, images, shown),
        stability=of_each(records.stability, images, shown),
    )


def _decoders(records: SessionRecords, room: int) -> list[DecoderData]:
    """The decoders that there is room for; then the leading one whole; then more of the others."""
    responses, made = records.responses, list(records.reconstructions.items())
    codes = orderly_codes(responses.response)
    found: list[DecoderData] = []
    for name, each in made:
        least = with_pictures(each, responses, omitted_at(records, name), few=False)
        if found and least.size > room:
            break
        room -= least.size
        found.append(least)
    for place, whole in _wishes(len(found)):
        name, each = made[place]
        if found[place].folds:
            continue
        more: DecoderData | None = (
            with_filters(each, responses, codes, omitted_at(records, name))
            if whole
            else with_pictures(each, responses, omitted_at(records, name))
        )
        if more is not None and more.size - found[place].size <= room:
            room -= more.size - found[place].size
            found[place] = more
    return found


def _wishes(decoders: int) -> list[tuple[int, bool]]:
    """What to have room for, in this order: places of decoders, each whole or at few numbers."""
    places = range(decoders)
    whole, few = [(place, True) for place in places], [(place, False) for place in places]
    return [*whole[:1], *few, *whole[1:]]


def _range(records: SessionRecords) -> tuple[float, float]:
    """Black and white of the pictures shown."""
    picture = _shown(records)
    return float(picture.min()), float(picture.max())


def _shown(records: SessionRecords) -> np.ndarray:
    """The pictures as they were decoded, (images, y, x): small ones are enlarged for features."""
    made = next(iter(records.reconstructions.values()), None)
    return (records.responses if made is None else made).picture


def _pictures(records: SessionRecords) -> np.ndarray:
    """The pictures shown in eight bits, (images, pixels)."""
    picture, (low, high) = _shown(records), _range(records)
    share = (picture - low) / (high - low or 1.0)
    return np.round(255 * share).astype(np.uint8).reshape(len(picture), -1)


def _core(records: SessionRecords) -> Group:
    """Pictures, scores and cells, which the page needs before anything is chosen."""
    responses, made = records.responses, list(records.reconstructions.values())
    fold = made[0].fold if made else np.zeros(responses.images, int)
    averages, scale = _average_codes(responses)
    similarity = [_similarity(records, name) for name in records.reconstructions]
    scores = {name: [getattr(each, name) for each in made] for name in ("r_average", "r_single")}
    return Group(
        [
            ("picture", _pictures(records)),
            ("image", responses.image.astype(np.int32)),
            ("fold", fold.astype(np.int32)),
            ("average", averages),
            ("average_scale", scale),
            ("roi", responses.roi.astype(np.int32)),
            ("reliability", responses.reliability.astype(np.float32)),
            ("sparseness", responses.lifetime_sparseness.astype(np.float32)),
            ("responsive", np.packbits(responses.responsive, axis=1)),
            *((name, _by_decoder(rows, responses.images)) for name, rows in scores.items()),
            ("similarity", _by_decoder(similarity, responses.images)),
        ]
    )


def _average_codes(responses: Responses) -> tuple[np.ndarray, np.ndarray]:
    """Mean responses (images, cells) in sixteen bits, and the step of each cell."""
    averages = np.nan_to_num(responses.averages())
    scale = np.maximum(np.abs(averages).max(axis=0, initial=0.0), 1e-30) / 32767
    return np.round(averages / scale).astype(np.int16), scale.astype(np.float32)


def _image(responses: Responses, image: int) -> Group:
    """What all cells did in the presentations of an image, in their order."""
    rows = np.flatnonzero(responses.image == image)
    codes = orderly_codes(responses.response[rows])
    others = np.packbits(responses.responsive_others[rows], axis=1)
    arrays = [("response", codes.code), ("response_scale", codes.scale)]
    return Group([*arrays, ("responsive_others", others)])


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
