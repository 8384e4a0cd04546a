"""Stability figures: which image is shown, and what the caption says of it."""

from __future__ import annotations

import dataclasses

import invented_recording as invented
import numpy as np

from twophoton_decode.analyses.stability.shown import with_shown
from twophoton_decode.figures.stability.drop_out import drop_out
from twophoton_decode.figures.stability.repeats import repeats_gallery
from twophoton_decode.figures.stability.similarity import similarity_scatter


def changed(stability, responses=None, **fields):
    """Stability with other fields, and what figures show of it then."""
    found = dataclasses.replace(stability, **fields)
    return with_shown(found, invented.reconstruction(), responses or invented.responses())


def undefined():
    nothing = np.full(invented.IMAGES, np.nan)
    return changed(
        invented.stability(),
        reconstruction_similarity=nothing,
        response_similarity=nothing,
        notes=["one repeat of every image"],
    )


def test_the_typical_image_has_median_similarity_among_those_with_many_cells():
    stability = changed(
        invented.stability(),
        responsive_cells=np.r_[np.full(20, 3), np.full(20, 12)],
        response_similarity=np.linspace(0, 1, 40),
    )
    assert stability.typical_image == 30


def test_an_image_without_similarity_is_never_the_typical_one():
    similarity = np.full(invented.IMAGES, np.nan)
    similarity[17] = 0.4
    stability = changed(invented.stability(), response_similarity=similarity)
    assert stability.typical_image == 17


def test_without_similarity_of_responses_that_of_reconstructions_decides():
    nothing = np.full(invented.IMAGES, np.nan)
    similarity = nothing.copy()
    similarity[5] = 0.4
    stability = changed(
        invented.stability(), response_similarity=nothing, reconstruction_similarity=similarity
    )
    assert stability.typical_image == 5


def test_the_gallery_shows_responses_and_scores_of_the_typical_image():
    shown, made, stability = invented.responses(), invented.reconstruction(), invented.stability()
    drawing = repeats_gallery(made, stability)
    image = stability.typical_image
    trials = np.flatnonzero(shown.image == image)
    cells = drawing.table["cell"]
    assert set(cells) == set(np.flatnonzero(shown.responsive[:, image]))
    np.testing.assert_array_equal(
        drawing.table["response_repeat_2"], shown.response[trials[1], cells]
    )
    np.testing.assert_allclose(
        np.mean(drawing.more["repeats"]["r_single"]), made.r_single[image], atol=1e-5
    )
    assert (np.diff(drawing.table["response_average"]) <= 0).all()


def test_the_gallery_caption_repeats_the_record():
    stability = invented.stability()
    image = stability.typical_image
    caption = repeats_gallery(invented.reconstruction(), stability).caption
    assert caption.startswith(f"6 of 6 repeats of image photo{image:03d}.png")
    assert f"correlate at {stability.reconstruction_similarity[image]:.2f}" in caption
    assert f"at R = {invented.reconstruction().r_single[image]:.2f} with the picture" in caption
    assert f"{stability.responsive_cells[image]} responsive cells" in caption
    assert f"at {stability.response_similarity[image]:.2f}." in caption


def test_without_responsive_cells_the_gallery_shows_the_strongest():
    stability = changed(
        invented.stability(),
        invented.responses(responsive=False),
        responsive_cells=np.zeros(invented.IMAGES, dtype=int),
    )
    drawing = repeats_gallery(invented.reconstruction(), stability)
    assert len(drawing.table["cell"]) == 60
    assert "responses of 0 responsive cells" in drawing.caption
    nothing = np.full(invented.IMAGES, np.nan)
    unknown = changed(stability, response_similarity=nothing)
    drawing = repeats_gallery(invented.reconstruction(), unknown)
    assert drawing.caption.endswith("shown, responses are not compared (0 responsive cells).")


def test_without_responsive_cells_similarity_is_that_of_reconstructions_alone():
    nothing = np.full(invented.IMAGES, np.nan)
    stability = changed(
        invented.stability(),
        response_similarity=nothing,
        response_similarity_other=nothing,
        response_similarity_ci95=(np.nan, np.nan),
    )
    caption = similarity_scatter(stability).caption
    assert "Responses are not compared: no image has enough responsive cells." in caption
    assert "with other images)" not in caption


def test_reasons_end_in_one_full_stop():
    stability = changed(undefined(), notes=["Nothing repeats.", "Nothing responds."])
    caption = similarity_scatter(stability).caption
    assert caption == "Stability is unavailable: Nothing repeats; Nothing responds."


