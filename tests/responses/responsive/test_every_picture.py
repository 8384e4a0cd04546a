"""Cells that answer pictures in general are told from those that answer a few strongly."""

import numpy as np

from twophoton_decode.responses.responsive.every_picture import answers_every_picture
from twophoton_decode.responses.responsive.sentences import said_of_every_picture

IMAGES, REPEATS, CELLS = 30, 6, 40
IMAGE = np.tile(np.arange(IMAGES), REPEATS)


def recording(seed=0):
    """Noise; cells 0 to 3 answer every picture by one SD, cells 4 to 9 three pictures by five."""
    response = np.random.default_rng(seed).standard_normal((IMAGE.size, CELLS))
    response[:, :4] += 1.0
    pairs = np.zeros((CELLS, IMAGES), dtype=bool)
    pairs[4:10, :3] = True
    response += 5.0 * pairs.T[IMAGE]
    return response, pairs


def test_only_cells_above_the_baseline_outside_their_pairs_are_named():
    response, pairs = recording()
    found = answers_every_picture(response, IMAGE, pairs, 0.05)
    assert np.flatnonzero(found).tolist() == [0, 1, 2, 3]
    (said,) = said_of_every_picture(found)
    assert said.startswith("4 of 40 cells answer pictures in general")
    # The mean of all presentations alone would have named the others as well.
    none = answers_every_picture(response, IMAGE, np.zeros_like(pairs), 0.05)
    assert none[4:10].sum() >= 4


def test_the_unit_does_not_matter_and_missing_presentations_are_left_out():
    response, pairs = recording()
    found = answers_every_picture(response, IMAGE, pairs, 0.05)
    np.testing.assert_array_equal(answers_every_picture(1e-3 * response, IMAGE, pairs, 0.05), found)
    response[:90, 0] = np.nan
    response[:, 20] = 0.0
    response[:, 21] = np.nan
    assert np.flatnonzero(answers_every_picture(response, IMAGE, pairs, 0.05)).tolist() == [
        *range(4)
    ]


def test_noise_names_no_cell():
    pairs = np.zeros((CELLS, IMAGES), dtype=bool)
    for seed in range(20):
        noise = np.random.default_rng(seed).standard_normal((IMAGE.size, CELLS))
        assert not answers_every_picture(noise, IMAGE, pairs, 0.05).any()
    assert said_of_every_picture(np.zeros(CELLS, dtype=bool)) == []
