"""A small population whose records agree with one another, made in plain numpy.

Linear-Gaussian cells with Gabor receptive fields see patches of photographs; ridge in
pixels reconstructs them. Written out here so that the figures are tested without the
rooms that compute records; only what figures show of a record, its `with_shown`, comes
from there.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_sample_images

from twophoton_decode.analyses.cell_count.shown.everything import with_shown as count_with_shown
from twophoton_decode.analyses.cell_count.shown.means import with_means
from twophoton_decode.analyses.stability.shown import with_shown as stability_with_shown
from twophoton_decode.decoding.scoring.shown import with_shown as scores_with_shown
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses, Stability, Traces
from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.responses.shown import with_shown

IMAGES, REPEATS, CELLS, SIDE, FOLDS = 40, 6, 90, 24, 5


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson correlation over the last axis; 0 where one side is constant."""
    a, b = a - a.mean(-1, keepdims=True), b - b.mean(-1, keepdims=True)
    norm = np.sqrt((a**2).sum(-1) * (b**2).sum(-1))
    return (a * b).sum(-1) / np.where(norm > 0, norm, 1)


@cache
def pictures() -> np.ndarray:
    rng = np.random.default_rng(1)
    photographs = [photo.mean(-1) for photo in load_sample_images().images]
    patches = []
    for i in range(IMAGES):
        photo = photographs[i % 2]
        y, x = (rng.integers(0, size - 4 * SIDE) for size in photo.shape)
        patch = photo[y : y + 4 * SIDE, x : x + 4 * SIDE]
        patch = patch.reshape(SIDE, 4, SIDE, 4).mean((1, 3))
        patches.append((patch - patch.mean()) / patch.std())
    return np.array(patches, dtype=np.float32)


def receptive_fields(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    fields = []
    for _ in range(CELLS):
        cy, cx = rng.uniform(3, SIDE - 3, 2)
        angle, phase, width = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi), rng.uniform(2, 5)
        along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        envelope = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
        field = envelope * np.cos(2 * np.pi * along / (4 * width) + phase)
        fields.append((field / np.linalg.norm(field)).ravel())
    return np.array(fields)


@cache
def responses(repeats: int = REPEATS, responsive: bool = True) -> Responses:
    rng = np.random.default_rng(2)
    drive = pictures().reshape(IMAGES, -1) @ receptive_fields(rng).T
    drive = np.maximum(drive / drive.std() - 0.5, 0)
    image = np.repeat(np.arange(IMAGES), repeats)
    gain = rng.gamma(6, 1 / 6, (image.size, CELLS))
    response = 0.2 * (drive[image] * gain + 0.3 * rng.standard_normal(gain.shape))
    average = np.array([response[image == i].mean(0) for i in range(IMAGES)])
    pairs = (average > 0.15).T & responsive & (repeats > 1)
    mean, square = np.maximum(average, 0).mean, (np.maximum(average, 0) ** 2).mean
    described = {
        "visually_responsive": pairs.any(1),
        "population_sparseness": (1 - mean(1) ** 2 / square(1)) / (1 - 1 / CELLS),
        "lifetime_sparseness": (1 - mean(0) ** 2 / square(0)) / (1 - 1 / IMAGES),
        "reliability": np.full(CELLS, 0.7 if repeats > 1 else np.nan),
        "explainable_variance": np.full(CELLS, 0.5 if repeats > 1 else np.nan),
    }
    made = Responses(
        **PopulationStatistics.undefined(CELLS, IMAGES) | described,
        response=response,
        image=image,
        repeat=np.tile(np.arange(repeats), IMAGES),
        onset_s=np.arange(image.size) * 2.0,
        picture=pictures(),
        image_name=np.array([f"photo{i:03d}.png" for i in range(IMAGES)]),
        roi=np.arange(CELLS),
        responsive=pairs,
        responsive_others=pairs.T[image],
        excluded_line=np.array([7]),
        excluded_reason=np.array(["moving = 1"]),
        response_unit="ΔF/F",
        has_baseline=True,
        responsiveness_test="one-sided t test" if repeats > 1 else "one repeat only",
        dropped_cells=2,
        dropped_rois=[11, 30],
        notes=["3 presentations were out of order in the log and sorted"],
    )
    return with_shown(made)


