"""``tpdecode deep``: networks and populations of cells."""

from __future__ import annotations

import click

from twophoton_decode.cli.commands.deep.agreement import agreement
from twophoton_decode.cli.commands.deep.completion import completion
from twophoton_decode.cli.commands.deep.decode import decode
from twophoton_decode.cli.commands.deep.encode import encode
from twophoton_decode.cli.commands.deep.features import features
from twophoton_decode.cli.commands.deep.hierarchy import hierarchy
from twophoton_decode.cli.commands.deep.movie import movie
from twophoton_decode.cli.commands.deep.rsa import rsa
from twophoton_decode.cli.commands.deep.scores import scores
from twophoton_decode.cli.commands.deep.tags import tags


@click.group()
def deep() -> None:
    """Compare deep networks with populations of cells."""


for command in (
    features, decode, scores, completion, agreement, hierarchy, rsa, encode, tags, movie,
):  # fmt: skip
    deep.add_command(command)
