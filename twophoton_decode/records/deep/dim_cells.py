"""Candidates for dim cells, and the evidence for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class DimCells(Record):
    """What was judged beside suite2p's cells, by looks and by activity.

    A candidate counts only if it looks like a cell of its field and is active: its trace has
    events that the same disc at empty places of the field lacks (docs/methods/dim_cells.md).
    """

    plane: np.ndarray = array("candidate", dtype=np.int64, doc="its plane, counted from 0")
    center_y: np.ndarray = array("candidate", "px", doc="its centre, downwards")
    center_x: np.ndarray = array("candidate", "px", doc="its centre, to the right")
    radius: np.ndarray = array("candidate", "px", doc="of its disc: the plane's typical cell")
    source: np.ndarray = array("candidate source_name", dtype=bool, doc="what named the place")
    source_name: np.ndarray = array(
        "source_name", dtype=str, doc="pictures with a spot there, or an ROI that suite2p rejected"
    )
    probability: np.ndarray = array("candidate", doc="that the detector gives to a cell")
    activity: np.ndarray = array(
        "candidate",
        doc="cube root of the mean cube of its trace in units of noise; NaN: not tested",
    )
    activity_p: np.ndarray = array(
        "candidate", doc="one-sided, against empty places; NaN: not tested"
    )
    counts: np.ndarray = array(
        "candidate", dtype=bool, doc="likely and active: a dim cell that was added"
    )
    trace: np.ndarray = array(
        "candidate bin",
        "noise SD",
        dtype=np.float32,
        doc="neuropil-corrected, less what neighbouring cells do; NaN: not tested",
    )
    bin_s: float = scalar("s", doc="length of a bin")
    null_plane: np.ndarray = array("place", dtype=np.int64, doc="plane of each empty place")
    null_activity: np.ndarray = array("place", doc="activity of the same disc there")
    picture: np.ndarray = array(
        "plane_index picture_name y x",
        "local SD / 4",
        dtype=np.float32,
        doc="mean, maximum and correlation of each plane as the detector sees them",
    )
    clear_cells: np.ndarray = array(
        "plane_index", dtype=np.int64, doc="suite2p's cells in each plane: its context"
    )
    plane_number: np.ndarray = array(
        "plane_index", dtype=np.int64, doc="what users call each plane, from 1"
    )
    attention: np.ndarray = array(
        "plane_index", dtype=str, doc="second stage that judged the plane's candidates"
    )
    clear_y: np.ndarray = array("clear", "px", doc="centres of suite2p's cells")
    clear_x: np.ndarray = array("clear", "px", doc="centres of suite2p's cells")
    clear_plane: np.ndarray = array("clear", dtype=np.int64, doc="their planes, from 0")
    minimum_probability: float = scalar(doc="from which a candidate is tested for activity")
    false_discovery_rate: float = scalar(doc="Benjamini-Hochberg over the tested ones of a plane")
    weights_sha256: str = scalar(doc="of the detector's file")
    notes: list[str] = scalar(doc="fall-backs, and what could not be tested")
