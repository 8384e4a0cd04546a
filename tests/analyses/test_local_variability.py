"""Local variability: against sums over pixels, and on populations with a known answer."""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
from hand_made_encoding import encoding_of
from hand_made_records import reconstruction_of, responses_of

from twophoton_decode.analyses.complementarity import local_variability as module
from twophoton_decode.analyses.complementarity.local_sums import expected_norms
from twophoton_decode.analyses.complementarity.local_variability import local_variability
from twophoton_decode.errors import AnalysisError

SIDE, IMAGES, REPEATS = 12, 12, 6


def population(*, shared, seed=0, noise=0.3, clusters=4, members=5):
    """Clusters of cells with one filter each, in the corners of the picture.

    The cells of a cluster follow the same signal over images (`shared`), or each its own.
    """
    rng = np.random.default_rng(seed)
    cells = clusters * members
    cluster = np.repeat(np.arange(clusters), members)
    corner = np.array([[2, 2], [2, 9], [9, 2], [9, 9]])[:clusters]
    rows, columns = np.mgrid[:SIDE, :SIDE]
    distance = np.hypot(rows - corner[:, 0, None, None], columns - corner[:, 1, None, None])
    filters = (distance < 2.5).reshape(clusters, -1).astype(float)[cluster]
    signal = rng.normal(size=(IMAGES, clusters if shared else cells))
    signal = signal[:, cluster] if shared else signal
    image = np.repeat(np.arange(IMAGES), REPEATS)
    response = signal[image] + noise * rng.normal(size=(len(image), cells))
    responses = responses_of(response, image, rng.normal(size=(IMAGES, SIDE, SIDE)))
    made = reconstruction_of(
        responses,
        np.arange(IMAGES) % 3,
        np.zeros((3, SIDE, SIDE)),
        np.zeros((3, cells)),
        np.stack([filters] * 3),
    )
    encoding = encoding_of(
        (SIDE, SIDE),
        selected=np.ones((cells, 3), bool),
        centre=corner[cluster] + 0.1 * rng.normal(size=(cells, 2)),
        area=np.pi * 2.0**2,
    )
    return made, responses, encoding


def run(made, responses, encoding, seed=0):
    return local_variability(
        made, responses, encoding, bootstraps=200, rng=np.random.default_rng(seed)
    )


def in_pixels(made, responses, cells, pixels, images):
    """Squared differences over squared averages of the other trials, trial by trial."""
    difference, average = squares(made, responses, cells, pixels, images)
    return difference / average


def squares(made, responses, cells, pixels, images):
    """Both sums, trial by trial."""
    difference = average = 0.0
    for image in images:
        fold = made.fold[image]
        trials = responses.response[responses.image == image][:, cells]
        parts = (trials - made.mean_response[fold][cells]) @ made.reverse_filter[fold][cells][
            :, pixels
        ].astype(float)
        for t in range(len(parts)):
            others = np.delete(parts, t, axis=0).mean(axis=0)
            difference += ((parts[t] - others) ** 2).sum() / len(parts)
            average += (others**2).sum() / len(parts)
    return difference, average


def test_first_and_last_points_are_the_sums_over_pixels():
    made, responses, encoding = population(shared=True)
    found = run(made, responses, encoding)
    discs = module.FieldDiscs(encoding)
    assert list(found["added"]) == [0, 1, 2, 3, 4]
    for place in (0, 7, 19):
        cell = found["reference"][place]
        near = discs.overlapping(cell)
        assert found["overlapping_cells"][place] == len(near) == 4
        alone, every = (
            in_pixels(made, responses, cells, discs.region(cell), range(IMAGES))
            for cells in ([cell], [cell, *near])
        )
        np.testing.assert_allclose(found["local_variability"][place, 0], alone)
        np.testing.assert_allclose(found["local_variability_distant"][place, 0], alone)
        np.testing.assert_allclose(found["local_variability"][place, -1], every)
        np.testing.assert_allclose(found["local_variability_all"][place], every)


def test_points_between_are_expected_over_all_choices_of_cells():
    rng = np.random.default_rng(1)
    own, each = rng.normal(size=(2, 3, 4)), rng.normal(size=(5, 2, 3, 4))
    power = (each**2).sum(axis=(2, 3)).T
    found = expected_norms(own, each.sum(axis=0), power, np.arange(6))
    for n in range(6):
        chosen = [own + each[list(cells)].sum(axis=0) for cells in combinations(range(5), n)]
        expected = np.mean([(made**2).sum(axis=(1, 2)) for made in chosen], axis=0)
        np.testing.assert_allclose(found[:, n], expected)


