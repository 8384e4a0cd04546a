import numpy as np
import pytest

from twophoton_decode.simulation.microscope.tissue import draw_somata, neuropil_texture

MARGIN, SIDE, DIAMETER = 4, 100, 10.0


@pytest.fixture(scope="module")
def somata():
    return draw_somata(40, SIDE, MARGIN, DIAMETER, np.random.default_rng(6))


def test_somata_have_the_asked_size_and_lie_in_the_field(somata):
    areas = np.array([somata.pixels(cell)[0].size for cell in range(40)])
    assert np.sqrt(4 * np.median(areas) / np.pi) == pytest.approx(DIAMETER, rel=0.1)
    assert areas.std() > 0.05 * areas.mean()
    assert somata.centre.min() >= MARGIN
    assert somata.centre.max() <= MARGIN + SIDE
    assert somata.profile.shape == (40, (SIDE + 2 * MARGIN) ** 2)


def test_pixels_surround_the_centre(somata):
    for cell in range(40):
        y, x = somata.pixels(cell)
        np.testing.assert_allclose([y.mean(), x.mean()], somata.centre[cell], atol=1.0)


def test_nucleus_is_darker_than_the_ring(somata):
    side = SIDE + 2 * MARGIN
    for cell in range(10):
        picture = somata.profile[[cell]].toarray().reshape(side, side)
        y, x = np.round(somata.centre[cell]).astype(int)
        assert 0.4 < picture[y, x] < 0.65
        assert picture.max() > 0.85


def test_crowded_somata_overlap_and_roomy_ones_keep_apart():
    roomy = draw_somata(10, SIDE, MARGIN, DIAMETER, np.random.default_rng(0))
    crowded = draw_somata(160, SIDE, MARGIN, DIAMETER, np.random.default_rng(0))

    def nearest(centre):
        gap = np.linalg.norm(centre[:, None] - centre[None], axis=2)
        return (gap + 1e9 * np.eye(len(gap))).min(1)

    assert nearest(roomy.centre).min() > 0.9 * DIAMETER
    assert nearest(crowded.centre).min() < 0.9 * DIAMETER


def test_neuropil_is_of_mean_one_with_a_grain_that_all_maps_share():
    texture = neuropil_texture(3, 80, 10.0, np.random.default_rng(1))
    np.testing.assert_allclose(texture.mean((1, 2)), 1.0, rtol=1e-4)
    assert 0.2 < texture.std() < 0.6
    fine = np.diff(np.log(texture), axis=1).reshape(3, -1)
    assert np.corrcoef(fine)[np.triu_indices(3, 1)].min() > 0.9
    coarse = texture.reshape(3, 5, 16, 5, 16).mean((2, 4)).reshape(3, -1)
    assert np.corrcoef(coarse)[np.triu_indices(3, 1)].max() < 0.8
