"""``tpdecode deep encode``: attention on and off, for single cells."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import deep_settings, network_options
from twophoton_decode.cli.options import (
    as_stored,
    session_argument,
    verbosity_options,
    working_on,
)

_KINDS = ("cam", "branch", "dino")


@click.command()
@session_argument
@click.option(
    "--attention",
    metavar="cam|branch|dino|FILE",
    help="Maps of attention: class activation of the network itself, the attention branch of "
    "ABN-ResNet-50, the class token of DINOv2-S, or a file of square maps (picture, y, x). Saved "
    "to session.toml.",
)
@network_options
@verbosity_options
def encode(
    session: Path,
    attention: str | None,
    networks: tuple[str, ...],
    weights: str | None,
    device: str | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Predict each cell from a network, with attention on and off.

    Attention counts only where the picture's own map predicts better than another picture's
    and than the mean map. Needs `tpdecode encode` first.

    \b
    Example:
      tpdecode deep encode S
      tpdecode deep encode S --attention dino --network efficientnet-lite0
      tpdecode deep encode S --attention maps.npy
    """
    given = deep_settings(weights, device, session) | _attention_settings(attention, session)
    with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
        work.run_deep("deep-encode", networks)


def _attention_settings(attention: str | None, session: Path) -> dict[str, str]:
    if attention is None:
        return {}
    if attention in _KINDS:
        return {"deep.attention": attention, "deep.attention_file": ""}
    return {"deep.attention": "file", "deep.attention_file": as_stored(attention, session)}
