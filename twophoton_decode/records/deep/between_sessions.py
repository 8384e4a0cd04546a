"""Do populations of one name, recorded in different sessions, represent pictures alike?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class PopulationsBetweenSessions(Record):
    """Agreement of the dissimilarities of every population with those of all others.

    Means are over pairs of populations from different sessions: populations of one session
    share noise (docs/methods/representation.md).
    """

    population: np.ndarray = array(
        "population", dtype=str, doc="name of each population, those of one name together"
    )
    session_of: np.ndarray = array("population", dtype=np.int64, doc="index of its session")
    reliability: np.ndarray = array(
        "population", doc="agreement of its dissimilarities between halves of the repeats"
    )
    agreement: np.ndarray = array(
        "population other", doc="rank correlation of dissimilarities; 1 on the diagonal"
    )
    session: np.ndarray = array("session", dtype=str, doc="name of each session")
    mouse: np.ndarray = array("session", dtype=str, doc="its mouse")
    name: np.ndarray = array(
        "name", dtype=str, doc="names that populations of two sessions have, beside others"
    )
    sessions_with: np.ndarray = array("name", dtype=np.int64, doc="sessions that have it")
    same: np.ndarray = array("name", doc="mean agreement with populations of that name elsewhere")
    other: np.ndarray = array("name", doc="mean agreement with populations of other names there")
    difference: np.ndarray = array("name", doc="same less other")
    difference_ci95: np.ndarray = array(
        "name end", doc="its 95 % interval for new sessions; NaN below four sessions"
    )
    picture_name: np.ndarray = array("picture", dtype=str, doc="pictures that all sessions share")
    measure: str = scalar(doc="dissimilarity: crossnobis or correlation")
    resamples: int = scalar(doc="draws of sessions behind the interval")
    seed: int = scalar(doc="of these draws")
    notes: list[str] = scalar(doc="what was left out")
