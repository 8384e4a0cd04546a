from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from conftest import linear_population

from twophoton_decode.decoding.chance_doubt import doubt_about_alignment, reliable_cells
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.responses.describe import Measured, describe
from twophoton_decode.settings import DecodingSettings, ResponseSettings


@cache
def responses(noise=0.3):
    values, pictures = linear_population(noise=noise)
    repeats, images, cells = values.shape
    return describe(
        Measured(
            response=values.reshape(-1, cells).astype(float),
            image=np.tile(np.arange(images), repeats),
            repeat=np.repeat(np.arange(repeats), images),
            onset_s=np.full(repeats * images, np.nan),
            roi=np.full(cells, -1),
            unit="a.u.",
            has_baseline=False,
        ),
        pictures,
        np.array([f"{i:02d}.png" for i in range(images)]),
        settings=ResponseSettings(),
    )


@cache
def found(p):
    made = reconstruct(responses(), "ridge", DecodingSettings(permutations=19, folds=4))
    return replace(made, p_value=p)


def test_cells_that_repeat_are_counted():
    assert reliable_cells(responses()) > 20
    assert reliable_cells(responses(noise=20.0)) == 0


def test_reliable_cells_at_chance_name_the_first_and_last_picture():
    (note,) = doubt_about_alignment(responses(), found(0.4), {"lasso": 0.2, "all-cells": 0.05})
    assert "cells respond to the images reliably, yet ridge is not better than chance" in note
    assert ", nor is lasso. With 24 images a decoder may have too few to learn from." in note
    assert "image 0 is 00.png and image 23 is 23.png" in note


@pytest.mark.parametrize(
    ("p", "others"), [(0.05, {}), (0.05, {"lasso": 0.5}), (0.4, {"lasso": 0.05})]
)
def test_no_doubt_where_decoders_are_better_than_chance(p, others):
    assert doubt_about_alignment(responses(), found(p), others) == []


def test_no_doubt_where_cells_do_not_repeat_or_chance_is_not_known():
    assert doubt_about_alignment(responses(noise=20.0), found(0.4), {}) == []
    unknown = replace(found(0.4), chance_r=np.zeros(3), chance_r_single=np.zeros(3))
    assert doubt_about_alignment(responses(), unknown, {}) == []


def test_pictures_without_names_are_not_named_by_their_positions():
    numbered = replace(responses(), image_name=np.arange(24).astype(str))
    (note,) = doubt_about_alignment(numbered, found(0.4), {})
    assert "Here image" not in note
    assert note.endswith("the pictures' own rows and columns.")


def test_a_negative_score_has_a_minus_sign():
    below = replace(found(0.4), r_average=np.full(24, -0.0412))
    (note,) = doubt_about_alignment(responses(), below, {})
    assert "(R = −0.041, p = 0.4)" in note
