"""A decoder of another package that fails is named, with its method and whose code it is."""

from importlib.metadata import EntryPoint

import pytest
from simulated_trials import responses, trials

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import PlugInError, UsageError
from twophoton_decode.registry import DECODERS
from twophoton_decode.settings import DecodingSettings

BROKEN = """
class Fails:
    def fit(self, R, Y, groups=None):
        return self._solve(R)
    def _solve(self, R):
        raise ValueError(f"no solution for {R.shape[1]} cells")

class Lacks:
    def fit(self, R, Y, groups=None):
        return self
"""


@pytest.fixture
def their_package(tmp_path, monkeypatch):
    """Entry points ``NAME = module:attribute`` of a package that somebody else wrote."""
    (tmp_path / "somebodys_decoders.py").write_text(BROKEN)
    (tmp_path / "broken_decoders.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)

    def plug_in(target):
        point = EntryPoint("mine", target, "tpdecode.decoders")
        monkeypatch.setattr("twophoton_decode.registry.entry_points", lambda group: [point])

    return plug_in


def reconstructed_by(decoder):
    response, image, pictures = trials(images=6, repeats=2, cells=5)
    shown = responses(response, image, pictures.reshape(6, 3, 3))
    settings = DecodingSettings(features="pixels", folds=3, permutations=0)
    return reconstruct(shown, decoder, settings)


def test_a_decoder_that_raises_is_named_with_its_method_and_owner(their_package):
    their_package("somebodys_decoders:Fails")
    with pytest.raises(PlugInError) as caught:
        reconstructed_by("mine")
    message = str(caught.value)
    assert message.startswith("the decoder 'mine' failed in Fails._solve (somebodys_decoders.py, ")
    assert "ValueError: no solution for 5 cells" in message
    assert "code of the package somebodys_decoders, not of tpdecode" in message
    assert "report it" not in message


def test_a_decoder_that_lacks_something_is_told_what(their_package):
    their_package("somebodys_decoders:Lacks")
    with pytest.raises(
        PlugInError, match=r"'mine' of the package .* does not give .*AttributeError"
    ):
        reconstructed_by("mine")


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
    their_package("somebodys_decoders:Fails")
    for name, expected in (("ridge", ZeroDivisionError), ("mine", PlugInError)):
        with pytest.raises(expected), DECODERS.running(name):
            raise ZeroDivisionError
    with pytest.raises(UsageError), DECODERS.running("mine"):
        raise UsageError("ours")
