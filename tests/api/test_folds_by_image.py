import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score

import twophoton_decode as tp

IMAGE = np.tile(np.arange(12), 4)
X = np.zeros((48, 3))


def test_no_image_is_in_training_and_test_and_each_is_tested_once():
    tested = []
    for train, test in tp.folds.ByImage(5).split(X, groups=IMAGE):
        assert not set(IMAGE[train]) & set(IMAGE[test])
        assert sorted([*train, *test]) == list(range(48))
        tested += list(test)
    assert sorted(tested) == list(range(48))


def test_folds_are_even_and_drawn_by_the_seed():
    def split_of(seed):
        return [
            sorted(set(IMAGE[test])) for _, test in tp.folds.ByImage(4, seed).split(X, None, IMAGE)
        ]

    assert [len(each) for each in split_of(0)] == [3, 3, 3, 3]
    assert split_of(0) == split_of(0)
    assert split_of(0) != split_of(1)


def test_names_of_images_are_groups_too():
    names = np.array([f"nat_{image:03d}.png" for image in IMAGE])
    by_name = [test.tolist() for _, test in tp.folds.ByImage(4).split(X, None, names)]
    assert by_name == [test.tolist() for _, test in tp.folds.ByImage(4).split(X, None, IMAGE)]


def test_pictures_that_show_nearly_the_same_share_a_fold():
    pictures = (
        np.random.default_rng(0).normal(size=(12, 16, 16)).repeat(2, axis=1).repeat(2, axis=2)
    )
    pictures[7] = 1.5 * pictures[2] + 3
    folds = tp.folds.ByImage(12, pictures=pictures)
    assert folds.get_n_splits(X, None, IMAGE) == 11
    [together] = [set(IMAGE[test]) for _, test in folds.split(X, None, IMAGE) if 2 in IMAGE[test]]
    assert together == {2, 7}


def test_as_many_folds_as_images_leave_one_out():
    assert tp.folds.ByImage(12).get_n_splits(X, None, IMAGE) == 12
    assert tp.folds.ByImage(50).get_n_splits(X, None, IMAGE) == 12


@pytest.mark.parametrize(
    ("folds", "groups", "said"),
    [
        (tp.folds.ByImage(), None, "need groups: the image shown"),
        (tp.folds.ByImage(), IMAGE[:-1], "each of 48 presentations, found 47"),
        (tp.folds.ByImage(), np.zeros(48, int), "three images, found 1"),
        (tp.folds.ByImage(2.5), IMAGE, "folds must be a whole number, 2 or more, found 2.5"),
        (tp.folds.ByImage(1), IMAGE, "folds must be a whole number, 2 or more, found 1"),
        (tp.folds.ByImage(pictures=np.zeros((5, 4, 4))), IMAGE, "0 to 4; found 0 to 11"),
        (tp.folds.ByImage(pictures=np.zeros((12, 4))), IMAGE, r"shape \(12, 4\)"),
    ],
)
def test_what_does_not_fit_is_said(folds, groups, said):
    with pytest.raises(tp.errors.UsageError, match=said):
        list(folds.split(X, None, groups))


def test_grid_search_and_predictions_take_them(simulated_population):
    space = tp.features.PriorComponents((32, 32))
    Y = space.encode(simulated_population.pictures)[simulated_population.image][:, :4]
    folds = tp.folds.ByImage(4, pictures=simulated_population.pictures)
    grid = GridSearchCV(tp.decoders.Ridge(), {"strengths": [(1.0,), (1e4,)]}, cv=folds)
    grid.fit(simulated_population.responses, Y, groups=simulated_population.image)
    assert grid.best_params_["strengths"] in [(1.0,), (1e4,)]
    predicted = cross_val_predict(
        tp.decoders.Ridge(),
        simulated_population.responses,
        Y,
        groups=simulated_population.image,
        cv=folds,
    )
    train, test = next(folds.split(simulated_population.responses, Y, simulated_population.image))
    by_hand = clone(tp.decoders.Ridge()).fit(simulated_population.responses[train], Y[train])
    np.testing.assert_allclose(
        predicted[test], by_hand.predict(simulated_population.responses[test])
    )


def test_cross_validated_r_is_that_of_the_session(simulated_population):
    """The same folds, decoder, features and score as ``tpdecode reconstruct``."""
    session = simulated_population.session
    responses, record = session.responses, session.reconstruction["ridge"]
    space = tp.features.Gabor(responses.picture.shape[1:])
    seed = session.settings.decoding.seed
    folds = tp.folds.ByImage(10, seed, pictures=responses.picture)
    scores = cross_val_score(
        tp.decoders.Ridge.for_features(space),
        responses.response,
        space.encode(responses.picture)[responses.image],
        groups=responses.image,
        cv=folds,
        scoring=tp.scores.correlation_scorer(space),
    )
    for fold, (_, test) in enumerate(folds.split(responses.response, None, responses.image)):
        images = np.unique(responses.image[test])
        assert len(set(record.fold[images])) == 1
        # The session compares with the pictures, this score with what features show of them.
        assert scores[fold] == pytest.approx(record.r_single[images].mean(), abs=0.02)
