"""The numbers behind the figure of degraded pictures."""

from __future__ import annotations

from twophoton_decode.records.deep.degraded_decoding import DegradedDecoding
from twophoton_decode.records.table import Column, Table


def space_table(found: DegradedDecoding) -> Table:
    """One row for each degradation and space; columns that test nothing say ``biased``."""
    rows, spaces = len(found.degradation), len(found.space)
    table: dict[str, Column] = {
        "degradation": [name for name in found.degradation.tolist() for _ in range(spaces)],
        "features": found.kind.tolist() * rows,
        "layer": found.space.tolist() * rows,
    }
    for name in ("r_original", "r_shown", "r_wrong", "delta"):
        table[name] = getattr(found, f"{name}_mean").ravel()
    table["r_intact"] = found.r_intact.tolist() * rows
    first, second = (found.group_delta[:, place].ravel() for place in (0, 1))
    names = {
        "after minus before": ("delta_before", "delta_after"),
        "familiar minus unfamiliar, after minus before": (
            "delta_change_familiar", "delta_change_unfamiliar",
        ),
    }.get(found.design, ("delta_familiar", "delta_unfamiliar"))  # fmt: skip
    table |= dict(zip(names, (first, second), strict=True))
    for place, name in enumerate(("first_group_originals", "second_group_originals")):
        table[name] = [n for n in found.group_pictures[:, place].tolist() for _ in range(spaces)]
    ends = found.design_difference_ci95
    return table | {
        "design_difference": found.design_difference.ravel(),
        "design_difference_ci95_low": ends[..., 0].ravel(),
        "design_difference_ci95_high": ends[..., 1].ravel(),
        "design_difference_p": found.design_difference_p.ravel(),
        "biased_gain_over_noise_matched_features": found.noise_matched_mean.ravel(),
        "biased_gain_over_encoding_models": found.stimulus_driven_mean.ravel(),
    }


def planning_table(found: DegradedDecoding) -> Table:
    """One row for each space and shift of the responses to familiar pictures."""
    shares = len(found.strength)
    return {
        "features": [kind for kind in found.kind.tolist() for _ in range(shares)],
        "layer": [name for name in found.space.tolist() for _ in range(shares)],
        "moved_towards_original": found.strength.tolist() * len(found.space),
        "shift_of_delta": found.planned_shift.ravel(),
        "pictures_in_each_group": found.planned_pictures.ravel(),
        "pictures_in_each_group_all_layers": found.planned_pictures_all.ravel(),
    }


def picture_table(found: DegradedDecoding) -> Table:
    """One row for each degraded picture, Δ of every layer of the network."""
    table: dict[str, Column] = {
        "degraded": found.degraded_name.tolist(),
        "original": found.original_name.tolist(),
        "degradation": found.degradation_of.tolist(),
        "familiar": found.familiar,
        "picture_r": found.picture_r,
        "fold": found.fold,
    }
    for row, (kind, name) in enumerate(zip(found.kind, found.space, strict=True)):
        if kind == "network":
            table[f"delta_{name}"] = found.delta[row]
    return table
