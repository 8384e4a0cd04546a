"""Responses, reconstructions and settings in a processing module of their own.

The module ``tpdecode`` holds tables: ``responses``, a row for each presentation;
``response_cells``, the ROI of each column of its responses; ``reconstruction_DECODER``, a row for
each picture; and ``settings``, a row for each setting that decides what comes out of the traces.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.formats.nwb.contents import OWN_MODULE
from twophoton_decode.formats.nwb.own import SETTINGS
from twophoton_decode.records import Reconstruction, Responses

if TYPE_CHECKING:
    from pynwb import NWBFile


@dataclass(frozen=True)
class Results:
    """What the session has computed: responses, and reconstructions by their decoder."""

    responses: Responses | None = None
    reconstructions: Mapping[str, Reconstruction] = field(default_factory=dict)


def add_results(file: NWBFile, results: Results, settings: Mapping[str, Any]) -> None:
    """The module with what the session has; without results, with its settings alone."""
    module = file.create_processing_module(
        OWN_MODULE.rpartition("/")[2],
        "Responses to pictures and pictures reconstructed from them, by tpdecode",
    )
    if results.responses is not None:
        for table in _responses(results.responses):
            module.add(table)
    for decoder, found in results.reconstructions.items():
        module.add(_reconstruction(decoder, found))
    if not settings:
        return
    texts = [json.dumps(value) for value in settings.values()]
    module.add(
        _table(
            SETTINGS,
            "settings that decide what comes out of the traces",
            {
                "key": ("section and key of session.toml", list(settings)),
                "value": ("the setting as JSON", texts),
            },
        )
    )


def _responses(found: Responses) -> list[Any]:
    names = found.image_name[found.image].tolist()
    unit = found.response_unit
    rows = {
        "onset_s": ("onset, s since the movie began", found.onset_s),
        "image": ("name of the picture", names),
        "repeat": ("how many times the picture was shown before", found.repeat),
        "response": (
            f"response of each cell in {unit}, in the order of response_cells",
            np.asarray(found.response, dtype=np.float32),
        ),
    }
    cells = {
        "roi": ("number of the ROI", found.roi),
        "visually_responsive": ("responds to some picture", found.responsive.any(axis=1)),
    }
    return [
        _table("responses", "one response per cell and presentation", rows),
        _table("response_cells", "the cells of the table responses", cells),
    ]


def _reconstruction(decoder: str, found: Reconstruction) -> Any:
    rows = {
        "image": ("name of the picture", found.image_name.tolist()),
        "fold": ("the fold in which the picture is tested", found.fold),
        "target": ("the picture as the feature space sees it, (y, x)", found.picture),
        "reconstruction": ("from its trial-averaged response, (y, x)", found.average),
        "r_average": ("R of the reconstruction with the target", found.r_average),
        "r_single": ("R of single trials, averaged over trials", found.r_single),
    }
    name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in decoder)
    return _table(
        f"reconstruction_{name}", f"pictures reconstructed by the decoder {decoder}", rows
    )


def _table(name: str, description: str, columns: Mapping[str, tuple[str, Any]]) -> Any:
    from hdmf.common import DynamicTable, VectorData

    return DynamicTable(
        name=name,
        description=description,
        columns=[
            VectorData(name=key, description=said, data=values)
            for key, (said, values) in columns.items()
        ],
    )
