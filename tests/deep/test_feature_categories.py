"""Categories that trained nothing, told apart by decoded features."""

import numpy as np
import pytest

from twophoton_decode.deep.comparison.decoding.categories import category_folds, identify_categories
from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers
from twophoton_decode.errors import AnalysisError

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
