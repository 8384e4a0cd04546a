"""The images that attention is judged by: measured responses alone, twenty that differ."""

from types import SimpleNamespace

import numpy as np
import pytest

from twophoton_decode.deep.attention.shown import selected_images
from twophoton_decode.errors import AnalysisError
from twophoton_decode.settings import DecodingSettings

IMAGES, CELLS, REPEATS = 24, 3, 3


def responses(filled=None):
    rng = np.random.default_rng(0)
    image = np.tile(np.arange(IMAGES), REPEATS)
    response = rng.normal(size=(len(image), CELLS))
    filled = np.zeros(response.shape, bool) if filled is None else filled
    response[filled] = 100.0
    return SimpleNamespace(
        response=response, known=~filled, filled=filled, image=image, images=IMAGES, cells=CELLS,
        picture=rng.random((IMAGES, 8, 8)), image_group=None, image_fold=None,
        image_name=np.arange(IMAGES).astype(str),
        repeats_per_image=np.full(IMAGES, REPEATS),
    )  # fmt: skip


def selected(given):
    return selected_images(given, np.zeros((IMAGES, 4, 4)), DecodingSettings(), 20)


def test_means_are_over_measured_responses():
    filled = np.zeros((IMAGES * REPEATS, CELLS), bool)
    filled[[0, IMAGES], 1] = True
    given = responses(filled)
    found = selected(given)
    by_image = given.response.reshape(REPEATS, IMAGES, CELLS)
    assert found.shown.response[0, 1] == pytest.approx(by_image[2, 0, 1])
    expected = by_image.mean(axis=0)
    expected[0, 1] = by_image[2, 0, 1]
    np.testing.assert_allclose(found.shown.response, expected)
    assert np.abs(found.shown.exchanged).max() < 50
    assert not any("not measured" in note for note in found.notes)


def test_a_response_that_was_never_measured_says_nothing_and_is_told():
    filled = np.zeros((IMAGES * REPEATS, CELLS), bool)
    filled[[4, 4 + IMAGES, 4 + 2 * IMAGES], 0] = True
    given = responses(filled)
    found = selected(given)
    others = np.delete(given.response.reshape(REPEATS, IMAGES, CELLS).mean(axis=0)[:, 0], 4)
    assert found.shown.response[4, 0] == pytest.approx(others.mean())
    (note,) = [note for note in found.notes if "not measured" in note]
    assert note.startswith(f"1 of {IMAGES * CELLS} responses of a cell to a picture")
    assert "(1 cell)" in note


def test_fewer_than_twenty_images_are_refused():
    given = responses()
    given.image = given.image % 19
    given.repeats_per_image = np.bincount(given.image, minlength=IMAGES)
    with pytest.raises(AnalysisError, match="20 different images; 19 were shown"):
        selected(given)
