"""Dissimilarities from Python: wrong arguments are told, results are those of the room."""

import numpy as np
import pytest

import twophoton_decode as tp
from twophoton_decode.deep.comparison.agreement import whitened_cosine


def test_whitened_agreement_is_the_rooms():
    rng = np.random.default_rng(0)
    rows = rng.random((3, 45))
    found = tp.representation.agreement(rows, rows[:1], "whitened")
    np.testing.assert_array_equal(found, whitened_cosine(rows, rows[:1]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tp.representation.dissimilarity([1.0, 2.0]), "patterns: expected 2 axes"),
        (lambda: tp.representation.dissimilarity([[np.nan, 1.0]]), "patterns: 1 value is NaN"),
        (lambda: tp.representation.crossnobis(np.ones((4, 2)), [0, 1, 0], [0, 0, 1, 1]),
         "image: expected a whole number from 0 on for each of the 4 presentations"),
        (lambda: tp.representation.agreement([[1.0, 2, 3]], [[1.0, 2]]), r"\(a, pair\)"),
        (lambda: tp.representation.agreement([[1.0, 2]], [[1.0, 2]]), "2 is not the number of"),
        (lambda: tp.representation.agreement([[1.0, 2, 3]], [[1.0, 2, 3]], "pearson"),
         "spearman or whitened, found 'pearson'"),
        (lambda: tp.representation.noise_ceiling([[1.0, 2, 3]]), "two animals or more"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_told(call, message):
    with pytest.raises(tp.errors.ArgumentError, match=message):
        call()
