import numpy as np

from twophoton_decode.responses.responsive.responsiveness import responsive_pairs
from twophoton_decode.responses.responsive.sentences import said_of_pairs
from twophoton_decode.settings import ResponseSettings

DEFAULT = ResponseSettings()


def said(response, image, unit="ΔF/F"):
    return list(said_of_pairs(responsive_pairs(response, image, True, DEFAULT), unit, 0.05))


def test_found_pairs_are_counted_and_the_detectable_response_has_a_unit():
    rng = np.random.default_rng(0)
    image = np.tile(np.arange(30), 6)
    response = 0.1 * rng.standard_normal((180, 20))
    response[image == 4, :3] += 1.0
    found, could = said(response, image)
    assert found.startswith("Responsive: 3 of 600 pairs of cell and image (0.5 %; false discovery")
    assert "3 of 20 cells to at least one image" in found
    assert could.startswith("With 6 repeats, about one in three responses of ")
    assert "ΔF/F) is detected" in could


def test_a_negative_detectable_response_has_its_reason_and_a_true_minus():
    """A cell far below its baseline: what could be found above that is below zero too."""
    image = np.tile(np.arange(30), 6)
    response = np.random.default_rng(0).standard_normal((180, 1)) - 50.0
    found = responsive_pairs(response, image, True, DEFAULT)
    (size,) = found.detectable.response
    assert -50 < size < -40
    could = list(said_of_pairs(found, "1e-3 a.u.", 0.05))[-1]
    assert f"(−{-size:.2g} 1e-3 a.u., negative as usual responses are) is detected" in could
    above = list(said_of_pairs(responsive_pairs(response + 100, image, True, DEFAULT), "", 0.05))
    assert "negative" not in above[-1]


def test_too_few_repeats_are_named_with_what_is_needed():
    response = np.random.default_rng(1).standard_normal((80, 60))
    (hopeless,) = said(response, np.tile(np.arange(40), 2))
    assert "with 2 repeats of 40 images even the clearest response has p = 0.0006" in hopeless
    assert "2400 comparisons need 2.1e-05. At least 3 repeats are needed." in hopeless


def test_no_cell_with_two_presentations_of_an_image_is_said():
    """Each of the two repeats is missing in one half of the cells."""
    response = np.random.default_rng(4).standard_normal((20, 6))
    response[:10, :3] = response[10:, 3:] = np.nan
    (none,) = said(response, np.tile(np.arange(10), 2))
    assert none.endswith("no cell has two presentations of an image.")


def test_repeats_that_never_differ_leave_the_detectable_response_undefined():
    """0.1 is not a binary fraction: its mean over repeats has a rounding error, no noise."""
    image = np.tile(np.arange(10), 6)
    alike = responsive_pairs(np.full((60, 3), 0.1), image, False, DEFAULT)
    assert np.isnan(alike.detectable.response).all()
    nothing, why = said_of_pairs(alike, "a.u.", 0.05)
    assert nothing == "No pair of cell and image passes the test of responsive pairs."
    assert "without trial noise" in why
    noisy = np.random.default_rng(6).standard_normal((60, 3))
    found = responsive_pairs(noisy, image, False, DEFAULT)
    noisy[:, 1] = 0.1
    one = responsive_pairs(noisy, image, False, DEFAULT)
    np.testing.assert_array_equal(np.isnan(one.detectable.response), [False, True, False])
    np.testing.assert_allclose(
        one.detectable.noise_sd[[0, 2]], found.detectable.noise_sd[[0, 2]], rtol=0.2
    )


def test_a_response_that_overflows_its_scale_is_clipped_without_a_warning():
    rng = np.random.default_rng(5)
    image = np.tile(np.arange(30), 6)
    response = 0.1 * rng.standard_normal((180, 4))
    usual = said(response + 5.0 * (image == 4)[:, None], image)
    response[:, 0] *= 1e-300
    response[image == 4, 0] = 1e150
    response[image == 4, 1:] += 5.0
    assert said(response, image)[0] == usual[0]


def test_shared_noise_is_said():
    rng = np.random.default_rng(2)
    image = np.repeat(np.arange(40), 6)
    response = rng.standard_normal((240, 30)) + rng.standard_normal((40, 30))[image]
    assert any("Repeats of one image share noise" in line for line in said(response, image))


def test_another_test_that_finds_nothing_says_so_and_is_silent_otherwise():
    image = np.tile(np.arange(10), 4)
    response = np.random.default_rng(3).standard_normal((40, 5))
    other = ResponseSettings(responsive_test="t-test")
    (none,) = said_of_pairs(responsive_pairs(response, image, True, other), "", 0.05)
    assert none.startswith("No pair of cell and image passes (one-sided t-test over repeats")
    assert 'responsive_test = "own-null" finds more' in none
    response[image == 2] = 5 + 1e-3 * response[image == 2]
    assert list(said_of_pairs(responsive_pairs(response, image, True, other), "", 0.05)) == []
    once = responsive_pairs(response[:10], image[:10], True, other)
    assert list(said_of_pairs(once, "", 0.05)) == []
