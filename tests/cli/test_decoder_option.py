"""``--decoder``: named ones in their order, ``all`` for every one without a network."""

import pytest

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.errors import UnknownNameError
from twophoton_decode.registry import DECODERS


def given(command, *names):
    (option,) = [each for each in tpdecode.commands[command].params if each.name == "decoders"]
    return option.callback(None, option, names)


@pytest.mark.parametrize(
    "command", ["reconstruct", "sparsity-report", "stability-report", "run", "compare"]
)
def test_all_means_every_decoder_without_a_network_once(command):
    without_network = ("all-cells", "bayes", "cell-selection", "elastic-net", "lasso", "ridge")
    assert given(command, "all") == without_network
    assert given(command, "ridge", "all")[0] == "ridge"
    assert sorted(given(command, "ridge", "all")) == list(without_network)
    assert {"end-to-end", "latent"} <= set(DECODERS.names()) - set(without_network)
    assert given(command, "ridge", "all-cells", "ridge") == ("ridge", "all-cells")
    assert given(command) == ()


def test_an_unknown_decoder_is_refused_also_beside_all():
    with pytest.raises(UnknownNameError, match="rigde"):
        given("run", "rigde", "all")
