"""``tpdecode weights``: which networks can be used, and where their weights lie."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.columns import aligned
from twophoton_decode.cli.console import Console, echo
from twophoton_decode.cli.options import verbosity_options

if TYPE_CHECKING:
    from twophoton_decode.deep.weights.find import Found
    from twophoton_decode.deep.weights.published import Published

_SHOWN_DIGITS = 8


@click.group()
def weights() -> None:
    """List the weights of deep networks, or add a file of them."""


@weights.command("list")
def list_() -> None:
    """Name every network, the licence of its weights, and where they were found.

    An autoencoder has two files, one to make codes of pictures and one to make pictures of codes.
    Other classification networks of torchvision can be named too, and every network as
    NAME@random:SEED, which needs no weights.

    \b
    Example:
      tpdecode weights list
    """
    from twophoton_decode.deep.networks.catalogue import listed_files
    from twophoton_decode.deep.weights.find import find_weights
    from twophoton_decode.errors import WeightsError

    rows = [("network", "licence", "MB", "weights")]
    for name, published in listed_files().items():
        try:
            found = find_weights(name, published)
        except WeightsError as error:
            missing = "not found" in str(error)
            told = f"missing: {published.how_to_get(name)}" if missing else str(error)
            rows.append((name, published.licence, "–", told))
            continue
        size = f"{found.path.stat().st_size / 1e6:.1f}"
        digits = f"SHA-256 {found.sha256[:_SHOWN_DIGITS]}…"
        known = f"{digits} is right" if not published.own else f"{digits}, none was published"
        rows.append((name, published.licence, size, f"{found.where}, {known}: {found.path}"))
    for line in aligned(rows):
        echo(line)


@weights.command()
@click.argument("name")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file of weights; it is copied if its hash is right, or, where none was published, "
    "if its tensors fit.",
)
@click.option("--download", is_flag=True, help="Download it; address, size and terms are shown.")
@click.option("--yes", is_flag=True, help="Agree to the download without being asked.")
@verbosity_options
def add(
    name: str, file: Path | None, download: bool, yes: bool, verbose: bool, quiet: bool
) -> None:
    """Add the weights of a network, once for all sessions.

    \b
    Example:
      tpdecode weights add alexnet --download
      tpdecode weights add vgg19 --file vgg19-dcbb9e9d.pth
      tpdecode weights add abn-resnet50 --file model_best.pth.tar
      tpdecode weights add mouse-alexnet --file alexnet_bn_ir.pt
      tpdecode weights add taef2-encoder --file taef2_encoder.pth
    """
    from twophoton_decode.deep.networks.catalogue import published_file
    from twophoton_decode.deep.networks.named import refuse_unfit, split_name
    from twophoton_decode.deep.weights.add import add_file
    from twophoton_decode.errors import UsageError

    architecture, seed = split_name(name)
    if seed is not None:
        raise UsageError(
            f"{name}: random weights are drawn and need no file. Those of a file are added to "
            f"{architecture}."
        )
    if (file is None) == (not download):
        raise UsageError("Give either --file FILE or --download.")
    published = published_file(name)
    with Console(verbose - quiet) as console:
        if file is not None:
            found = add_file(name, published, file, partial(refuse_unfit, name))
        elif (agreed := _downloaded(name, published, yes, console)) is None:
            return
        else:
            found = agreed
        checked = "its tensors fit by name and shape" if published.own else "SHA-256 is right"
        console.say(f"{name}: {checked}; kept as {found.path}")


def _downloaded(name: str, published: Published, yes: bool, console: Console) -> Found | None:
    """The file, if the user agrees to its address, size and terms."""
    from twophoton_decode.deep.weights.add import download, download_size
    from twophoton_decode.errors import UsageError

    if not published.url:
        raise UsageError(f"{name} is not downloaded by tpdecode: {published.how_to_get(name)}.")
    size = download_size(published)
    megabytes = f"{size / 1e6:.0f} MB" if size else "size unknown"
    echo(f"{published.url}\n{megabytes}; {published.licence}. {published.terms}")
    if not yes and not click.confirm("Download it?"):
        return None
    return download(name, published, console.progress)
