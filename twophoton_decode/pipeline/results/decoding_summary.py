"""What ``summary.json`` and the terminal say of decoded features."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.pipeline.stage import Numbers
from twophoton_decode.records.declaration import given
from twophoton_decode.records.deep.feature_decoding import FeatureDecoding


def summary_of(found: FeatureDecoding) -> dict[str, Any]:
    """Every layer of all cells, each beside its random twins, then pixels and Gabor energies."""
    spaces = list(zip(found.kind.tolist(), found.space.tolist(), strict=True))
    numbers = {
        each: _space(found, place) for place, each in enumerate(spaces) if each[0] != "random"
    }
    layers = {}
    for line, layer in enumerate(found.layer.tolist()):
        layers[layer] = numbers["network", layer] | _beyond(found, line)
        twins = found.twins_of(layer)
        if len(twins):
            layers[layer]["random"] = _of_twins(found, twins)
    simple = {name: each for (kind, name), each in numbers.items() if kind in ("pixels", "gabor")}
    network = [place for place, (kind, _) in enumerate(spaces) if kind == "network"]
    best = network[int(found.two_way_mean[0, network].argmax())]
    return {
        **layers,
        **simple,
        "best_layer": str(found.space[best]),
        "best_two_way": float(found.two_way_mean[0, best]),
        "candidates": int(found.candidates[-1]),
        "cells": int(found.cells[0]),
        "images": len(found.image_name),
        **_populations(found),
        **_expected(found),
    }


def told(numbers: Numbers) -> str:
    """The best layer beside its random twins and pixels."""
    from twophoton_decode.figures.canvas.numbers import number

    best = numbers[numbers["best_layer"]]
    twin = best.get("random", {}).get("two_way")
    beside = f", with random weights {number(twin)}" if twin is not None else ""
    return (
        f"two-way {number(best['two_way'])} by {numbers['best_layer']}{beside}, by pixels "
        f"{number(numbers.get('pixels', {}).get('two_way'))}, with wrong images "
        f"{number(best['wrong_image_two_way'])}"
    )


def _space(found: FeatureDecoding, place: int) -> dict[str, Any]:
    numbers = {
        "two_way": float(found.two_way_mean[0, place]),
        "two_way_ci95": found.two_way_ci95[0, place].tolist(),
        "unit_r": float(found.unit_r_mean[0, place]),
        "unit_r_ci95": found.unit_r_ci95[0, place].tolist(),
        "top1": float(found.top1[0, place, -1]),
        "median_rank": float(found.median_rank[0, place]),
        "wrong_image_two_way": float(found.two_way_wrong[0, place, 0]),
        "wrong_image_p": float(found.two_way_p[0, place]),
        "ceiling_unit_r": float(found.unit_r_infinite[0, place]),
        "ceiling_two_way": float(found.two_way_repeat[0, place]),
    }
    if found.category_two_way is not None:
        numbers["category_two_way"] = float(found.category_two_way[place])
    return numbers


def _of_twins(found: FeatureDecoding, places: np.ndarray) -> dict[str, Any]:
    """Means over the draws of random weights; of two-way and unit r also lowest and highest."""
    every = [_space(found, place) for place in places.tolist()]
    means = {
        name: float(np.mean([each[name] for each in every]))
        for name, value in every[0].items()
        if isinstance(value, float) and name != "wrong_image_p"
    }
    line = found.layer.tolist().index(found.space[places[0]])
    for name in ("two_way", "unit_r"):
        _, lowest, highest = getattr(found, f"random_{name}")[0, line].tolist()
        means |= {f"{name}_lowest": lowest, f"{name}_highest": highest}
    return means | {"draws": len(every)}


def _beyond(found: FeatureDecoding, line: int) -> dict[str, Any]:
    """How much better a layer is decoded than its controls, and when."""
    numbers: dict[str, Any] = {}
    for column, control in enumerate(found.control.tolist()):
        numbers[f"beyond_{control}"] = float(found.difference[0, line, column])
        numbers[f"beyond_{control}_ci95"] = found.difference_ci95[0, line, column].tolist()
        numbers[f"beyond_{control}_p"] = float(found.difference_p[0, line, column])
    if found.onset_s is not None and found.peak_s is not None:
        numbers |= {"onset_s": float(found.onset_s[line]), "peak_s": float(found.peak_s[line])}
    return numbers


def _expected(found: FeatureDecoding) -> dict[str, Any]:
    """Of every condition without a picture: layers that tell what was expected, and their order."""
    if found.condition is None:
        return {}
    told = {}
    for row, condition in enumerate(found.condition.tolist()):
        p, blank_p = given(found.expected_p)[row], given(found.blank_p)[row]
        onset = given(found.expected_onset_s)[row]
        told[condition] = {
            "pictures": int(given(found.expected_pictures)[row]),
            "presentations": int(given(found.expected_presentations)[row]),
            "layers": {
                layer: {
                    "expected_p": float(p[line]),
                    "blank_p": float(blank_p[line]),
                    "onset_s": float(onset[line]),
                }
                for line, layer in enumerate(found.layer.tolist())
            },
            "slope_s": float(given(found.expected_slope_s)[row]),
            "viewed_slope_s": float(given(found.viewed_slope_s)[row]),
            "slope_difference_ci95": given(found.slope_difference_ci95)[row].tolist(),
            "slope_difference_p": float(given(found.slope_difference_p)[row]),
        }
    return {"without_picture": told}


def _populations(found: FeatureDecoding) -> dict[str, Any]:
    """Two-way of every population, and the difference of differences to the first one."""
    names = found.population.tolist()
    if len(names) == 1:
        return {}
    network = np.flatnonzero(found.kind == "network")
    two_way = {
        name: dict(
            zip(found.layer.tolist(), found.two_way_mean[row, network].tolist(), strict=True)
        )
        for row, name in enumerate(names[1:], 1)
    }
    gains = {
        f"{names[other]} minus {names[1]}": dict(
            zip(found.layer.tolist(), found.gain_difference[row].tolist(), strict=True)
        )
        for row, other in enumerate(found.pair.tolist())
    }
    return {"populations": two_way, "gain_differences": gains}
