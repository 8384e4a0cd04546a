"""R from the strongest cells against loops over pixels."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made_records import random_recording

from twophoton_decode.analyses.cell_count import strong as module
from twophoton_decode.analyses.cell_count.strong import strong_counts, strong_curves
from twophoton_decode.progress import silent


def curves(reconstruction, responses):
    counts = strong_counts(responses.cells)
    return strong_curves(reconstruction, responses, None, counts, silent)


def plainly(reconstruction, responses, transform=lambda r: r):
    """Every count of every presentation, in pixels."""
    images, cells = responses.images, responses.cells
    curve = np.zeros((images, cells + 1))
    for t, image in enumerate(responses.image):
        fold = reconstruction.fold[image]
        training = responses.response[reconstruction.fold[responses.image] != fold]
        target = (reconstruction.picture[image] - reconstruction.mean_picture[fold]).ravel()
        response = responses.response[t]
        for n in range(1, cells + 1):
            kept = np.argsort(-response, kind="stable")[:n]
            bound = response[kept[-1]]
            stands = np.empty(cells)
            for k in range(cells):
                below = training[training[:, k] <= bound, k]
                stands[k] = transform(below).mean() if below.size else transform(bound)
            stands[kept] = transform(response[kept])
            gain = stands - reconstruction.mean_response[fold]
            made = gain @ reconstruction.reverse_filter[fold]
            curve[image, n] += np.corrcoef(made, target)[0, 1]
    return curve / responses.repeats_per_image[:, None]


def test_the_others_stand_at_what_is_expected_below_the_weakest_kept():
    reconstruction, responses = random_recording(np.random.default_rng(0))
    counts, r = strong_counts(responses.cells), curves(reconstruction, responses)
    np.testing.assert_array_equal(counts, np.arange(13))
    np.testing.assert_allclose(r, plainly(reconstruction, responses), atol=2e-6)


def test_silence_counts_where_many_responses_are_equal():
    reconstruction, responses = random_recording(np.random.default_rng(1))
    silent_ones = dataclasses.replace(responses, response=np.maximum(responses.response, 0.3))
    found = curves(reconstruction, silent_ones)
    np.testing.assert_allclose(found, plainly(reconstruction, silent_ones), atol=2e-6)


def test_transformed_responses_are_expected_as_the_decoder_reads_them():
    reconstruction, responses = random_recording(np.random.default_rng(2))
    rooted = dataclasses.replace(reconstruction, transform=np.full(3, "square-root"))
    found = curves(rooted, responses)
    root = lambda r: np.sign(r) * np.sqrt(np.abs(r))  # noqa: E731
    np.testing.assert_allclose(found, plainly(rooted, responses, root), atol=2e-6)


def test_parts_that_fit_in_memory_change_nothing(monkeypatch):
    records = random_recording(np.random.default_rng(3))
    whole = curves(*records)
    monkeypatch.setattr(module, "NUMBERS_AT_ONCE", 1)
    np.testing.assert_allclose(curves(*records), whole, atol=1e-6)


def test_the_scored_picture_enters_only_as_what_is_scored_against():
    """Another picture for an image changes its own row alone, since filters are given."""
    reconstruction, responses = random_recording(np.random.default_rng(4))
    before = curves(reconstruction, responses)
    picture = reconstruction.picture.copy()
    picture[2] += np.arange(25).reshape(5, 5)
    changed = dataclasses.replace(reconstruction, picture=picture)
    after = curves(changed, responses)
    np.testing.assert_array_equal(np.delete(after, 2, 0), np.delete(before, 2, 0))
    assert not np.allclose(after[2], before[2])


def test_responses_to_the_scored_image_do_not_enter_expectations():
    """In the one fold of image 0, its other presentations may be anything."""
    reconstruction, responses = random_recording(np.random.default_rng(5), folds=8)
    changed = responses.response.copy()
    first, second, _ = np.flatnonzero(responses.image == 0)
    changed[second] = 7.0
    other = dataclasses.replace(responses, response=changed)

    def of_first(records):
        kept = (responses.image != 0) | (np.arange(len(responses.image)) == first)
        names = [n for n, spec in records.arrays() if spec.axes[0] == "presentation"]
        some = dataclasses.replace(
            records,
            **{n: getattr(records, n)[kept] for n in names if getattr(records, n) is not None},
        )
        return curves(reconstruction, some)[0]

    np.testing.assert_allclose(of_first(other), of_first(responses))


@pytest.mark.parametrize("cells", [1, 100, 101, 726, 5000])
def test_counts_rise_by_two_per_cent_at_most_and_end_with_all(cells):
    counts = strong_counts(cells)
    assert (counts[0], counts[-1]) == (0, cells)
    steps = np.diff(counts)
    assert (steps >= 1).all()
    assert (steps <= np.maximum(1, 0.02 * counts[:-1])).all()
    assert len(counts) < 320
