"""A decoder of another package that is none, or fails, is named, with what is wrong and whose."""

from importlib.metadata import EntryPoint

import pytest
from simulated_trials import responses, trials

from twophoton_decode.decoding.plug_in_errors import running
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import PlugInError, UsageError
from twophoton_decode.registry import DECODERS, FEATURE_SPACES
from twophoton_decode.settings import DecodingSettings

THEIRS = """
import threading
import numpy as np

class Mean:
    # Reconstructs the mean picture; cannot be pickled, which nothing asks of it.
    def fit(self, R, Y, groups=None):
        self.mean, self.lock = Y.mean(axis=0), threading.Lock()
    def predict(self, R):
        return np.tile(self.mean, (len(R), 1))

class Raises(Mean):
    def fit(self, R, Y, groups=None):
        return self._solve(R)
    def _solve(self, R):
        raise ValueError(f"no solution for {R.shape[1]} cells")

class RaisesLater(Mean):
    def predict(self, R):
        return R["all"]

class Short(Mean):
    def predict(self, R):
        return self.mean

class NotANumber(Mean):
    def predict(self, R):
        return np.full((len(R), len(self.mean)), np.nan)

class Texts(Mean):
    def predict(self, R):
        return [["a"] * len(self.mean)] * len(R)

class Claims(Mean):
    def affine_weights(self, trials):
        return np.ones((5, len(self.mean)))

class ClaimsTooFew(Mean):
    def affine_weights(self, trials):
        return np.zeros((4, len(self.mean)))

class LacksPredict:
    def fit(self, R, Y, groups=None): pass

class LacksBoth: pass

class NoGroups(Mean):
    def fit(self, R, Y): pass

class NeedsMore(Mean):
    def __init__(self, neighbours): pass

class NotCallable(Mean):
    predict = 3

number = 3

def shared(values, wrong):
    if wrong:
        raise ValueError("a shared function failed")
    return values

class Space:
    def __init__(self, shape):
        self.shape, self.count, self.name = shape, 9, "space"
    def prepare(self, pictures):
        return np.asarray(pictures, float)
    def encode(self, pictures):
        return np.asarray(pictures, float).reshape(-1, 9)
    def decode(self, features):
        return shared(np.asarray(features).reshape(-1, 3, 3), False)

class BadSpace(Space):
    def decode(self, features):
        return shared(features, True)

class Shares(Mean):
    def predict(self, R):
        return shared(R, True)
"""


@pytest.fixture
def their_package(tmp_path, monkeypatch):
    """Entry points ``NAME = module:attribute`` of a package that somebody else wrote."""
    (tmp_path / "somebodys_decoders.py").write_text(THEIRS)
    (tmp_path / "broken_decoders.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)

    def plug_in(target, space="somebodys_decoders:Space"):
        points = {
            "tpdecode.decoders": [EntryPoint("mine", target, "tpdecode.decoders")],
            "tpdecode.features": [EntryPoint("seen", space, "tpdecode.features")],
        }
        monkeypatch.setattr("twophoton_decode.registry.entry_points", lambda group: points[group])

    return plug_in


def reconstructed_by(decoder, features="pixels"):
    response, image, pictures = trials(images=6, repeats=2, cells=5)
    shown = responses(response, image, pictures.reshape(6, 3, 3))
    settings = DecodingSettings(features=features, folds=3, permutations=0)
    return reconstruct(shown, decoder, settings)


def test_fit_and_predict_are_enough(their_package):
    their_package("somebodys_decoders:Mean")
    made = reconstructed_by("mine")
    assert made.reverse_filter is None
    assert made.constant_reconstructions == 12


def test_a_decoder_that_raises_is_named_with_its_method_and_owner(their_package):
    their_package("somebodys_decoders:Raises")
    with pytest.raises(PlugInError) as caught:
        reconstructed_by("mine")
    message = str(caught.value)
    assert message.startswith("the decoder 'mine' failed in Raises._solve (somebodys_decoders.py, ")
    assert "ValueError: no solution for 5 cells" in message
    assert "code of the package somebodys_decoders, not of tpdecode" in message
    assert "report it" not in message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("RaisesLater", "failed in RaisesLater.predict"),
        ("Short", r"its predict returned an array of shape \(9,\); expected \(8, 9\)"),
        ("NotANumber", "its predict returned NaN or infinity in 72 of 72"),
        ("Texts", "its predict does not return numbers"),
        ("Claims", "its affine_weights do not give its predictions"),
        ("ClaimsTooFew", r"its affine_weights returned an array of shape \(4, 9\); expected \(5"),
    ],
)
def test_a_decoder_that_breaks_its_promise_is_named_with_what_is_wrong(their_package, name, words):
    their_package(f"somebodys_decoders:{name}")
    with pytest.raises(PlugInError, match=words) as caught:
        reconstructed_by("mine")
    assert "the decoder 'mine'" in str(caught.value)
    assert "the package somebodys_decoders" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("LacksPredict", "it has no method predict(R)."),
        ("LacksBoth", "it has no method fit(R, Y, groups=None); it has no method predict(R)."),
        ("NoGroups", "its fit cannot be called as fit(R, Y, groups=None)."),
        ("NeedsMore", "it cannot be made without arguments: give every parameter a default."),
        ("NotCallable", "its predict cannot be called as predict(R)."),
        ("number", "it has no method fit(R, Y, groups=None); it has no method predict(R)."),
    ],
)
def test_what_is_no_decoder_is_refused_when_it_is_loaded(their_package, name, words):
    their_package(f"somebodys_decoders:{name}")
    with pytest.raises(PlugInError) as caught:
        DECODERS.load("mine")
    start = f"somebodys_decoders:{name} of the package somebodys_decoders is not a decoder: "
    assert str(caught.value).startswith(start + words)


