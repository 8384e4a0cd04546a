"""Everything that is known of each decoder: a column for each, so that no column is cut off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from twophoton_decode.figures.canvas.numbers import (
    DASH,
    bare_p,
    count,
    interval,
    number,
    percent,
)

Table = Mapping[str, Any]
_Write = Callable[[Table], tuple[str, str]]


@dataclass(frozen=True)
class DecoderRow:
    """One measure: its group (where that begins), name, and a value and a detail a decoder."""

    group: str
    name: str
    cells: Sequence[tuple[str, str]]


def decoder_rows(summary: Table, names: Sequence[str], primary_score: str) -> list[DecoderRow]:
    """The measures of which any decoder has a value, in groups.

    Parameters
    ----------
    summary : mapping
        As in ``summary.json``.
    names : sequence of str
        The decoders, in the order of the columns.
    primary_score : str
        The score by which they are compared.
    """
    rows: list[DecoderRow] = []
    group = ""
    for heading, stage, name, write in _MEASURES:
        numbers = [summary.get(stage, {}).get(each, {}) for each in names]
        cells = [write(each) for each in numbers]
        group = heading.format(primary_score) or group
        if any(value != DASH for value, _ in cells):
            rows.append(DecoderRow(group, name, cells))
            group = ""
    return rows


def _plain(key: str, write: Callable[..., str] = number) -> _Write:
    return lambda numbers: (write(numbers.get(key)), "")


def _score(key: str, digits: int = 2, shown: int = 2) -> _Write:
    def write(numbers: Table) -> tuple[str, str]:
        ends = interval(numbers.get(f"{key}_ci95") or (None, None), digits)
        return number(numbers.get(key), shown), "" if ends == DASH else ends

    return write


def _cells(key: str, told: bool = False) -> _Write:
    def write(numbers: Table) -> tuple[str, str]:
        ends = interval(numbers.get(f"{key}_ci95") or (None, None), 0)
        known = numbers.get(key) if not told or numbers.get(f"{key}_told") else None
        return count(known), "" if ends == DASH else ends

    return write


def _chance_p(numbers: Table) -> tuple[str, str]:
    return bare_p(numbers.get("p_value"), numbers.get("permutations")), ""


def _features(numbers: Table) -> tuple[str, str]:
    if numbers.get("unavailable"):
        return "unavailable", ""
    features = numbers.get("features")
    return features if isinstance(features, str) else DASH, ""


_MEASURES: Final[list[tuple[str, str, str, _Write]]] = [
    ("Decoder", "reconstruct", "features", _features),
    (
        "Mean over trials, m subtracted",
        "reconstruct",
        "R, 95 % interval",
        _score("r_average"),
    ),
    ("", "reconstruct", "chance", _plain("chance_r")),
    ("", "reconstruct", "with other images, no test", _plain("wrong_image_r")),
    ("", "reconstruct", "p against chance", _chance_p),
    ("", "reconstruct", "p, Holm", _plain("p_holm", bare_p)),
    ("", "reconstruct", "R, three lowest components", _plain("r_low")),
    ("", "reconstruct", "R, infinitely many trials", _plain("r_infinite_trials")),
    ("", "reconstruct", "feature ceiling", _plain("feature_ceiling_r")),
    ("", "reconstruct", "two-way identification", _plain("two_way_identification", percent)),
    ("", "reconstruct", "SSIM, m left in", _plain("ssim")),
    ("Against the best by {}", "reconstruct", "difference", _score("difference", 2, 3)),
    ("", "reconstruct", "p, Holm", _plain("difference_p", bare_p)),
    ("Single trials, m subtracted", "reconstruct", "R, 95 % interval", _score("r_single")),
    ("", "reconstruct", "chance", _plain("chance_r_single")),
    ("", "reconstruct", "CD", _plain("cd_single")),
    (
        "How few cells",
        "sparsity",
        "informative cells",
        _cells("informative_cells", told=True),
    ),
    ("", "sparsity", "strong cells for 95 % of R", _cells("strong_cells")),
    (
        "Similarity over repeats",
        "stability",
        "reconstructions",
        _score("reconstruction_similarity"),
    ),
    ("", "stability", "with other images", _plain("reconstruction_similarity_other")),
    ("", "stability", "filters exchanged", _plain("similarity_permuted_weights")),
    ("", "stability", "responses", _score("response_similarity")),
    ("", "stability", "responses, with other images", _plain("response_similarity_other")),
]