def with_an_unseen_image() -> Responses:
    """The same responses, with an image put first that was never shown."""
    shown = responses()
    fields = {
        name: np.insert(getattr(shown, name), 0, 0, axis=spec.axes.index("image"))
        for name, spec in shown.arrays()
        if "image" in spec.axes and getattr(shown, name) is not None
    }
    return dataclasses.replace(shown, image=shown.image + 1, **fields)


def fitted(shown: Responses, strength: float) -> dict[str, np.ndarray]:
    """Ridge in pixels by folds over images: the affine decoder of each fold."""
    fold = np.arange(IMAGES) % FOLDS
    flat = shown.picture.reshape(IMAGES, -1).astype(float)
    mean_picture, mean_response, filters = [], [], []
    for f in range(FOLDS):
        train = fold[shown.image] != f
        R, S = shown.response[train], flat[shown.image[train]]
        centred = R - R.mean(0)
        gram = centred.T @ centred + strength * np.eye(shown.cells)
        filters.append(np.linalg.solve(gram, centred.T @ (S - S.mean(0))))
        mean_picture.append(S.mean(0))
        mean_response.append(R.mean(0))
    return {
        "fold": fold,
        "mean_picture": np.array(mean_picture),
        "mean_response": np.array(mean_response),
        "reverse_filter": np.array(filters),
    }


@cache
def reconstruction(
    decoder: str = "ridge", strength: float = 10.0, repeats: int = REPEATS, responsive: bool = True
) -> Reconstruction:
    shown = responses(repeats, responsive)
    fit = fitted(shown, strength)
    fold, flat = fit["fold"], shown.picture.reshape(IMAGES, -1)

    def decode(response: np.ndarray, folds: np.ndarray) -> np.ndarray:
        centred = response - fit["mean_response"][folds]
        return fit["mean_picture"][folds] + np.einsum(
            "tk,tkp->tp", centred, fit["reverse_filter"][folds]
        )

    single, average = decode(shown.response, fold[shown.image]), decode(shown.averages(), fold)
    centre = fit["mean_picture"][fold]
    per_trial = correlation(flat[shown.image] - centre[shown.image], single - centre[shown.image])
    r_single = np.bincount(shown.image, per_trial) / repeats
    r_average = correlation(flat - centre, average - centre)
    shape = (-1, SIDE, SIDE)
    chance = np.random.default_rng(3).normal(0, 0.03, 20)
    counts = np.array([2, 5, 10, 20, IMAGES])
    top1 = np.linspace(0.2, 1, IMAGES)[:, None] ** np.log2(counts)

    def spread(values: np.ndarray) -> tuple[float, float]:
        half = 1.96 * values.std() / np.sqrt(values.size)
        return values.mean() - half, values.mean() + half

    other: dict[str, Any] = dict.fromkeys(
        ("cd_single", "cd_average", "r_raw", "cd_paper", "ssim", "two_way_single"),
        np.full(IMAGES, 0.1),
    )
    made = Reconstruction(
        **{**fit, "mean_picture": fit["mean_picture"].reshape(shape)},
        **other,
        picture=shown.picture,
        image_name=shown.image_name,
        image=shown.image,
        single=single.reshape(shape),
        average=average.reshape(shape),
        r_single=r_single,
        r_average=r_average,
        two_way_average=np.full(IMAGES, 0.9),
        r_octave=np.full((IMAGES, 4), 0.2),
        r_octave_ci95=np.tile([0.1, 0.3], (4, 1)),
        r_octave_p=np.full(4, 0.001),
        r_low=0.7 * r_average,
        octave_low=2.0 ** np.arange(4),
        pool_name=["session"],
        pool_size=[IMAGES],
        candidates=counts,
        top1_single=0.8 * top1[None],
        top1_average=top1[None],
        top1_single_ci95=np.stack([0.6 * top1.mean(0), top1.mean(0)], -1)[None],
        top1_average_ci95=np.stack([0.8 * top1.mean(0), 1.2 * top1.mean(0)], -1)[None],
        rank_single=np.linspace(9, 1, IMAGES)[None],
        rank_average=np.linspace(6, 1, IMAGES)[None],
        feature_ceiling_r=np.full(IMAGES, 0.98),
        chance_r=chance,
        chance_r_single=0.7 * chance,
        strength=np.full(FOLDS, strength),
        transform=np.full(FOLDS, "none"),
        decoder=decoder,
        features="gabor",
        r_average_ci95=spread(r_average),
        r_single_ci95=spread(r_single),
        p_value=1 / 21,
        noise_ceiling_r=1.1 * r_average.mean() if repeats > 1 else np.nan,
        constant_reconstructions=0,
        warnings=["90 cells and 192 training presentations: minimum-norm fits peak near 1"],
    )
    return scores_with_shown(made)


