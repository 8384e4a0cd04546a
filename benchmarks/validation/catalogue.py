"""All studies and cited rows, and the names that they answer for."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable

import brightness
import cited
import errors
import fields
import leakage
import pairs
import planted
import repeats
import scores
import session
import sessions
import sharing
from study import Study
from wing import (
    agreement,
    attention,
    decode,
    hierarchy,
    latent,
    movies,
    names,
    similarity,
    tags,
    times,
)

MODULES = (
    scores, leakage, planted, errors, repeats, sharing, fields, session, pairs, brightness,
    sessions, decode, times, similarity, names, hierarchy, attention, agreement, tags, movies,
    latent,
)  # fmt: skip


def studies() -> list[Study]:
    return [study for module in MODULES for study in module.studies()]


def registered() -> set[str]:
    """Every name that a study or a cited row answers for."""
    measured = {
        name for study in studies() for quantity in study.quantities for name in quantity.names
    }
    return measured | {name for row in cited.ROWS for name in row.names}


def without_row(declared: Iterable[str], names: Collection[str]) -> list[str]:
    """Declared names that are not among `names`; one with ``*`` is if it fits any of them."""
    return sorted(
        name for name in declared if name not in names and not fnmatch.filter(names, name)
    )
