"""Does a map of attention help to predict what single cells do, beyond any map?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twophoton_decode.deep.attention.held_out import (
    MEAN,
    OFF,
    ON,
    OTHER,
    HeldOut,
    Layer,
    ShownImages,
    with_attention,
    without_maps,
)
from twophoton_decode.deep.attention.layout import layout_fields
from twophoton_decode.deep.attention.maps import AttentionMaps
from twophoton_decode.encoding.prediction import (
    noise_ceiling_r,
    prediction_r,
    resampled_r,
    widened_interval,
)
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.deep.attention import AttentionEncoding
from twophoton_decode.records.deep.feature_set import FeatureSet
from twophoton_decode.records.encoding import Encoding
from twophoton_decode.settings import DecodingSettings, EncodingSettings
from twophoton_decode.statistics.defined import mean, median, medians_of
from twophoton_decode.statistics.image_mean import SHARED_TRAINING
from twophoton_decode.statistics.permutation import discovery_cut, two_sided_p

R_BINS = (0.1, 0.2, 0.3)
_MEDIANS = ("r_off", "r_on", "r_other_map", "r_mean_map", "r_pixels", "noise_ceiling_r")
_EXAMPLES = 6


@dataclass(frozen=True, eq=False)
class Networks:
    """Layers of a network and of its random twin, for the images that were shown."""

    own: FeatureSet
    twin: FeatureSet
    layers: Mapping[str, Layer]
    twin_layers: Mapping[str, Layer]


def attention_encoding(
    shown: ShownImages,
    picture: np.ndarray,
    networks: Networks,
    maps: AttentionMaps,
    cells: Encoding,
    reliability: np.ndarray,
    decoding: DecodingSettings,
    settings: EncodingSettings,
    notes: list[str],
    progress: Progress = silent,
) -> AttentionEncoding:
    """Predict every cell with and without attention, and lay the cells out.

    Parameters
    ----------
    shown : ShownImages
    picture : ndarray, shape (image, y, x)
        The pictures at working size.
    networks : Networks
    maps : AttentionMaps
        What made `shown.maps`.
    cells : Encoding
        Where the cells lie, and their receptive fields.
    reliability : ndarray, shape (cell,)
        Split-half reliability of the mean responses.
    decoding, settings
        Bootstraps, seed; false discovery rate.
    notes : list of str
        What was said before.

    Raises
    ------
    MissingExtraError
        umap-learn is not installed.
    """
    found = with_attention(shown, networks.layers, decoding.seed, progress)
    r = r_of_maps(found, shown.response)
    fields: dict[str, Any] = {
        **r,
        **chance_and_p(found, shown.exchanged, r, settings.false_discovery_rate),
    }
    shown_cells = r["r_on"] if fields["predicted"].any() else None
    laid_out, about_layout = layout_fields(found, shown_cells, cells, decoding.seed, progress)
    ceiling = noise_ceiling_r(reliability)
    record = AttentionEncoding(
        **fields,
        **differences(found, shown, decoding.bootstraps, decoding.seed),
        **_controls(shown, picture, found, networks, progress),
        **laid_out,
        **_examples(shown, picture),
        r_bin=np.where(r["r_on"] > 0, np.digitize(r["r_on"], R_BINS), -1),
        noise_ceiling_r=ceiling,
        fold_layer=found.layer,
        fold_strength=found.strength,
        position_x=cells.position_x,
        position_y=cells.position_y,
        plane=cells.plane,
        field_x=cells.centre_x,
        field_y=cells.centre_y,
        images=len(shown.response),
        network=networks.own.network,
        sha256=networks.own.sha256,
        twin=networks.twin.network,
        attention=maps.source,
        attention_sha256=maps.sha256,
        notes=[
            *notes,
            *maps.notes,
            *_about_sizes(maps, networks, found),
            *_about_folds(shown),
            *about_layout,
            *_about_cells(r["r_on"]),
        ],
    )
    return _with_summaries(record)


def r_of_maps(found: HeldOut, measured: np.ndarray) -> dict[str, np.ndarray]:
    """Held-out r of every cell with each kind of map, and what the own map adds."""
    off, on, common = (prediction_r(found.predicted[key], measured) for key in (OFF, ON, MEAN))
    other = np.mean([prediction_r(each, measured) for each in found.predicted[OTHER]], axis=0)
    return {
        "r_off": off,
        "r_on": on,
        "r_other_map": other,
        "r_mean_map": common,
        "delta": on - off,
        "delta_counted": on - np.maximum(other, common),
    }


def chance_and_p(
    found: HeldOut, exchanged: np.ndarray, r: Mapping[str, np.ndarray], rate: float
) -> dict[str, np.ndarray]:
    """r with exchanged images, two-sided p of each cell, and which cells are predicted."""
    chance = np.stack([prediction_r(found.chance[key], exchanged) for key in (OFF, ON)])
    chance = chance[:, np.isfinite(chance).all(axis=0)]
    value = np.stack([r["r_off"], r["r_on"]])
    # One test a cell: the larger r against the larger of both by chance, of the same exchange.
    larger = value.max(axis=0)
    p = _p_of(larger, chance.max(axis=0))
    return {
        "chance_r_off": chance[0],
        "chance_r_on": chance[1],
        "p_off": _p_of(value[0], chance[0]),
        "p_on": _p_of(value[1], chance[1]),
        "p_either": p,
        "predicted": (p <= discovery_cut(p, rate)) & (larger > 0),
    }


def _p_of(value: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Two-sided p of each cell, NaN where its r is."""
    return np.array([two_sided_p(each, chance) if np.isfinite(each) else np.nan for each in value])