def by_decoder() -> dict[str, Reconstruction]:
    return {
        "all-cells": reconstruction("all-cells", 1e-3),
        "cell-selection": reconstruction("cell-selection", 1.0),
        "ridge": reconstruction(),
    }


def controls(r: np.ndarray) -> dict[str, Any]:
    """Fields of the controls, made from the curves by shrinking them."""
    counts = [5, 10, 20, 50]
    names = ("random", "weakest", "contribution", "all")
    entries = len(names) * len(counts)
    return {
        "r_weakest": r[:, -1:] * np.linspace(0, 1, r.shape[1]) ** 2,
        "r_contribution": 0.95 * r,
        "r_random": 0.5 * r,
        "r_random_draw": np.linspace(0.4, 0.6, 20)[:, None] * r.mean(0),
        "compared_with": np.repeat(names, len(counts)),
        "compared_cells": np.tile(counts, len(names)),
        "compared_gain": np.linspace(0.2, -0.1, entries),
        "compared_gain_low": np.linspace(0.15, -0.15, entries),
        "compared_gain_high": np.linspace(0.25, -0.05, entries),
        "compared_effect": np.linspace(0.9, -0.5, entries),
        "compared_p": np.geomspace(1e-6, 0.5, entries),
        "compared_p_holm": np.minimum(16 * np.geomspace(1e-6, 0.5, entries), 1),
        "refitted_cells": np.arange(31),
        "r_refitted": 1.1 * r[:, :31],
        "cd_refitted": r[:, :31],
        "learning_images": [8, 16, 24, 32, 32, 32],
        "learning_repeats": [6, 6, 6, 6, 1, 2],
        "r_learning": r[:, -1:] * np.array([0.4, 0.7, 0.9, 1.0, 0.6, 0.8]),
        "not_refitted": "",
    }