def test_what_is_no_feature_space_is_refused_when_it_is_loaded(their_package):
    their_package("somebodys_decoders:Mean", "somebodys_decoders:Mean")
    with pytest.raises(PlugInError, match="is not a feature space: it has no method prepare"):
        FEATURE_SPACES.load("seen")


OTHERS = """
class Space:
    def __init__(self, shape):
        self.shape, self.count, self.name = shape, 9, "space"
    def prepare(self, pictures):
        return pictures + 0.0
    def encode(self, pictures):
        return pictures.reshape(-1, 9)
    def decode(self, features):
        return features.reshape(-1, 3, 3)

class Late(Space):
    def decode(self, features):
        return features.reshape(-1, 3, 5)

class Curved(Space):
    def decode(self, features):
        return features.reshape(-1, 9)[:, :4]
"""


@pytest.mark.parametrize(
    ("decoder", "space", "words"),
    [
        # Two of two packages.
        (
            "Raises",
            "anothers_spaces:Space",
            "the decoder 'mine' failed in Raises._solve .*no solution",
        ),
        ("Short", "anothers_spaces:Space", "the decoder 'mine' of the package somebodys_decoders"),
        (
            "Mean",
            "anothers_spaces:Late",
            "the feature space 'seen' failed in Late.decode .*cannot reshape",
        ),
        # Two of one package, which fail in the same function.
        ("Shares", "somebodys_decoders:Space", "the decoder 'mine' failed in shared"),
        (
            "Mean",
            "somebodys_decoders:BadSpace",
            "the feature space 'seen' failed in shared .*: a shared function",
        ),
        ("Raises", "somebodys_decoders:Space", "the decoder 'mine' failed in Raises._solve"),
        # Nobody's code raised: both are suspects.
        ("Mean", "anothers_spaces:Curved", "the decoder 'mine' of .* or the feature space 'seen'"),
    ],
)
def test_of_two_plug_ins_the_one_that_raised_is_named(
    their_package, tmp_path, decoder, space, words
):
    (tmp_path / "anothers_spaces.py").write_text(OTHERS)
    their_package(f"somebodys_decoders:{decoder}", space)
    with pytest.raises(PlugInError, match=f"^{words}"):
        reconstructed_by("mine", "seen")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("broken_decoders:Decoder", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("somebodys_decoders:Gone", "AttributeError"),
        ("nowhere:Decoder", "ModuleNotFoundError"),
    ],
)
def test_a_plug_in_that_cannot_be_imported_is_named(their_package, target, words):
    their_package(target)
    with pytest.raises(PlugInError) as caught:
        DECODERS.load("mine")
    assert f"the decoder 'mine' cannot be loaded from {target}" in str(caught.value)
    assert words in str(caught.value)


def test_errors_of_our_own_decoders_stay_what_they_are(their_package):
    their_package("somebodys_decoders:Mean")
    for name, expected in (("ridge", ZeroDivisionError), ("mine", PlugInError)):
        with pytest.raises(expected), running(name):
            raise ZeroDivisionError
    with pytest.raises(UsageError), running("mine"):
        raise UsageError("ours")
