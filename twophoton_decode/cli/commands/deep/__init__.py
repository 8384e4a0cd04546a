"""``tpdecode deep``: networks and populations of cells."""

from __future__ import annotations

import click

from twophoton_decode.cli.commands.deep.encode import encode
from twophoton_decode.cli.commands.deep.features import features


@click.group()
def deep() -> None:
    """Compare deep networks with populations of cells."""


deep.add_command(features)
deep.add_command(encode)
