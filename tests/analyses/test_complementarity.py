"""All parts together: what is missing is said, and the rest is done."""

import dataclasses

import numpy as np
import pytest
from hand_made_encoding import encoding_of
from hand_made_records import random_recording, responses_of, with_an_image_never_shown

from twophoton_decode.analyses.complementarity import complementarity as module
from twophoton_decode.analyses.complementarity.complementarity import complementarity
from twophoton_decode.errors import AnalysisError, RecordError


def recording(seed=0, cells=40, images=12):
    """Random cells with fields all over the picture, a third of which respond to an image."""
    rng = np.random.default_rng(seed)
    made, responses = random_recording(rng, cells=cells, images=images, side=8)
    responsive = rng.random((cells, images)) < 0.3
    responses = dataclasses.replace(responses, responsive=responsive)
    made = dataclasses.replace(made, r_average=rng.random(images), r_single=rng.random(images))
    encoding = encoding_of(
        (8, 8),
        selected=rng.random((cells, 64)) < 0.2,
        centre=rng.uniform(0, 7, (cells, 2)),
        area=np.pi * 1.5**2,
    )
    return made, responses, encoding


def run(made, responses, encoding, **options):
    chosen = {"primary_score": "r_average", "bootstraps": 100, "seed": 1} | options
    return complementarity(made, responses, encoding, **chosen)


def test_every_part_is_there():
    found = run(*recording())
    assert found.unavailable == {}
    assert found.overlap.shape == (12,)
    assert found.local_variability.shape == (len(found.reference), len(found.added))
    assert found.covered[-1] == 40
    assert (found.fitting_error_all <= found.fitting_error + 0.01).all()
    assert found.decoder == "by-hand"
    assert found.notes == []


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    first, second, third = run(*recording()), run(*recording()), run(*recording(), seed=2)
    np.testing.assert_array_equal(first.local_variability, second.local_variability)
    np.testing.assert_array_equal(first.fitting_error_random, second.fitting_error_random)
    assert (first.fitting_error_random != third.fitting_error_random).any()


def test_images_are_sorted_by_the_primary_score():
    made, responses, encoding = recording()
    for score in ("r_average", "r_single"):
        found = run(made, responses, encoding, primary_score=score)
        np.testing.assert_array_equal(found.coverage_order, np.argsort(-getattr(made, score)))


def test_an_image_never_shown_shifts_no_other():
    made, responses, encoding = recording()
    found = run(made, with_an_image_never_shown(responses), encoding)
    np.testing.assert_array_equal(found.fitting_error, run(made, responses, encoding).fitting_error)


def test_without_fields_coverage_and_fitting_are_still_done():
    made, responses, encoding = recording()
    without = dataclasses.replace(encoding, has_field=np.zeros(40, bool))
    found = run(made, responses, without)
    assert set(found.unavailable) == {"overlap", "local"}
    assert found.overlap is None
    assert found.local_variability is None
    assert np.isnan(found.overlap_p)
    assert np.isfinite(found.fitting_error).all()
    assert found.covered[-1] == 40
    assert (
        "40 of 40 cells respond to some image but have no predictive receptive field"
        in found.notes[0]
    )
    assert found.notes[1].startswith("overlap: unavailable. no image has two responsive cells")
    assert found.notes[2].startswith("local: unavailable. 0 cells have a receptive field")


def test_without_responsive_cells_every_part_says_so():
    made, responses, encoding = recording()
    silent = dataclasses.replace(responses, responsive=np.zeros((40, 12), bool))
    found = run(made, silent, encoding)
    assert set(found.unavailable) == {"overlap", "local", "coverage", "fitting"}
    assert len(found.notes) == 4


def test_one_repeat_is_not_enough():
    made, responses, encoding = recording()
    first = np.flatnonzero(responses.repeat == 0)
    once = responses_of(responses.response[first], responses.image[first], responses.picture)
    single = dataclasses.replace(made, image=made.image[first], single=made.single[first])
    with pytest.raises(AnalysisError, match="at least two presentations"):
        run(single, once, encoding)


def test_records_of_other_cells_pixels_or_features_are_refused():
    made, responses, encoding = recording()
    for other in (
        recording(cells=39)[2],
        dataclasses.replace(encoding, receptive_field=np.zeros((40, 8, 9))),
        dataclasses.replace(encoding, features="gabor"),
    ):
        with pytest.raises(RecordError, match="Run encode and reconstruct again"):
            run(made, responses, other)


def test_samples_are_mentioned(monkeypatch):
    for name in ("MOST_CELLS", "MOST_REFERENCES", "MOST_IMAGES"):
        monkeypatch.setattr(module, name, 11)
    notes = run(*recording()).notes
    assert [note.split(":")[0] for note in notes] == [
        "cells whose features are compared",
        "reference cells of local variability",
        "images that are fitted by weights",
    ]


def test_cells_related_to_nothing_show_no_complementarity():
    """Random sets, filters and responses: differences to every control vanish on average."""
    found = [run(*recording(seed), seed=seed) for seed in range(8)]
    for name, expected in (("fitting_gain", 0), ("overlap_superiority", 0.5)):
        values = np.array([getattr(each, name) for each in found]) - expected
        assert abs(values.mean()) < 4 * values.std() / np.sqrt(8), name
    p = [each.overlap_p for each in found] + [each.coverage_p for each in found]
    assert np.mean(np.array(p) < 0.05) < 0.2
