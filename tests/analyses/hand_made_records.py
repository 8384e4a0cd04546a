"""Records made by hand, with a known relation between cells and images."""

from __future__ import annotations

import dataclasses

import numpy as np

from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.records.fields.population import PopulationStatistics


def responses_of(response, image, picture, *, responsive_others=None, responsive=None):
    presentations, cells = response.shape
    images = len(picture)
    repeat = np.array([np.count_nonzero(image[:t] == image[t]) for t in range(presentations)])
    if responsive_others is None:
        responsive_others = response > 1.0
    if responsive is None:
        responsive = np.ones((cells, images), bool)
    return Responses(
        **PopulationStatistics.undefined(cells, images),
        response=response,
        image=image,
        repeat=repeat,
        onset_s=np.full(presentations, np.nan),
        picture=picture,
        image_name=[str(i) for i in range(images)],
        roi=np.full(cells, -1),
        responsive=responsive,
        responsive_others=responsive_others,
        excluded_line=[],
        excluded_reason=[],
        response_unit="a.u.",
        has_baseline=False,
        responsiveness_test="by hand",
        dropped_cells=0,
        dropped_rois=[],
        notes=[],
    )


def reconstruction_of(responses, fold, mean_picture, mean_response, reverse_filter):
    """The affine reconstructions that the filters give; scores are left at zero."""
    images = responses.images
    shape = responses.picture.shape[1:]
    of = np.asarray(fold)[responses.image]
    gain = responses.response - np.asarray(mean_response)[of]
    single = np.einsum("tk,tkp->tp", gain, np.asarray(reverse_filter, float)[of])
    single = single.reshape(-1, *shape) + np.asarray(mean_picture)[of]
    average = np.stack([single[responses.image == i].mean(axis=0) for i in range(images)])
    zeros = np.zeros(images)
    names = [name for name, spec in Reconstruction.arrays() if spec.axes == ("image",)]
    scores = {name: zeros for name in names if name not in ("image_name", "fold", "content")}
    return Reconstruction(
        picture=responses.picture,
        image_name=responses.image_name,
        fold=fold,
        image=responses.image,
        single=single,
        average=average,
        mean_picture=mean_picture,
        mean_response=mean_response,
        reverse_filter=reverse_filter,
        **scores,
        r_octave=np.zeros((images, 1)),
        octave_low=np.zeros(1),
        pool_name=["session"],
        pool_size=[images],
        candidates=[2, images],
        **{f"top1_{what}": np.zeros((1, images, 2)) for what in ("single", "average")},
        **{f"top1_{what}_ci95": np.zeros((1, 2, 2)) for what in ("single", "average")},
        **{f"rank_{what}": np.ones((1, images)) for what in ("single", "average")},
        chance_r=np.zeros(1),
        chance_r_single=np.zeros(1),
        strength=np.full(len(mean_picture), np.nan),
        transform=np.full(len(mean_picture), "none"),
        decoder="by-hand",
        features="pixels",
        r_average_ci95=(0.0, 0.0),
        r_single_ci95=(0.0, 0.0),
        p_value=1.0,
        noise_ceiling_r=0.0,
        constant_reconstructions=0,
        warnings=[],
    )


def random_recording(rng, *, cells=12, images=8, repeats=3, side=5, folds=3, responsive=0.4):
    """Random responses and filters, related to nothing."""
    image = np.repeat(np.arange(images), repeats)
    response = rng.normal(size=(len(image), cells))
    responses = responses_of(
        response,
        image,
        rng.normal(size=(images, side, side)),
        responsive_others=rng.random((len(image), cells)) < responsive,
    )
    reconstruction = reconstruction_of(
        responses,
        np.arange(images) % folds,
        rng.normal(size=(folds, side, side)) * 0.3,
        rng.normal(size=(folds, cells)) * 0.5,
        rng.normal(size=(folds, cells, side * side)).astype(np.float32),
    )
    return reconstruction, responses


def with_an_image_never_shown(responses):
    """The same responses with one more picture, between the others, that nobody saw."""
    unseen = {"picture": 7.0, "image_name": "x", "responsive": True}
    fields = {
        name: np.insert(
            getattr(responses, name), 2, unseen.get(name, np.nan), spec.axes.index("image")
        )
        for name, spec in responses.arrays()
        if "image" in spec.axes and getattr(responses, name) is not None
    }
    return dataclasses.replace(responses, image=responses.image + (responses.image >= 2), **fields)
