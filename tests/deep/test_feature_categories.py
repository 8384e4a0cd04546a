"""Categories that trained nothing, told apart by decoded features."""

from types import SimpleNamespace

import numpy as np
import pytest

from twophoton_decode.deep.comparison.decoding.categories import (
    _identified,
    category_fields,
    category_folds,
    identify_categories,
)
from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers
from twophoton_decode.deep.comparison.decoding.spaces import Space
from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.stages.deep.decode import _categories
from twophoton_decode.settings import DecodingSettings

KIND = np.repeat([f"kind {n}" for n in range(9)], 8)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(1)
    centre = rng.normal(size=(9, 30))
    features = (np.repeat(centre, 8, axis=0) + 0.7 * rng.normal(size=(72, 30))).astype(np.float32)
    response = features @ rng.normal(size=(30, 60)) + 4 * rng.normal(size=(72, 60))
    return response, features


def test_whole_categories_share_a_fold():
    content = np.arange(72)
    content[[3, 70]] = 3
    category = KIND.copy()
    category[5] = ""
    fold = category_folds(category, content, 10, 0)
    assert fold[5] == -1
    assert fold.max() == 1, "eight groups of categories give two folds of three or more"
    for kind in np.unique(KIND):
        assert len(set(fold[(category == kind)])) == 1
    assert fold[3] == fold[70]
    with pytest.raises(AnalysisError, match=r"6 or more.*there are 5"):
        category_folds(KIND[:40], content[:40], 10, 0)


def test_the_category_is_found_among_those_of_the_fold(data):
    response, features = data
    content, fold = np.arange(72), category_folds(KIND, np.arange(72), 10, 0)
    found = identify_categories(Population(response), {"layer": features}, KIND, fold, content)[
        "layer"
    ]
    layer = decode_layers(Population(response), {"layer": features}, fold, content)["layer"]
    for image in (0, 30, 71):
        kind = KIND[image]
        rows = {k: np.flatnonzero(k == KIND) for k in set(KIND[fold == fold[image]])}
        rows[kind] = np.setdiff1d(rows[kind], image)
        means = {k: layer.truth[each].mean(axis=0) for k, each in rows.items()}
        middle = np.mean(list(means.values()), axis=0)
        means = {k: each - middle for k, each in means.items()}
        r = {k: np.corrcoef(layer.decoded[image], each)[0, 1] for k, each in means.items()}
        true = r.pop(kind)
        assert found.two_way[image] == pytest.approx(np.mean([v < true for v in r.values()]))
        assert found.top1[image] == float(true > max(r.values()))
        assert found.candidates[image] == len(r) + 1 == 3
    assert np.mean(found.two_way) > 0.8


def test_images_without_category_or_alone_in_theirs_have_no_score(data):
    response, features = data
    category = KIND.copy()
    category[0], category[1] = "", "alone"
    content = np.arange(72)
    fold = category_folds(category, content, 10, 0)
    found = identify_categories(Population(response), {"layer": features}, category, fold, content)[
        "layer"
    ]
    assert np.isnan(found.two_way[:2]).all()
    assert not found.candidates[:2].any()
    assert np.isfinite(found.two_way[2:]).all()


def test_a_large_category_has_others_to_be_told_from():
    """By pictures alone, one category of sixty would fill a fold, and have no candidate."""
    category = np.concatenate([np.repeat("large", 60), np.repeat([f"k{n}" for n in range(8)], 5)])
    fold = category_folds(category, np.arange(100), 10, 0)
    for number in np.unique(fold):
        assert len(set(category[fold == number])) >= 3


def test_a_group_of_the_log_leaves_its_pictures_examples_of_each_other(data):
    """Scenes of the log may be the categories: their pictures share a fold, but are not alike."""
    response, features = data
    group = np.unique(KIND, return_inverse=True)[1]
    settings = DecodingSettings(bootstraps=100)
    layers = {"layer": features}
    found, notes = category_fields(response, layers, KIND, group, np.arange(72), settings)
    assert found["category_two_way"][0] > 0.8
    assert not notes
    with pytest.raises(AnalysisError, match="images of every category show the same"):
        category_fields(response, layers, KIND, group, group, settings)


def test_a_category_of_near_duplicates_is_said_and_still_a_candidate(data):
    response, features = data
    same = np.arange(72)
    same[KIND == "kind 4"] = 200
    settings = DecodingSettings(bootstraps=100)
    fold = category_folds(KIND, same, 10, 0)
    found = identify_categories(Population(response), {"layer": features}, KIND, fold, same)
    own = KIND == "kind 4"
    assert np.isnan(found["layer"].two_way[own]).all()
    assert np.isfinite(found["layer"].two_way[~own]).all()
    assert set(found["layer"].candidates[~own]) == {3}
    notes = category_fields(response, {"layer": features}, KIND, same, same, settings)[1]
    assert "of 72 images, 8 have a category whose other images all show the same" in notes[0]


def test_copies_of_a_picture_count_once_in_the_mean_of_a_category():
    rng = np.random.default_rng(3)
    category = np.repeat(["a", "b"], [3, 2])
    truth = rng.normal(size=(5, 40))
    decoded = truth + 1.5 * rng.normal(size=(5, 40))
    once = _identified(
        SimpleNamespace(truth=truth, decoded=decoded), category, np.zeros(5), np.arange(5)
    )[0]
    copied = np.array([0, 1, 2, 3, 4, 4, 4, 4])
    layer = SimpleNamespace(truth=truth[copied], decoded=decoded[copied])
    again = _identified(layer, category[copied], np.zeros(8), copied)[0]
    np.testing.assert_array_equal(again[:, :5], once)


def test_chance_is_one_half_where_categories_share_what_is_decoded():
    """Decoded patterns know what all categories of a fold have in common, and nothing else."""
    rng = np.random.default_rng(4)
    category = np.repeat(["a", "b", "c"], 3)
    shares = []
    for _ in range(150):
        shared = rng.normal(size=60)
        truth, decoded = (shared + rng.normal(size=(9, 60)) for _ in range(2))
        layer = SimpleNamespace(truth=truth, decoded=decoded)
        shares.append(_identified(layer, category, np.zeros(9), np.arange(9))[0][0].mean())
    # Uncentred, .32.
    assert abs(np.mean(shares) - 0.5) < 0.04


def test_a_layer_that_one_twin_lacks_has_no_category_there(data, monkeypatch):
    response, features = data
    flat = np.zeros_like(features)
    spaces = [
        Space("network", "stem", features, np.arange(30)),
        Space("random", "stem", flat, np.arange(30), seed=0),
        Space("random", "stem", features[:, ::-1], np.arange(30), seed=1),
    ]
    # Scored were the network and the second twin.
    fields = {"kind": ["network", "random"], "space": ["stem", "stem"], "seed": [-1, 1]}
    monkeypatch.setattr("twophoton_decode.pipeline.inputs.categories.categories_of",
                        lambda work, responses: KIND)  # fmt: skip
    work = SimpleNamespace(settings=SimpleNamespace(decoding=DecodingSettings(bootstraps=100)),
                           progress=lambda *given: None)  # fmt: skip
    alike = np.arange(72), np.arange(72)
    found, _ = _categories(work, SimpleNamespace(averages=lambda: response), spaces, alike, fields)
    assert np.shape(found["category_two_way"]) == (2,)
    assert min(found["category_two_way"]) > 0.5