@cache
def curves(responsive: bool = True) -> CellCountCurves:
    shown, made = responses(REPEATS, responsive), reconstruction("ridge", 10.0, REPEATS, responsive)
    flat = shown.picture.reshape(IMAGES, -1)
    r, wrong = np.zeros((2, IMAGES, CELLS + 1))
    resp = shown.responsive_others.sum(1)
    for t, i in enumerate(shown.image):
        f = made.fold[i]
        order = np.lexsort((-shown.response[t], ~shown.responsive_others[t]))
        parts = (shown.response[t] - made.mean_response[f])[:, None] * made.reverse_filter[f]
        grown = np.vstack([np.zeros(SIDE**2), np.cumsum(parts[order], 0)])
        centred = flat - made.mean_picture[f].ravel()
        r[i] += correlation(grown, centred[i]) / REPEATS
        wrong[i] += correlation(grown, centred[(i + 7) % IMAGES]) / REPEATS
    n_resp = np.bincount(shown.image, resp) / REPEATS
    used = n_resp >= 10
    last = n_resp.astype(int)
    nan = np.where(used, 0.0, np.nan)
    best = np.array([r[i, : last[i] + 1].argmax() for i in range(IMAGES)])
    mean_curve = r.mean(0)
    reached = np.flatnonzero(mean_curve >= 0.95 * mean_curve[-1])[0]
    rows = np.arange(IMAGES)
    heldout = np.array([(r.sum(0) - r[i]).argmax() for i in rows])
    gain = (r[rows, best] - r[:, -1] + nan)[used].mean() if used.any() else np.nan
    half = 1.96 * r[:, -1].std() / np.sqrt(IMAGES)
    made_curves = CellCountCurves(
        cells=np.arange(CELLS + 1),
        r=r,
        cd=r - 0.1,
        r_other_order=r,
        r_wrong=wrong,
        **controls(r),
        responsive_cells=n_resp,
        used=used,
        r_all=r[:, -1],
        r_responsive=r[rows, last] + nan,
        r_max=r[rows, best] + nan,
        cells_max=best + nan,
        r_all_wrong=wrong[:, -1],
        r_responsive_wrong=wrong[rows, last] + nan,
        r_max_wrong=np.array([wrong[i, : last[i] + 1].max() for i in rows]) + nan,
        r_heldout=r[rows, heldout],
        cells_heldout=heldout,
        max_gain=gain,
        max_gain_wrong=np.random.default_rng(4).normal(0.01, 0.005, 200 if used.any() else 0),
        max_gain_p=0.004 if used.any() else np.nan,
        cells_95=float(reached),
        cells_95_ci95=(reached - 4.0, reached + 6.0),
        cells_95_stays=float(reached),
        widening=1.3,
        suffice_cells=[5, 20],
        suffice_margin=[-0.05, 0.01],
        suffice_margin_low=[-0.08, -0.01],
        suffice_margin_high=[-0.02, 0.03],
        suffice_p=[0.99, 0.04],
        informative=np.arange(CELLS) < 15,
        reliable=np.arange(CELLS) < 20,
        informative_p=np.where(np.arange(CELLS) < 15, 1e-4, 0.5),
        encoding_r=np.where(np.arange(CELLS) < 15, 0.5, 0.0),
        informative_cells=15.0,
        informative_cells_ci95=(12.0, 16.0),
        informative_cells_told=True,
        strong_count=np.arange(CELLS + 1),
        r_strong=np.maximum(r, 0.8 * r[:, -1:] * (np.arange(CELLS + 1) > 0)),
        strong_cells=6.0,
        strong_cells_ci95=(5.0, 7.0),
        r_all_ci95=(r[:, -1].mean() - half, r[:, -1].mean() + half),
        p_heldout_all=0.3,
        p_max_all=1e-5 if used.any() else np.nan,
        p_responsive_all=0.2 if used.any() else np.nan,
        decoder="ridge",
        order_unit="ΔF/F",
        omitted="mean",
        minimum_responsive=10,
        unavailable="" if used.any() else "0 images have 10 or more responsive cells.",
    )
    return count_with_shown(made_curves, made, shown)


def perturbed(made: Reconstruction) -> dict[str, Any]:
    """Drop-out that costs more with active cells, and surrogates below the recording."""
    removed = np.array([0, 1, 2, 5, 10, 20])
    rng = np.random.default_rng(6)
    score = made.r_single[:, None] - 0.005 * removed
    test = {"low": score[0] - 0.05, "high": score[0], "p": np.full(6, 0.04), "effect": score[0]}
    dropped: dict[str, Any] = {}
    for measure in ("r", "similarity"):
        dropped[f"dropout_{measure}"] = score
        dropped[f"dropout_{measure}_random"] = made.r_single[:, None] - 0.001 * removed
        dropped |= {f"dropout_{measure}_{name}": values for name, values in test.items()}
    return dropped | {
        "perturbed": np.ones(IMAGES, dtype=bool),
        "removed": removed,
        "permuted_weights": rng.normal(0.3, 0.03, 50),
        "shuffled_trials": rng.normal(0.6, 0.01, 50),
        "similarity_perturbed": 0.58,
        "permuted_weights_p": 1 / 51,
        "permuted_weights_effect": 9.3,
        "shuffled_trials_p": 2 / 51,
        "shuffled_trials_effect": -2.0,
        "similarity_allowed": 0.6,
        "similarity_beyond_allowed": -0.02,
        "similarity_beyond_allowed_ci95": (-0.035, -0.005),
    }


