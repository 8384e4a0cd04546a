"""The pictures that all of several sessions compared, and whether they are the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.deep.comparison.dissimilarity import as_matrix
from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.inputs.network_features import pictures_shown
from twophoton_decode.pipeline.population.members import Member
from twophoton_decode.pipeline.stages.deep.rsa import DEEP_RSA, LEAST_IMAGES
from twophoton_decode.pipeline.stages.respond import RESPOND
from twophoton_decode.records import Representation, Responses
from twophoton_decode.session.netcdf import read_record

_SAME = 1e-3
"""Of the range of luminance: what rounding of one picture in two files may differ by."""


@dataclass(frozen=True, eq=False)
class Compared:
    """Pictures that every session compared.

    Attributes
    ----------
    name : ndarray of str, shape (picture,)
    place : list of ndarray of int, shape (picture,)
        Where each session's dissimilarities have them.
    shown : ndarray of int, shape (picture,), or None
        Which pictures of the first session's source they are; None for conditions without any.
    picture : ndarray, shape (picture, y, x)
        At working size.
    """

    name: np.ndarray
    place: list[np.ndarray]
    shown: np.ndarray | None
    picture: np.ndarray
    notes: list[str] = field(default_factory=list)

    def rdm(self, session: int, row: np.ndarray) -> np.ndarray:
        """A session's dissimilarities (pair,) of these pictures alone."""
        place = self.place[session]
        first, second = np.triu_indices(len(place), 1)
        return np.asarray(as_matrix(np.asarray(row, float))[place[first], place[second]])


def same_pictures(members: Sequence[Member], found: Sequence[Representation]) -> Compared:
    """What all sessions compared, by name, and the same to the eye where there are pictures.

    Raises
    ------
    AnalysisError
        Another dissimilarity, fewer than 20 pictures in common, or pictures of one name that
        look different; both sessions are named.
    """
    _refuse_other_measures(members, found)
    names = [each.picture_name.tolist() for each in found]
    common = [name for name in names[0] if all(name in other for other in names[1:])]
    if len(common) < LEAST_IMAGES:
        raise AnalysisError(
            f"{', '.join(each.name for each in members)} compare other pictures: they have "
            f"{len(common)} in common by name, and {LEAST_IMAGES} are needed to hold "
            "dissimilarities against each other."
        )
    place = [np.array([each.index(name) for name in common]) for each in names]
    responses = [
        read_record(RESPOND.record_path(each.session.folder, ""), Responses) for each in members
    ]
    shown = [_rows(each, common) for each in responses]
    _refuse_other_pictures(members, responses, shown)
    notes = [
        f"{each.name}: {len(own) - len(common)} of {len(own)} pictures are left out, as not all "
        "sessions compared them."
        for each, own in zip(members, names, strict=True)
        if len(own) > len(common)
    ]
    return Compared(
        np.array(common), place, _in_source(members[0], responses[0], shown[0]),
        responses[0].picture[shown[0]], notes,
    )  # fmt: skip


def _rows(responses: Responses, names: Sequence[str]) -> np.ndarray:
    place = {name: row for row, name in enumerate(responses.image_name.tolist())}
    return np.array([place[name] for name in names])


def _in_source(member: Member, responses: Responses, shown: np.ndarray) -> np.ndarray | None:
    if not responses.has_pictures:
        return None
    work = member.session.stage_input(DEEP_RSA, "", member.verdicts)
    return pictures_shown(work, responses)[1][shown]


def _refuse_other_measures(members: Sequence[Member], found: Sequence[Representation]) -> None:
    for member, each in zip(members, found, strict=True):
        if each.measure != found[0].measure:
            raise AnalysisError(
                f"dissimilarity is {found[0].measure} in {members[0].name} and {each.measure} in "
                f"{member.name}. Name one with --dissimilarity."
            )


def _refuse_other_pictures(
    members: Sequence[Member], responses: Sequence[Responses], shown: Sequence[np.ndarray]
) -> None:
    """Pictures of one name have to be the same; conditions without pictures have names alone."""
    first = responses[0].picture[shown[0]]
    nearly = _SAME * float(np.ptp(first)) if first.size else 0.0
    for member, each, rows in zip(members, responses, shown, strict=True):
        other = each.picture[rows]
        if each.has_pictures != responses[0].has_pictures:
            has, lacks = (members[0], member)[:: 1 if responses[0].has_pictures else -1]
            raise AnalysisError(
                f"{lacks.name} was imported without pictures and {has.name} with them, so it "
                "cannot be told whether they saw the same. If there are pictures, name them as "
                f"images under [source] in session.toml of {lacks.name}."
            )
        if other.shape != first.shape:
            sizes = " and ".join(f"{y} × {x} px" for y, x in (first.shape[1:], other.shape[1:]))
            raise AnalysisError(
                f"{members[0].name} and {member.name} have pictures of {sizes} at working size, so "
                "it cannot be told whether they are the same. Give both one size_px under [images] "
                "in session.toml."
            )
        different = np.flatnonzero((np.abs(other - first) > nearly).any(axis=(1, 2)))
        if different.size:
            name = each.image_name[rows[different[0]]]
            raise AnalysisError(
                f"{members[0].name} and {member.name} saw other pictures: {different.size} of "
                f"{len(first)} look different, the first being {name}. Dissimilarities of other "
                "pictures cannot be held against each other."
            )
