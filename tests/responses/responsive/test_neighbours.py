import numpy as np

from twophoton_decode.responses.responsive.neighbours import BesideResponding, beside_responding
from twophoton_decode.responses.responsive.sentences import said_of_neighbours

# Cells 0 and 1 touch, 2 is far away, 3 lies at cell 0's place in another plane.
PLACE = np.array([[0, 10, 10], [0, 25, 10], [0, 90, 90], [1, 10, 10]], dtype=float)


def test_only_near_cells_of_the_same_plane_are_neighbours():
    pairs = np.zeros((4, 5), dtype=bool)
    pairs[:, 0] = True
    pairs[0, 1] = pairs[2, 2] = True
    found = beside_responding(pairs, PLACE)
    assert (found.pairs, found.beside) == (6, 2)
    # Cell 0's pair with image 1: its neighbour responds to 1 of the 4 other images. So does
    # cell 1's with image 0, whose neighbour responds to image 1; the other pairs have none.
    assert found.expected == 0.5


def test_independent_neighbours_are_as_many_as_expected_and_nothing_is_said_of_fewer():
    rng = np.random.default_rng(0)
    place = np.column_stack([np.zeros(300), *rng.uniform(0, 250, (2, 300))])
    pairs = rng.random((300, 60)) < 0.05
    found = beside_responding(pairs, place)
    assert 0 < found.expected < found.pairs
    assert abs(found.beside / found.expected - 1) < 0.15
    assert said_of_neighbours(beside_responding(pairs[:, :0], place)) == []


def test_shared_responses_of_neighbours_are_said():
    place = np.column_stack([np.zeros(40), np.repeat(np.arange(20) * 100.0, 2), np.zeros(40)])
    pairs = np.repeat(np.random.default_rng(1).random((20, 60)) < 0.05, 2, axis=0)
    (said,) = said_of_neighbours(beside_responding(pairs, place))
    assert said.startswith(f"{pairs.sum()} of {pairs.sum()} responsive pairs lie within 20 px")


def test_hardly_more_neighbours_than_expected_are_not_said():
    assert said_of_neighbours(BesideResponding(pairs=32, beside=13, expected=12.0)) == []
    assert said_of_neighbours(BesideResponding(pairs=32, beside=20, expected=12.0)) != []
