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
    parts += _networks(summary.get("deep", {}))
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
    kept = (
        f"{counted(extract.get('cells'), 'ROI')} of {number(extract.get('rois'), 0)} were kept as "
        "cells."
    )
    if origin := extract.get("imported_from"):
        return (
            f"Two-photon movies ({extract.get('movie', '')}) had been corrected for motion and "
            f"ROIs found before; their fluorescence was imported from {origin}, and {kept}"
        )
    engine = known.get(("extraction", "registration"), "suite2p")
    who = "tpdecode, which follows suite2p" if engine == "tpdecode" else "suite2p"
    return (
        f"Two-photon movies ({extract.get('movie', '')}) were corrected for motion by {who}; ROIs "
        "were found and their fluorescence taken with suite2p (Pachitariu et al., 2017), and "
        f"{kept}"
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


_DEEP = {
    "rsa": "Dissimilarities of responses were compared with those of layers of {} (Kriegeskorte et "
    "al., 2008).",
    "decode": "Layers of {} were decoded from responses by ridge regression, and pictures "
    "identified by them (Horikawa & Kamitani, 2017), beside the same networks with random weights.",
    "completion": "Degraded pictures were decoded into layers of {} by fits to intact pictures "
    "(Abdelhack & Kamitani, 2018).",
    "encode": "Responses of single cells were predicted from layers of {} with and without maps of "
    "attention.",
}
"""What was done with networks, by the key of the summary."""


def _networks(deep: Table) -> list[str]:
    """What was done with which networks, and what weights they had."""
    weights = {
        name: each.get("weights_sha256", "") for name, each in deep.get("features", {}).items()
    }
    told = []
    for key, words in _DEEP.items():
        if names := _named(deep.get(key, {})):
            told.append(words.format(" and ".join(names)))
    hashes = [f"{name}: SHA-256 {digits[:8]}…" for name, digits in weights.items() if digits]
    if told and hashes:
        told.append(f"Weights ({', '.join(hashes)}) were not changed.")
    return told


def _named(found: Table) -> list[str]:
    """The networks of a part of the summary; not their random twins, nor what is no network."""
    names = [name for name in found if name not in ("pixels", "populations", "names", "said")]
    return [name for name in names if name.partition("@")[0] not in names or "@" not in name]


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
