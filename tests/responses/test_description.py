import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twophoton_decode.errors import ResponseError
from twophoton_decode.responses.describe import Measured, describe
from twophoton_decode.responses.shown import with_shown
from twophoton_decode.responses.statistics.reliability import explainable_variance
from twophoton_decode.responses.statistics.sparseness import (
    lifetime_sparseness,
    population_sparseness,
)
from twophoton_decode.settings import ResponseSettings

DEFAULT = ResponseSettings()


def describe_plainly(response, image, images, settings=DEFAULT, notes=(), **options):
    """`describe` with pictures and names that tell the images apart."""
    measured = Measured(
        response=response,
        image=image,
        repeat=np.arange(image.size) // images,
        onset_s=np.arange(image.size, dtype=float),
        roi=np.arange(response.shape[1]) + 100,
        unit="ΔF/F",
        has_baseline=True,
        **options,
    )
    return describe(
        measured,
        np.broadcast_to(np.arange(images)[:, None, None], (images, 4, 5)),
        np.array([f"{i}.png" for i in range(images)]),
        settings=settings,
        notes=notes,
    )


def tuned(seed, images=8, repeats=6, cells=12):
    """Half of the cells answer one image each."""
    rng = np.random.default_rng(seed)
    image = np.tile(np.arange(images), repeats)
    response = 0.3 * rng.standard_normal((image.size, cells))
    for cell in range(cells // 2):
        response[image == cell % images, cell] += 2.0
    return response, image


def test_statistics_are_those_of_their_functions():
    response, image = tuned(0)
    floor = ResponseSettings(amplitude_floor=1.0)
    responses = describe_plainly(response, image, 8, settings=floor)
    rates = responses.averages().T
    np.testing.assert_allclose(responses.population_sparseness, population_sparseness(rates))
    np.testing.assert_allclose(responses.lifetime_sparseness, lifetime_sparseness(rates))
    np.testing.assert_allclose(
        responses.explainable_variance, explainable_variance(response, image), atol=1e-12
    )
    expected = np.zeros((12, 8), dtype=bool)
    expected[np.arange(6), np.arange(6)] = True
    np.testing.assert_array_equal(responses.responsive, expected)
    np.testing.assert_array_equal(responses.visually_responsive, [True] * 6 + [False] * 6)
    assert responses.responsive_others.shape == response.shape
    assert responses.reliability[:6].min() > 0.9 > responses.reliability[6:].max()
    assert responses.roi.tolist() == list(range(100, 112))
    assert responses.response_unit == "ΔF/F"
    assert responses.dropped_cells == 0


def test_counts_and_notes_are_kept():
    response, image = tuned(1)
    responses = describe_plainly(
        response,
        image,
        8,
        excluded_line=[4, 9],
        excluded_reason=["bad motion", "moving = 1"],
        dropped_rois=[7, 30],
        notes=["pictures were cropped"],
    )
    assert responses.excluded_line.tolist() == [4, 9]
    assert responses.excluded_reason.tolist() == ["bad motion", "moving = 1"]
    assert (responses.dropped_cells, responses.dropped_rois) == (2, [7, 30])
    assert responses.notes[0] == "pictures were cropped"
    negative = (responses.averages() < 0).mean()
    assert responses.notes[1] == (
        f"{100 * negative:.1f} % of the mean responses are negative; sparseness counts them as "
        "zero."
    )
    assert responses.notes[2].startswith("Responsive: ")
    assert responses.notes[3].startswith("With ")
    assert len(responses.notes) == 4


def test_images_without_presentations_are_left_out_and_named():
    response, image = tuned(2)
    shown = ~np.isin(image, [1, 6])
    responses = describe_plainly(response[shown], image[shown], 8)
    assert responses.image_name.tolist() == ["0.png", "2.png", "3.png", "4.png", "5.png", "7.png"]
    assert responses.picture[:, 0, 0].tolist() == [0, 2, 3, 4, 5, 7]
    names = responses.image_name[responses.image]
    assert names.tolist() == [f"{i}.png" for i in image[shown]]
    note = "2 of 8 images have no usable presentation and are left out: 1.png, 6.png."
    assert note in responses.notes


def test_long_lists_of_images_are_cut():
    response, image = tuned(3, images=20, repeats=3)
    responses = describe_plainly(response[image < 12], image[image < 12], 20)
    assert responses.notes[0].endswith("12.png, 13.png, 14.png, 15.png, 16.png and 3 more.")


def test_cells_that_see_nothing_can_be_left_out():
    response, image = tuned(24)
    chosen = ResponseSettings(cells="visually-responsive")
    everything = describe_plainly(response, image, 8)
    responses = describe_plainly(response, image, 8, settings=chosen)
    assert responses.roi.tolist() == list(range(100, 106))
    np.testing.assert_array_equal(responses.response, response[:, :6])
    np.testing.assert_array_equal(responses.responsive, everything.responsive[:6])
    np.testing.assert_array_equal(responses.responsive_others, everything.responsive_others[:, :6])
    assert (
        "6 cells are left out: not visually responsive (analysis of variance over images)."
        in responses.notes
    )


def test_no_visually_responsive_cell_is_an_error():
    rng = np.random.default_rng(5)
    chosen = ResponseSettings(cells="visually-responsive")
    with pytest.raises(ResponseError, match="none of the 3 cells is visually responsive"):
        describe_plainly(rng.standard_normal((40, 3)), np.tile(np.arange(8), 5), 8, settings=chosen)


def test_no_responsive_cells_is_a_result():
    rng = np.random.default_rng(6)
    responses = describe_plainly(rng.standard_normal((40, 30)), np.tile(np.arange(8), 5), 8)
    assert not responses.responsive.any()
    assert np.isfinite(responses.population_sparseness).all()


def test_one_repeat_leaves_amplitudes_and_says_what_is_undefined():
    response = np.random.default_rng(7).standard_normal((8, 5))
    responses = describe_plainly(response, np.arange(8), 8)
    assert not responses.responsive.any()
    assert np.isnan(responses.reliability).all()
    assert np.isnan(responses.explainable_variance).all()
    assert responses.responsiveness_test.startswith("undefined")
    np.testing.assert_array_equal(responses.response, response)


def test_images_shown_once_among_others_are_named():
    response, image = tuned(8)
    keep = (image != 3) | (np.arange(image.size) < 8)
    responses = describe_plainly(response[keep], image[keep], 8)
    assert not responses.responsive[:, 3].any()
    assert "1 image shown once, so no cell counts as responsive to it: 3.png." in (responses.notes)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinite_responses_are_refused(bad):
    response, image = tuned(9)
    response[11, 3] = bad
    message = r"1 response is NaN or infinite, the first in presentation 11 \(image 3\), cell 3"
    with pytest.raises(ResponseError, match=message):
        describe_plainly(response, image, 8)


def test_no_cells_and_a_single_image_are_refused():
    response, image = tuned(10)
    with pytest.raises(ResponseError, match="no cells"):
        describe_plainly(response[:, :0], image, 8)
    with pytest.raises(ResponseError, match=r"show 1 image\(s\); at least two are needed"):
        describe_plainly(response[image == 2], image[image == 2], 8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_permuting_cells_permutes_every_result(seed):
    response, image = tuned(seed, images=5, repeats=4, cells=6)
    order = np.random.default_rng(seed).permutation(6)
    plain = describe_plainly(response, image, 5)
    moved = describe_plainly(response[:, order], image, 5)
    for name in ("lifetime_sparseness", "reliability", "explainable_variance"):
        np.testing.assert_allclose(getattr(moved, name), getattr(plain, name)[order], atol=1e-12)
    np.testing.assert_array_equal(moved.responsive, plain.responsive[order])
    np.testing.assert_allclose(moved.population_sparseness, plain.population_sparseness, atol=1e-12)


def test_what_figures_show_is_added_once_all_is_known():
    """`describe` is not the last step of a movie's responses: neuropil and clock follow."""
    response, image = tuned(0)
    found = describe_plainly(response, image, 8)
    assert found.means == {}
    assert with_shown(found).mean_of("responding_share") == pytest.approx(
        found.responsive.mean(), abs=1e-12
    )
