"""A methods paragraph ready to paste, with the settings that were used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twophoton_decode.figures.canvas.numbers import counted, interval, number

Table = Mapping[str, Any]
Setting = tuple[str, str, Any, str]
Known = Mapping[tuple[str, str], Any]


def methods_paragraph(
    summary: Table, settings: Sequence[Setting], best: str | None, version: str
) -> str:
    """What was done from the movie to the score of the leading decoder; empty without responses."""
    if "respond" not in summary:
        return ""
    known = {(section, key): value for section, key, value, _ in settings}
    parts = [_recorded(summary, known), _evoked(summary, known)]
    if best is not None and not summary["reconstruct"][best].get("unavailable"):
        parts += [_decoded(summary, known, best), _scored(summary["reconstruct"][best])]
    parts.append(f"Analyses were done with tpdecode {version}.")
    return " ".join(part for part in parts if part)


def _recorded(summary: Table, known: Known) -> str:
    extract, respond = summary.get("extract", {}), summary["respond"]
    if not extract:
        return (
            f"Responses of {counted(respond.get('cells'), 'cell')} to "
            f"{counted(respond.get('images'), 'picture')} "
            f"({counted(respond.get('presentations'), 'presentation')}) were imported as arrays."
        )
    engine = known.get(("extraction", "registration"), "suite2p")
    who = "tpdecode, which follows suite2p" if engine == "tpdecode" else "suite2p"
    return (
        f"Two-photon movies ({extract.get('movie', '')}) were corrected for motion by {who}; ROIs "
        "were found and their fluorescence taken with suite2p (Pachitariu et al., 2017), and "
        f"{counted(extract.get('cells'), 'ROI')} of {number(extract.get('rois'), 0)} were kept as "
        "cells."
    )


def _evoked(summary: Table, known: Known) -> str:
    if "extract" not in summary:
        return ""
    neuropil = known.get(("traces", "neuropil_coefficient"))
    signal = {"dff": "ΔF/F", "corrected": "F − c·Fneu"}.get(
        known.get(("traces", "signal"), "dff"), "deconvolved activity"
    )
    subtracted = "not subtracted" if neuropil == 0 else f"subtracted {neuropil} times"
    if neuropil == "estimated":
        subtracted = "subtracted with a coefficient estimated for each cell"
    window = known.get(("responses", "response_window_s"))
    before = known.get(("responses", "baseline_window_s"))
    if window is None or before is None or neuropil is None:
        return ""
    return (
        f"Neuropil was {subtracted}. Evoked responses are mean {signal} from "
        f"{window[0]:g} to {window[1]:g} s after the onset less that from {before[0]:g} to "
        f"{before[1]:g} s. {_tested(known)}"
    )


def _tested(known: Known) -> str:
    test = known.get(("responses", "responsive_test"))
    rate = known.get(("responses", "false_discovery_rate"))
    if test is None or rate is None:
        return ""
    return (
        f"Which cells respond to a picture was tested over repeats ({test}), at a false discovery "
        f"rate of {100 * rate:g} % over all pairs of cells and pictures."
    )


def _decoded(summary: Table, known: Known, best: str) -> str:
    scores, respond = summary["reconstruct"][best], summary["respond"]
    folds, size = known.get(("decoding", "folds")), known.get(("images", "size_px"))
    side = f" ({size} × {size} pixels)" if size else ""
    features = scores.get("features")
    through = f" through {features} features" if isinstance(features, str) else ""
    how = f"{folds}-fold cross-validation" if folds else "cross-validation"
    if folds and _images(respond) and folds >= _images(respond):
        how = "leave-one-out cross-validation"
    return (
        f"The {number(respond.get('images'), 0)} pictures{side} were reconstructed from responses "
        f"with the decoder “{best}”{through} in {how} over "
        "pictures, so that no picture was reconstructed by a decoder fitted to it (after Yoshida & "
        "Ohki, 2020)."
    )


def _images(respond: Table) -> int:
    return int(respond.get("images") or 0)


def _scored(scores: Table) -> str:
    permutations = scores.get("permutations")
    chance = (
        f"; chance, from {counted(permutations, 'refit')} with permuted pictures, was "
        f"{number(scores.get('chance_r'))}"
        if permutations
        else ""
    )
    return (
        "Scores are Pearson's correlation over pixels with the mean training picture subtracted: "
        f"R = {number(scores.get('r_average'))} for means over trials (95 % interval "
        f"{interval(scores.get('r_average_ci95') or (None, None))}), "
        f"{number(scores.get('r_single'))} for single trials{chance}."
    )
