import numpy as np

from twophoton_decode.responses.responsive.pair_tests import rank_test
from twophoton_decode.statistics.image_groups import ImageGroups

IMAGE = np.repeat(np.arange(20), 4)
GROUPS = ImageGroups.of(IMAGE)


def drawn_tail(response, own, rng, draws=200_000):
    """Share of random draws from the cell's presentations whose ranks sum to at least as much."""
    rank = np.argsort(np.argsort(response))
    sums = rank[rng.integers(0, response.size, (draws, own.size))].sum(axis=1)
    return (sums >= rank[own].sum()).mean()


def test_p_is_that_of_drawn_presentations():
    rng = np.random.default_rng(0)
    response = rng.standard_normal((80, 3))
    p = rank_test(response, GROUPS)
    for image in (0, 7, 19):
        own = np.flatnonzero(image == IMAGE)
        for cell in range(3):
            assert abs(p[image, cell] - drawn_tail(response[:, cell], own, rng)) < 0.01


def test_p_is_uniform_under_the_null_and_small_beyond_what_a_normal_can_reach():
    rng = np.random.default_rng(2)
    image = np.repeat(np.arange(100), 3)
    groups = ImageGroups.of(image)
    response = rng.standard_normal((300, 100))
    p = rank_test(response, groups)
    for level in (0.01, 0.05, 0.5):
        assert abs((p <= level).mean() - level) < 0.01
    response[image == 0] += 100
    # The normal approximation ends at z = sqrt(3 T) = 3, p = 0.001.
    assert (rank_test(response, groups)[0] < 1e-5).all()
