"""``--decoder``: named ones in their order, ``all`` for every known one."""

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
def test_all_means_every_known_decoder_once(command):
    assert given(command, "all") == DECODERS.names()
    assert given(command, "ridge", "all")[0] == "ridge"
    assert sorted(given(command, "ridge", "all")) == list(DECODERS.names())
    assert given(command, "ridge", "all-cells", "ridge") == ("ridge", "all-cells")
    assert given(command) == ()


def test_an_unknown_decoder_is_refused_also_beside_all():
    with pytest.raises(UnknownNameError, match="rigde"):
        given("run", "rigde", "all")