def differences(found: HeldOut, shown: ShownImages, resamplings: int, seed: int) -> dict[str, Any]:
    """Means over cells of what the own map adds to none, to others and to the mean one.

    Their errors are widened as those of every cross-validated mean (`SHARED_TRAINING`): by 1.2,
    as of a median over cells, 89 to 97 % of intervals held the truth in simulations [ours].
    """
    measured, content = shown.response, shown.content
    r = r_of_maps(found, measured)
    known = np.isfinite(r["r_on"])

    def resampled(predicted: np.ndarray) -> np.ndarray:
        drawn = resampled_r(predicted[:, known], measured[:, known], content, resamplings, seed)
        return drawn.mean(axis=1)

    drawn = {key: resampled(found.predicted[key]) for key in (OFF, ON, MEAN)}
    drawn[OTHER] = np.mean([resampled(each) for each in found.predicted[OTHER]], axis=0)

    def beyond(key: str, field: str) -> tuple[float, tuple[float, float]]:
        value = mean(r["r_on"] - r[field])
        images = len(np.unique(content))
        return value, widened_interval(value, drawn[ON] - drawn[key], images, SHARED_TRAINING)

    _, delta_ci = beyond(OFF, "r_off")
    other, other_ci = beyond(OTHER, "r_other_map")
    common, common_ci = beyond(MEAN, "r_mean_map")
    return {
        "delta_ci95": delta_ci,
        "beyond_other": other,
        "beyond_other_ci95": other_ci,
        "beyond_mean": common,
        "beyond_mean_ci95": common_ci,
    }


def _controls(
    shown: ShownImages,
    picture: np.ndarray,
    found: HeldOut,
    networks: Networks,
    progress: Progress,
) -> dict[str, Any]:
    """r of pixels, and of every layer with trained and with random weights."""
    pixels = picture.reshape(len(picture), -1).astype(np.float64)
    of_twin = [
        without_maps(shown, layer.value, progress, f"layer {name} with random weights")
        for name, layer in networks.twin_layers.items()
    ]
    return {
        "r_pixels": prediction_r(without_maps(shown, pixels, progress, "pixels"), shown.response),
        "layer_r": np.stack([prediction_r(each, shown.response) for each in found.of_layer]),
        "layer_r_random": np.stack([prediction_r(each, shown.response) for each in of_twin]),
        "layer": np.array(list(networks.layers)),
    }


def _examples(shown: ShownImages, picture: np.ndarray) -> dict[str, Any]:
    count = min(_EXAMPLES, len(picture))
    example = np.linspace(0, len(picture) - 1, count).astype(np.int64)
    return {
        "example_image": example,
        "example_picture": picture[example],
        "example_map": shown.maps[example],
        "mean_map": shown.maps.mean(axis=0),
    }


def _about_sizes(maps: AttentionMaps, networks: Networks, found: HeldOut) -> list[str]:
    """How maps were brought to the layers that were used, which are others than theirs."""
    own = maps.value.shape[-1]
    sides = {name: networks.layers[name].side for name in dict.fromkeys(found.layer.tolist())}
    ways = {
        name: "averaged" if side < own else "enlarged"
        for name, side in sides.items()
        if side != own
    }
    told = ", ".join(
        f"{way} to the {sides[name]} × {sides[name]} of {name}" for name, way in ways.items()
    )
    return [
        f"attention ({maps.source}, {own} × {own} places) is {told} of {networks.own.network}."
    ] * bool(ways)


def _about_folds(shown: ShownImages) -> list[str]:
    """Folds in which no tested image can have the map of another tested one."""
    folds = int(shown.fold.max()) + 1
    alone = sum(len(np.unique(shown.content[shown.fold == each])) < 2 for each in range(folds))
    return [
        f"in {alone} of {folds} folds all tested pictures show nearly the same: in place of their "
        "own map they get those of training pictures."
    ] * bool(alone)


def _about_cells(r: np.ndarray) -> list[str]:
    grey, silent_cells = int(np.count_nonzero(r <= 0)), int(np.isnan(r).sum())
    kinds = {
        "are not predicted (r is not above 0): they are grey and not laid out": grey,
        "respond alike to every image and have no r": silent_cells,
    }
    return [f"{count} of {len(r)} cells {what}." for what, count in kinds.items() if count]


def _with_summaries(record: AttentionEncoding) -> AttentionEncoding:
    """The record with the medians, means and counts that figures and ``summary.json`` show."""
    layers = {
        f"{kind}:{name}": median(values)
        for kind in ("layer_r", "layer_r_random")
        for name, values in zip(record.layer.tolist(), getattr(record, kind), strict=True)
    }
    in_bins = {
        f"bin:{place}": int(np.count_nonzero(record.r_bin == place)) for place in range(-1, 4)
    }
    return replace(
        record,
        medians=medians_of(record, _MEDIANS) | layers,
        means={"delta": mean(record.delta), "delta_counted": mean(record.delta_counted)},
        counts=in_bins
        | {
            "predicted": int(record.predicted.sum()),
            "below_one_percent": int(np.count_nonzero(record.p_off < 0.01)),
        },
    )
