import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import twophoton_decode as tp
from twophoton_decode.registry import DECODERS

NAMES = DECODERS.names()


def test_every_built_in_decoder_has_a_name_of_its_own():
    kinds = [tp.decoders.load(name) for name in NAMES]
    assert sorted(kind.__name__ for kind in kinds) == sorted(
        set(tp.decoders.__all__) - {"load", "names"}
    )
    for name, kind in zip(NAMES, kinds, strict=True):
        assert issubclass(kind, DECODERS.load(name))
        assert repr(kind()) == f"{kind.__name__}()"


WITH_NETWORKS = ("end-to-end", "feature-inversion", "latent", "latent-diffusion")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITH_NETWORKS])
def test_it_is_the_decoder_that_the_stages_run(name, simulated_population):
    """In a pipeline, cloned, and after pickling, with the same weights."""
    space = tp.features.PriorComponents((32, 32))
    Y = space.encode(simulated_population.pictures)[simulated_population.image][:, :3]
    made = clone(tp.decoders.load(name)()).fit(simulated_population.responses, Y)
    own = DECODERS.load(name)().fit(simulated_population.responses, Y)
    np.testing.assert_array_equal(made.coef_, own.coef_)
    again = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(
        again.predict(simulated_population.responses), made.predict(simulated_population.responses)
    )
    piped = make_pipeline(StandardScaler(), tp.decoders.load(name)())
    scores = cross_val_score(
        piped, simulated_population.responses, Y, groups=simulated_population.image,
        cv=tp.folds.ByImage(3),
        error_score="raise",
    )  # fmt: skip
    assert scores.shape == (3,)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_scikit_learns_own_checks_hold_under_the_name():
    """The classes below are checked in tests/decoding; here the name and constructor of one."""
    check_estimator(tp.decoders.Ridge())


def test_parameters_are_set_and_cloned():
    lasso = tp.decoders.Lasso(strengths=(0.5, 0.1))
    assert clone(lasso).get_params() == {"strengths": (0.5, 0.1)}
    assert lasso.set_params(strengths=(0.2,)).strengths == (0.2,)
    with pytest.raises(ValueError, match="Invalid parameter 'strength'"):
        lasso.set_params(strength=1)


def test_for_features_gives_the_named_class():
    space = tp.features.PriorComponents((16, 16))
    assert type(tp.decoders.Ridge.for_features(space)) is tp.decoders.Ridge
    assert tp.decoders.Ridge.for_features(space).per_feature
    bayes = tp.decoders.Bayes.for_features(space)
    np.testing.assert_array_equal(clone(bayes).variance, space.variance)


def test_an_unknown_decoder_is_an_error_that_lists_the_known_ones():
    with pytest.raises(tp.errors.UnknownNameError, match="'rigde'; known are all-cells, bayes"):
        tp.decoders.load("rigde")


def test_feature_spaces_say_what_does_not_fit():
    gabor = tp.features.Gabor((64, 48))
    pictures = np.random.default_rng(0).random((2, 64, 48))
    np.testing.assert_allclose(gabor.encode(pictures), gabor.encode(gabor.prepare(pictures)))
    with pytest.raises(ValueError, match=r"\(n, 64, 48\) or \(n, 32, 32\), found \(2, 48, 64\)"):
        gabor.encode(pictures.transpose(0, 2, 1))
    with pytest.raises(tp.errors.UsageError, match=r"\(n, 1248\), found \(1248,\)"):
        gabor.decode(np.zeros(1248))
    with pytest.raises(tp.errors.UsageError, match=r"Pixels\(\(4, 4\)\) encodes .* found \(4, 4\)"):
        tp.features.Pixels((4, 4)).encode(np.zeros((4, 4)))
    for wrong in (32, (32,), (32.5, 32), (0, 4), "32x32"):
        with pytest.raises(ValueError, match="picture_shape must be height and width"):
            tp.features.Gabor(wrong)
    pixels = tp.features.Pixels((4, 4))
    np.testing.assert_array_equal(
        pixels.decode(pixels.encode(np.ones((1, 4, 4)))), np.ones((1, 4, 4))
    )