def test_the_scatter_draws_every_image_and_its_caption_counts_them():
    stability = invented.stability()
    drawing = similarity_scatter(stability)
    points = {line.get_label(): line for line in drawing.figure.axes[0].lines}
    own = points["other repeats"]
    np.testing.assert_array_equal(own.get_xdata(), stability.response_similarity)
    np.testing.assert_array_equal(own.get_ydata(), stability.reconstruction_similarity)
    above = (stability.reconstruction_similarity > stability.response_similarity).sum()
    assert f"in {above} of 40 images" in drawing.caption
    assert f"correlate at {stability.reconstruction_similarity.mean():.2f}" in drawing.caption
    assert "p < 0.001" in drawing.caption


def test_images_without_repeats_are_not_counted():
    similarity = invented.stability().reconstruction_similarity.copy()
    similarity[:10] = np.nan
    stability = changed(invented.stability(), reconstruction_similarity=similarity)
    assert "of 30 images, which any smooth" in similarity_scatter(stability).caption


def test_without_repeats_both_figures_say_so():
    made = invented.reconstruction()
    for drawing in (similarity_scatter(undefined()), repeats_gallery(made, undefined())):
        reason = "unavailable: one repeat of every image"
        assert drawing.figure.axes[0].texts[0].get_text() == reason
        assert "unavailable: one repeat of every image" in drawing.caption
        assert drawing.table == {}


def test_every_version_of_similarity_is_drawn():
    stability = invented.stability()
    drawing = similarity_scatter(stability)
    lines = drawing.figure.axes[2].lines[1:]
    means = [np.mean(line.get_ydata()) for line in lines[1::2]]
    versions = ("similarity", "similarity_including", "split_half", "similarity_other")
    expected = [
        getattr(stability, f"{what}_{version}").mean()
        for what in ("response", "reconstruction")
        for version in versions
    ]
    np.testing.assert_allclose(means, expected)
    assert set(versions) <= {name.removeprefix("response_") for name in drawing.table}


def test_surrogates_are_told_in_words():
    stability = invented.stability()
    caption = similarity_scatter(stability).caption
    assert f"would be {stability.permuted_weights.mean():.2f} (p = 0.02; a small p says" in caption
    assert "allow a similarity of 0.60 (each cell's trials shuffled); it is 0.58" in caption
    assert "a difference of −0.020 (95 % interval −0.035 to −0.005, p = 0.039)" in caption
    assert "noise that cells share, or that lasts over presentations, makes" in caption
    assert "makes reconstructions less alike" in caption
    slow = changed(stability, noise_autocorrelation=0.3)
    assert "(it correlates at 0.30 with the next)" in similarity_scatter(slow).caption
    unclear = changed(stability, shuffled_trials_p=0.4)
    assert "makes no difference that can be told" in similarity_scatter(unclear).caption
    higher = changed(stability, similarity_perturbed=0.7)
    assert "makes reconstructions more alike" in similarity_scatter(higher).caption


def test_similarity_of_few_images_stays_a_correlation():
    few = changed(invented.stability(), reconstruction_similarity_ci95=(0.56, 1.13))
    caption = similarity_scatter(few).caption
    assert "(95 % interval 0.56 to 1.00, cut at 1: too few images)" in caption


def test_r_stands_beside_similarity():
    stability = changed(invented.stability(), r_single=0.123, r_single_ci95=(0, 0.2))
    caption = similarity_scatter(stability).caption
    assert "at R = 0.12 (0.00 to 0.20) with the picture shown" in caption
    assert "need not be right" in caption


def test_drop_out_draws_means_and_marks_what_differs():
    stability = invented.stability()
    drawing = drop_out(stability)
    axes = drawing.figure.axes[0]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), stability.dropout_r.mean(axis=0))
    assert [text.get_text() for text in axes.texts] == ["*"] * 6
    assert "Without the 10 cells most active in each trial" in drawing.caption
    assert "Bands: standard error over images, not widened" in drawing.caption
    assert "stars: p < 0.05 of the mean difference" in drawing.caption
    means = [stability.dropout_r[:, column].mean() for column in (0, 4)]
    assert f"R goes from {means[0]:.2f} to {means[1]:.2f}" in drawing.caption
    np.testing.assert_allclose(drawing.table["r_most_active"], stability.dropout_r.mean(axis=0))


def test_drop_out_of_a_single_cell_is_unavailable():
    stability = invented.stability()
    names = [name for name, spec in stability.arrays() if "removal" in spec.axes]
    only = {name: getattr(stability, name)[..., :1] for name in names}
    drawing = drop_out(changed(stability, **only))
    assert drawing.caption == (
        "Drop-out is unavailable: there are too few cells to remove some of them."
    )
