"""Decoders and feature spaces by name, other packages' among them."""

import dataclasses
from importlib.metadata import EntryPoint

import pytest

from twophoton_decode.errors import UnknownNameError, UsageError
from twophoton_decode.registry import DECODERS


@pytest.fixture
def plugged_in(monkeypatch):
    def plug_in(name):
        target = "twophoton_decode.decoding.decoders.ridge:Decoder"
        point = EntryPoint(name, target, "tpdecode.decoders")
        monkeypatch.setattr("twophoton_decode.registry.entry_points", lambda group: [point])

    return plug_in


def test_a_plug_in_is_listed_and_loaded(plugged_in):
    plugged_in("my-decoder_2")
    assert DECODERS.names() == (
        "all-cells",
        "bayes",
        "cell-selection",
        "elastic-net",
        "end-to-end",
        "feature-inversion",
        "lasso",
        "latent",
        "latent-diffusion",
        "my-decoder_2",
        "ridge",
    )
    assert DECODERS.load("my-decoder_2") is DECODERS.load("ridge")


@pytest.mark.parametrize("name", ["../evil", "a/b", "..", "a:b", "-q", ""])
def test_a_name_that_is_unfit_for_a_file_is_refused(plugged_in, name):
    plugged_in(name)
    with pytest.raises(UsageError, match="files are named after it"):
        DECODERS.load(name)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(
        UnknownNameError,
        match="'rigde'; known are all-cells, bayes, cell-selection, elastic-net, end-to-end, "
        "feature-inversion, lasso, latent, latent-diffusion, ridge",
    ):
        DECODERS.require("rigde")


@pytest.mark.parametrize(("name", "hint"), [("rigde", " Did you mean 'ridge'?"), ("knn", "")])
def test_a_name_misspelt_is_told_the_nearest(name, hint):
    with pytest.raises(UnknownNameError) as refused:
        DECODERS.require(name)
    assert str(refused.value).partition("ridge.")[2] == hint


def test_several_folders_have_decoders():
    both = dataclasses.replace(DECODERS, folders=("decoding/decoders", "features"))
    assert {"ridge", "gabor"} <= set(both.names())
    assert both.load("ridge") is DECODERS.load("ridge")
    missing = dataclasses.replace(DECODERS, folders=(*DECODERS.folders, "not/there"))
    assert missing.names() == DECODERS.names()
