"""The database of unit accuracies, and the agreement of sessions, as tables and in summary.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twophoton_decode.records.deep.unit_agreement import UnitAgreement
from twophoton_decode.records.table import Table


def unit_table(found: Sequence[UnitAgreement]) -> Table:
    """One row for every unit of a network's layer and session; pixels are left out.

    The halves of all sessions share no picture: only r of different halves may be compared
    between sessions.
    """
    rows: dict[str, list[np.ndarray]] = {}
    for each in found:
        names = np.array([each.network if kind == "network" else each.twin for kind in each.kind])
        used = np.flatnonzero((each.kind != "pixels")[each.space_of_unit])
        space = each.space_of_unit[used]
        for number, session in enumerate(each.session.tolist()):
            columns = {
                "network": names[space],
                "layer": each.space[space],
                "unit": each.place[used],
                **dict(zip(("channel", "y", "x"), each.position[used].T, strict=True)),
                "session": np.repeat(session, len(used)),
                "mouse": np.repeat(each.mouse[number], len(used)),
                "r": each.unit_r[number, used],
                "images": np.repeat(each.images[number], len(used)),
                **_halves(each, number, used),
            }
            for name, column in columns.items():
                rows.setdefault(name, []).append(column)
    return {name: np.concatenate(columns).tolist() for name, columns in rows.items()}


def _halves(found: UnitAgreement, session: int, used: np.ndarray) -> dict[str, np.ndarray]:
    columns = {}
    for half, name in enumerate(("first_half", "second_half")):
        columns[f"r_{name}"] = found.unit_r_of_half[session, half, used]
        columns[f"images_{name}"] = np.repeat(found.images_of_half[session, half], len(used))
    return columns


def agreement_table(found: Sequence[UnitAgreement]) -> Table:
    """One row for every network, pair of sessions and space."""
    rows = [
        {
            "network": each.network if each.kind[space] != "random" else each.twin,
            "layer": str(each.space[space]),
            "features": str(each.kind[space]),
            "session_1": str(each.session[a]),
            "session_2": str(each.session[b]),
            "same_mouse": bool(each.mouse[a] == each.mouse[b]),
            "shared_images": int(each.shared[pair]),
            "images_tested_1": float(each.tested[pair, 0]),
            "images_tested_2": float(each.tested[pair, 1]),
            **numbers_of(each, pair, space),
        }
        for each in found
        for pair, (a, b) in enumerate(each.pair.tolist())
        for space in range(len(each.space))
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}


def numbers_of(found: UnitAgreement, pair: int, space: int) -> dict[str, float]:
    """All that is known of one pair and space."""
    numbers = {"agreement": float(found.agreement[pair, space])}
    for name in ("agreement", "partial"):
        low, high = getattr(found, f"{name}_ci95")[pair, space].tolist()
        numbers |= {
            name: float(getattr(found, name)[pair, space]),
            f"{name}_low": low,
            f"{name}_high": high,
        }
    wrong, low, high = found.agreement_wrong[pair, space].tolist()
    return numbers | {
        "wrong_images": wrong,
        "wrong_images_low": low,
        "wrong_images_high": high,
        "p_holm": float(found.agreement_p[pair, space]),
        "ceiling": float(found.ceiling[pair, space]),
        "contrast_only": float(found.contrast[pair, space]),
        "same_images_biased": float(found.same[pair, space]),
        "contrast_only_same_images": float(found.contrast_same[pair, space]),
    }


def agreement_summary(found: UnitAgreement) -> dict[str, Any]:
    """The means over pairs of every layer beside those of its twin, then pixels."""
    spaces = {
        key: _means(found, place)
        for place, key in enumerate(zip(found.kind.tolist(), found.space.tolist(), strict=True))
    }
    layers: dict[str, Any] = {}
    for (kind, name), numbers in spaces.items():
        if kind == "network":
            layers[name] = numbers
            if ("random", name) in spaces:
                layers[name]["random"] = spaces["random", name]
        elif kind == "pixels":
            layers[name] = numbers
    return {**layers, "sessions": len(found.session), "pairs": int(found.counts.sum())}


def _means(found: UnitAgreement, space: int) -> dict[str, Any]:
    counted = found.counts & ~found.biased
    names = ("ceiling", "contrast", "same", "contrast_same")
    means = {name: _mean(getattr(found, name)[counted, space]) for name in names}
    return {
        "agreement": float(found.mean[space]),
        "agreement_ci95": found.mean_ci95[space].tolist(),
        "ceiling": means["ceiling"],
        "contrast_only": means["contrast"],
        "same_images_biased": means["same"],
        "contrast_only_same_images": means["contrast_same"],
    }


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
