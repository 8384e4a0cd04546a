import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import twophoton_decode as tp

RNG = np.random.default_rng(1)
SHOWN, MADE, MEAN = RNG.random((5, 6, 4)), RNG.random((5, 6, 4)), RNG.random((6, 4))


def test_r_is_pearsons_correlation_less_the_mean_picture():
    expected = [
        stats.pearsonr((s - MEAN).ravel(), (m - MEAN).ravel()).statistic
        for s, m in zip(SHOWN, MADE, strict=True)
    ]
    np.testing.assert_allclose(tp.scores.correlation(SHOWN, MADE, MEAN), expected)
    rows = tp.scores.correlation(SHOWN.reshape(5, -1), MADE.reshape(5, -1), MEAN.ravel())
    np.testing.assert_allclose(rows, expected)


def test_cd_is_the_error_over_that_of_the_mean_picture():
    expected = 1 - ((SHOWN - MADE) ** 2).sum((1, 2)) / ((SHOWN - MEAN) ** 2).sum((1, 2))
    np.testing.assert_allclose(tp.scores.determination(SHOWN, MADE, MEAN), expected)
    means = np.broadcast_to(MEAN, SHOWN.shape)
    np.testing.assert_allclose(tp.scores.determination(SHOWN, means, MEAN), 0, atol=1e-12)


def test_two_way_identification_counts_the_others_that_fit_worse():
    own = np.array([3, 0, 0, 4, 1])
    expected = []
    for made, true in zip(MADE, own, strict=True):
        fit = [np.corrcoef((made - MEAN).ravel(), (each - MEAN).ravel())[0, 1] for each in SHOWN]
        expected.append(np.mean([fit[k] < fit[true] for k in range(5) if k != true]))
    found = tp.scores.two_way_identification(MADE, SHOWN, own, MEAN)
    np.testing.assert_allclose(found, expected)
    alike = tp.scores.two_way_identification(MADE, SHOWN, own, MEAN, content=[0, 0, 1, 1, 1])
    assert set(np.unique(alike)) <= {0, 1 / 3, 0.5, 2 / 3, 1}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tp.scores.correlation(SHOWN, MADE[:4]), r"\(5, 6, 4\).*\(4, 6, 4\).*do not fit"),
        (lambda: tp.scores.correlation(SHOWN[0, 0], MADE), r"picture\[None\]"),
        (lambda: tp.scores.correlation(SHOWN, MADE, np.zeros(7)), r"the mean \(7,\)"),
        (lambda: tp.scores.correlation(SHOWN, MADE * np.nan), "120 of the 120 values of reconstr"),
        (lambda: tp.scores.two_way_identification(MADE, SHOWN, [0, 1, 2, 3, 5]), "0 to 4"),
        (lambda: tp.scores.two_way_identification(MADE, SHOWN, [0, 1]), "each of 5"),
        (lambda: tp.scores.two_way_identification(MADE, SHOWN * 0, [0] * 5), "two candidates that"),
        (lambda: tp.scores.structural_similarity(SHOWN, MADE, 0), "data_range above 0"),
    ],
)
def test_what_does_not_fit_is_said(call, said):
    with pytest.raises(tp.errors.UsageError, match=said):
        call()
    with pytest.raises(ValueError, match=said):
        call()


def test_the_scorer_weighs_images_alike_and_knows_the_training_mean(simulated_population):
    space = tp.features.Pixels((32, 32))
    Y = space.encode(simulated_population.pictures)[simulated_population.image]
    train = simulated_population.image < 12
    # One image with all repeats, one with a single one.
    test = np.isin(simulated_population.image, [13]) | (
        np.isin(simulated_population.image, [14]) & (simulated_population.repeat == 0)
    )
    model = make_pipeline(StandardScaler(), tp.decoders.Ridge()).fit(
        simulated_population.responses[train], Y[train]
    )
    mean, made = Y[train].mean(axis=0), model.predict(simulated_population.responses[test])
    r = tp.scores.correlation(Y[test], made, mean)
    image = simulated_population.image[test]
    expected = (r[image == 13].mean() + r[image == 14].mean()) / 2
    assert r[image == 13].std() > 0
    for scorer in (tp.scores.correlation_scorer(space), tp.scores.correlation_scorer()):
        assert scorer(model, simulated_population.responses[test], Y[test]) == pytest.approx(
            expected
        )


def test_an_estimator_that_does_not_know_its_mean_is_refused_in_words(simulated_population):
    model = LinearRegression().fit(
        simulated_population.responses, simulated_population.rates[simulated_population.image]
    )
    with pytest.raises(tp.errors.UsageError, match="LinearRegression has no target_mean_"):
        tp.scores.correlation_scorer()(
            model,
            simulated_population.responses,
            simulated_population.rates[simulated_population.image],
        )
