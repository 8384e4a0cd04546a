"""The populations of several sessions in their order, and their cells made comparable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from twophoton_decode.errors import AnalysisError, UsageError
from twophoton_decode.pipeline.deep.sessions import require_responses
from twophoton_decode.pipeline.inputs.cell_populations import cell_populations
from twophoton_decode.pipeline.population.members import Member
from twophoton_decode.pipeline.stages.deep.features import DEEP_FEATURES
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.records.responses import Responses
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.words import counted

_PLANE = re.compile(r"plane (\d+)")


class Ordered(NamedTuple):
    """Populations, early to late; of each session their cells, reliability and matched bins.

    `cells` [session][population] (cells,), `reliability` [session] (all cells,), `bins`
    [session][population][bin] (cells,), from `matching`.
    """

    order: tuple[str, ...]
    cells: list[list[np.ndarray]]
    reliability: list[np.ndarray]
    bins: list[list[list[np.ndarray]]]
    notes: list[str]

    def mean_reliability(self) -> list[list[float]]:
        """Of each session and population."""
        return [
            [float(reliability[own].mean()) for own in cells]
            for cells, reliability in zip(self.cells, self.reliability, strict=True)
        ]

    def matched_numbers(self) -> list[int]:
        """Cells of each population in a draw, of each session."""
        from twophoton_decode.deep.hierarchy.cells import matched_number

        return [matched_number(each) for each in self.bins]


def ordered_populations(members: Sequence[Member], order: Sequence[str]) -> Ordered:
    """The populations of every session, as `order` names them, else imaging planes in turn.

    Raises
    ------
    UsageError
        Populations are not planes, and their order is not told; or it names one alone.
    AnalysisError
        A session lacks one of them, or has fewer than ten of its cells.
    """
    from twophoton_decode.deep.comparison.decoding.decoded_layers import half_averages
    from twophoton_decode.deep.hierarchy.cells import cell_reliability, matching

    require_responses(members)
    labels, reliability = [], []
    for member in members:
        responses = read_record(RESPOND.record_path(member.session.folder, ""), Responses)
        work = member.session.stage_input(DEEP_FEATURES, "", member.verdicts)
        labels.append(cell_populations(work, responses))
        halves = half_averages(
            responses.response, responses.image, responses.images, responses.known
        )
        reliability.append(cell_reliability(halves, responses.cells))
    names, notes = _names(labels, order)
    cells = [
        [_cells_of(member, label, name) for name in names]
        for member, label in zip(members, labels, strict=True)
    ]
    bins = [matching(own, each) for own, each in zip(cells, reliability, strict=True)]
    notes += _unmatched(members, bins, reliability)
    return Ordered(names, cells, reliability, bins, notes)


def _names(
    labels: Sequence[np.ndarray | None], order: Sequence[str]
) -> tuple[tuple[str, ...], list[str]]:
    """The populations to use, early to late, and which are left out."""
    found = dict.fromkeys(
        name for label in labels if label is not None for name in label.tolist() if name
    )
    if len(found) < 2:
        raise UsageError(
            "a hierarchy needs two populations or more; these sessions have "
            f"{', '.join(found) or 'none'}. Name cells' populations with populations_file under "
            "[responses] in session.toml, or with --populations of `tpdecode import arrays`."
        )
    planes = [_PLANE.fullmatch(name) for name in found]
    if not order and all(planes):
        return tuple(sorted(found, key=lambda name: int(name.split()[1]))), [
            "populations are imaging planes, in their order: say with --order if it is another."
        ]
    if len(order) < 2:
        raise UsageError(
            f"say which order the populations have, early to late: --order {','.join(found)} "
            "names those of these sessions."
        )
    left = [name for name in found if name not in order]
    return tuple(order), [f"populations that --order does not name: {', '.join(left)}"] * bool(left)


def _cells_of(member: Member, label: np.ndarray | None, name: str) -> np.ndarray:
    from twophoton_decode.deep.hierarchy.cells import FEWEST_CELLS

    own = np.flatnonzero(label == name) if label is not None else np.empty(0, dtype=np.int64)
    if len(own) < FEWEST_CELLS:
        raise AnalysisError(
            f"{member.name} has {counted(len(own), 'cell')} of the population {name!r}; "
            f"{FEWEST_CELLS} or more are needed."
        )
    return own


def _unmatched(
    members: Sequence[Member],
    bins: Sequence[Sequence[Sequence[np.ndarray]]],
    reliability: Sequence[np.ndarray],
) -> list[str]:
    """Sessions of which populations are matched in the number of cells alone, and why."""
    notes = []
    for member, own, each in zip(members, bins, reliability, strict=True):
        if len(own[0]) == 1:
            why = (
                "pictures without repeats do not tell the reliability of cells"
                if np.isnan(each).any()
                else "too few cells are of like reliability"
            )
            notes.append(f"{member.name}: populations are matched in number of cells alone: {why}.")
    return notes