def test_the_control_adds_distant_cells_only():
    rng = np.random.default_rng(2)
    made, responses, encoding = population(shared=False, clusters=2, members=4)
    made = dataclasses.replace(made, reverse_filter=rng.normal(size=(3, 8, SIDE**2)))
    one = dataclasses.replace(encoding, has_field=np.arange(8) != 3)
    found = run(made, responses, one)
    discs = module.FieldDiscs(one)
    place = found["reference"].index(5)
    pairs = list(combinations(discs.distant(5).tolist(), found["added"][-1]))
    sums = np.zeros(2)
    for cells in pairs:
        sums += squares(made, responses, [5, *cells], discs.region(5), range(IMAGES))
    np.testing.assert_allclose(
        found["local_variability_distant"][place, -1], sums[0] / sums[1], rtol=1e-6
    )


def test_cells_with_one_signal_and_own_noise_average_it_out():
    found = run(*population(shared=True))
    curve = np.median(found["local_variability"], axis=0)
    np.testing.assert_allclose(curve / curve[0], 1 / np.arange(1, 6), rtol=0.2)
    # Filters of the other corners are zero here: nothing changes.
    np.testing.assert_allclose(
        found["local_variability_distant"], found["local_variability_distant"][:, :1] + np.zeros(5)
    )
    np.testing.assert_allclose(found["local_ratio_alone"], 0.2, rtol=0.25)
    np.testing.assert_allclose(found["local_ratio_distant"], 0.2, rtol=0.25)
    assert found["local_ratio_alone_ci95"][1] < 0.35
    assert max(found["local_ratio_alone_p"], found["local_ratio_distant_p"]) < 5e-3
    assert found["local_ci95"][-1, 1] < found["local_ci95"][0, 0]


def test_cells_with_signals_of_their_own_do_not():
    found = run(*population(shared=False))
    np.testing.assert_allclose(found["local_ratio_alone"], 1, atol=0.25)


def test_images_count_only_if_the_cell_responds_and_they_were_repeated():
    made, responses, encoding = population(shared=True)
    responsive = np.zeros((20, IMAGES), bool)
    responsive[:, 2:5] = True
    responses = dataclasses.replace(responses, responsive=responsive)
    found = run(made, responses, encoding)
    region = module.FieldDiscs(encoding).region(0)
    np.testing.assert_allclose(
        found["local_variability"][0, 0], in_pixels(made, responses, [0], region, [2, 3, 4])
    )


def test_scaling_all_filters_changes_nothing():
    made, responses, encoding = population(shared=False)
    larger = dataclasses.replace(made, reverse_filter=50 * np.asarray(made.reverse_filter))
    plain, scaled = (run(each, responses, encoding) for each in (made, larger))
    for name in ("local_variability", "local_variability_distant", "local_variability_all"):
        np.testing.assert_allclose(scaled[name], plain[name], rtol=1e-6)


def test_many_reference_cells_are_sampled(monkeypatch):
    monkeypatch.setattr(module, "MOST_REFERENCES", 7)
    found = run(*population(shared=True))
    assert len(set(found["reference"])) == 7


def test_few_fields_are_too_few():
    made, responses, encoding = population(shared=True)
    few = dataclasses.replace(encoding, has_field=np.arange(20) < 4)
    with pytest.raises(AnalysisError, match=r"0 cells have .* 4 of 20 cells have a field"):
        run(made, responses, few)
    none = dataclasses.replace(responses, responsive=np.zeros((20, IMAGES), bool))
    with pytest.raises(AnalysisError, match="0 cells have a receptive field"):
        run(made, none, encoding)


def test_cells_whose_filters_vanish_are_no_references():
    made, responses, encoding = population(shared=True)
    filters = np.array(made.reverse_filter)
    filters[:, 3] = 0
    found = run(dataclasses.replace(made, reverse_filter=filters), responses, encoding)
    assert 3 not in found["reference"]
    assert len(found["reference"]) == 19
    with pytest.raises(AnalysisError, match="only 0 of 20 reference cells have a filter"):
        run(dataclasses.replace(made, reverse_filter=0 * filters), responses, encoding)
