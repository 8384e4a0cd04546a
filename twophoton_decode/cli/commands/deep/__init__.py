"""``tpdecode deep``: networks and populations of cells."""

from __future__ import annotations

import click

from twophoton_decode.cli.commands.deep.agreement import agreement
from twophoton_decode.cli.commands.deep.completion import completion
from twophoton_decode.cli.commands.deep.count import count
from twophoton_decode.cli.commands.deep.decode import decode
from twophoton_decode.cli.commands.deep.encode import encode
from twophoton_decode.cli.commands.deep.features import features
from twophoton_decode.cli.commands.deep.hierarchy import hierarchy
from twophoton_decode.cli.commands.deep.movie import movie
from twophoton_decode.cli.commands.deep.pictures.components import components
from twophoton_decode.cli.commands.deep.pictures.generated import generated
from twophoton_decode.cli.commands.deep.pictures.inversion import inversion
from twophoton_decode.cli.commands.deep.pictures.learning_curve import learning_curve
from twophoton_decode.cli.commands.deep.pictures.rating import rating
from twophoton_decode.cli.commands.deep.pictures.scores import scores
from twophoton_decode.cli.commands.deep.pictures.train_denoiser import train_denoiser
from twophoton_decode.cli.commands.deep.rsa import rsa
from twophoton_decode.cli.commands.deep.tags import tags


@click.group()
def deep() -> None:
    """Compare deep networks with populations of cells."""


COMMANDS = (
    features, decode, scores, completion, agreement, hierarchy, rsa, encode, tags, inversion,
    rating, generated, components, train_denoiser, movie, learning_curve, count,
)  # fmt: skip
for command in COMMANDS:
    deep.add_command(command)
