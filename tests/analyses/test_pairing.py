"""Records that do not belong together are refused in words."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made_records import random_recording, with_an_image_never_shown

from twophoton_decode.analyses.pairing import paired_responses
from twophoton_decode.errors import RecordError


@pytest.fixture
def records():
    return random_recording(np.random.default_rng(0))


def test_records_that_belong_together_pass(records):
    assert paired_responses(*records) is records[1]


def test_images_never_shown_are_left_out_and_the_others_renumbered(records):
    reconstruction, responses = records
    paired = paired_responses(reconstruction, with_an_image_never_shown(responses))
    for name in ("image", "picture", "image_name", "responsive", "population_sparseness"):
        np.testing.assert_array_equal(getattr(paired, name), getattr(responses, name))


def test_other_names_of_the_images(records):
    reconstruction, responses = records
    renamed = dataclasses.replace(responses, image_name=responses.image_name[::-1])
    with pytest.raises(RecordError, match="shows other images than the responses"):
        paired_responses(reconstruction, renamed)


def test_another_number_of_presentations(records):
    reconstruction, responses = records
    shorter = dataclasses.replace(
        reconstruction, image=reconstruction.image[:-1], single=reconstruction.single[:-1]
    )
    with pytest.raises(RecordError, match="from 23 presentations, but the responses have 24"):
        paired_responses(shorter, responses)


def test_another_number_of_cells(records):
    reconstruction, responses = records
    fewer = dataclasses.replace(
        reconstruction,
        mean_response=reconstruction.mean_response[:, :10],
        reverse_filter=reconstruction.reverse_filter[:, :10],
    )
    with pytest.raises(RecordError, match="from 10 cells, but the responses have 12"):
        paired_responses(fewer, responses)


def test_another_number_of_images(records):
    reconstruction, _ = records
    _, responses = random_recording(np.random.default_rng(0), images=9)
    presented = dataclasses.replace(
        reconstruction,
        image=responses.image,
        single=np.zeros((responses.presentations, 5, 5)),
    )
    with pytest.raises(RecordError, match="from 8 images, but the responses have 9"):
        paired_responses(presented, responses)


def test_filters_of_another_size_than_the_pictures(records):
    reconstruction, responses = records
    cropped = dataclasses.replace(reconstruction, reverse_filter=np.zeros((3, 12, 24)))
    with pytest.raises(RecordError, match="24 pixels, but the pictures are 5x5"):
        paired_responses(cropped, responses)