@cache
def stability() -> Stability:
    shown, made = responses(), reconstruction()
    flat = made.single.reshape(made.image.size, -1) - made.mean_picture[
        made.fold[made.image]
    ].reshape(made.image.size, -1)
    fields: dict[str, np.ndarray] = {}
    for name, values in (("reconstruction", flat), ("response", shown.response)):
        own, other, variability = np.zeros((3, IMAGES))
        averages = np.array([values[made.image == i].mean(0) for i in range(IMAGES)])
        for i in range(IMAGES):
            trials = values[made.image == i]
            rest = (trials.sum(0) - trials) / (REPEATS - 1)
            own[i] = correlation(trials, rest).mean()
            elsewhere = np.delete(averages, i, axis=0)
            other[i] = correlation(trials[:, None], elsewhere[None]).mean()
            variability[i] = (((trials - rest) ** 2).sum(1) / (rest**2).sum(1)).mean()
        fields |= {
            f"{name}_similarity": own,
            f"{name}_similarity_including": own + 0.03,
            f"{name}_similarity_other": other,
            f"{name}_split_half": own,
            f"{name}_variability": variability,
            f"{name}_variability_including": 0.8 * variability,
        }
    found = Stability(
        **fields,
        responsive_cells=shown.responsive.sum(0),
        repeats=shown.repeats_per_image,
        **perturbed(made),
        similarity_of_trial=np.full(made.image.size, 0.6),
        gain_of_trial=np.zeros(made.image.size),
        similarity_correlation=0.61,
        p_reconstruction_over_other=3e-8,
        p_reconstruction_over_response=2e-4,
        reconstruction_similarity_ci95=(0.5, 0.7),
        response_similarity_ci95=(0.3, 0.4),
        similarity_difference_ci95=(0.4, 0.6),
        gain_correlation=0.12,
        gain_p=0.03,
        decoder="ridge",
        notes=[],
    )
    return stability_with_shown(found, made, shown)


@cache
def traces() -> Traces:
    """A field of view of 96 x 128 px with round cells, of which 90 are classified as such."""
    rng = np.random.default_rng(5)
    rois, height, width = CELLS + 40, 96, 128
    y, x = np.mgrid[:height, :width]
    image = 200 + 40 * rng.standard_normal((height, width))
    pixels: list[np.ndarray] = []
    centres = rng.uniform([5, 5], [height - 5, width - 5], (rois, 2))
    for r, (cy, cx) in enumerate(centres):
        inside = (y - cy) ** 2 + (x - cx) ** 2 < rng.uniform(2.5, 4) ** 2
        image[inside] += 500 if r < CELLS else 150
        pixels.append(np.argwhere(inside))
    stacked = np.vstack(pixels)
    signal = rng.standard_normal((rois, 10))
    return Traces(
        fluorescence=signal,
        neuropil=signal,
        deconvolved=signal,
        is_cell=np.arange(rois) < CELLS,
        cell_probability=np.where(np.arange(rois) < CELLS, 0.9, 0.1),
        plane=np.zeros(rois),
        center_y=centres[:, 0],
        center_x=centres[:, 1],
        pixel_offset=np.cumsum([0, *(len(p) for p in pixels)]),
        pixel_y=stacked[:, 0],
        pixel_x=stacked[:, 1],
        pixel_weight=np.ones(len(stacked)),
        mean_image=image[None],
        motion_y=np.zeros((1, 10)),
        motion_x=np.zeros((1, 10)),
        bad_frame=np.zeros(10),
        plane_delay_s=np.zeros(1),
        frame_rate_hz=8.0,
        intensity_offset=0.0,
        intensity_scale=1.0,
    )


def changed(record: Any, **fields: Any) -> Any:
    """A record with other fields, and without what figures show, which followed from the old."""
    gone = {name: None for name, spec in record.arrays() if spec.later}
    return dataclasses.replace(record, **gone | fields)


def changed_scores(made: Reconstruction, **fields: Any) -> Reconstruction:
    """A reconstruction with other fields, and what figures show of it then."""
    return scores_with_shown(changed(made, **fields))


def changed_counts(found: CellCountCurves, **fields: Any) -> CellCountCurves:
    """Curves with other fields, and the means that figures show of them then."""
    return with_means(changed(found, **fields))


def with_pictures(
    found: CellCountCurves, made: Reconstruction, shown: Responses
) -> CellCountCurves:
    """Curves with the pictures that a reconstruction and its responses give."""
    return count_with_shown(changed(found), made, shown)


def first_cells(cells: int) -> CellCountCurves:
    """The curves up to so many cells, as if there were no more."""
    made = curves()
    cut = {
        name: getattr(made, name)[..., : cells + 1]
        for name, spec in made.arrays()
        if spec.axes[-1] == "count" and not spec.later
    }
    return changed_counts(made, **cut)
