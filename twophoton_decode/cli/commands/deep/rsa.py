"""``tpdecode deep rsa``: layers of networks and populations of cells."""

from __future__ import annotations

from pathlib import Path

import click

from twophoton_decode.cli.commands.deep.options import deep_settings, network_options
from twophoton_decode.cli.console import Console
from twophoton_decode.cli.options import verbosity_options, working_on


@click.command()
@click.argument("sessions", nargs=-1, metavar="[SESSION…]", type=click.Path(path_type=Path))
@network_options
@click.option(
    "--dissimilarity",
    type=click.Choice(["crossnobis", "correlation"]),
    help="Between responses: crossnobis, which noise does not enlarge, or 1 - r of the means. "
    "Saved to session.toml.",
)
@click.option(
    "--rdm",
    "rdms",
    multiple=True,
    metavar="FILE[=KEY]",
    help="In place of sessions: dissimilarities that another program made, (picture, picture) or "
    "(subject, picture, picture); may be repeated.",
)
@click.option(
    "--pictures",
    metavar="FILE[=KEY]|FOLDER",
    help="With --rdm: the pictures, in the order of its rows.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for results of --rdm, or of several sessions compared.",
)
@verbosity_options
def rsa(
    sessions: tuple[Path, ...],
    networks: tuple[str, ...],
    weights: str | None,
    device: str | None,
    dissimilarity: str | None,
    rdms: tuple[str, ...],
    pictures: str | None,
    output: Path | None,
    verbose: bool,
    quiet: bool,
) -> None:
    """Find the layers that represent the pictures as each population of cells does.

    Every layer stands beside the same layer with random weights, the pixels and the noise
    ceiling. Networks that are named are saved to session.toml. With several sessions and -o,
    populations of one name are put together over sessions that saw the same pictures, and
    compared with layers and with each other.

    \b
    Example:
      tpdecode deep rsa S
      tpdecode deep rsa S --network efficientnet-lite0 --network alexnet@random:0
      tpdecode deep rsa mouse1 mouse2 mouse3 -o between
      tpdecode deep rsa --rdm it.npz=human --pictures objects/ -o out
    """
    _refuse_mixed(sessions, rdms, pictures, output)
    if rdms:
        _of_files(rdms, pictures, networks, output, weights, device, verbose - quiet)
        return
    if output is not None:
        # Before hours are spent on what cannot be written or compared.
        _checked(sessions, output)
    for session in sessions:
        given = deep_settings(weights, device, session)
        given |= {"deep.dissimilarity": dissimilarity, "deep.networks": list(networks) or None}
        with working_on(session, verbose=verbose, quiet=quiet, given=given) as work:
            work.run_deep("deep-rsa")
    if output is not None:
        _between(sessions, output, networks, verbose - quiet)


def _refuse_mixed(
    sessions: tuple[Path, ...], rdms: tuple[str, ...], pictures: str | None, output: Path | None
) -> None:
    from twophoton_decode.errors import UsageError

    if bool(sessions) == bool(rdms):
        raise UsageError("Name sessions, or dissimilarities with --rdm; one of the two.")
    if rdms and not (pictures and output):
        raise UsageError("--rdm needs --pictures and -o DIR.")
    if sessions and pictures:
        raise UsageError("--pictures goes with --rdm; a session knows its pictures.")
    if sessions and output and len(sessions) < 2:
        raise UsageError("-o compares several sessions; with one, results lie in the session.")


def _of_files(
    rdms: tuple[str, ...],
    pictures: str | None,
    networks: tuple[str, ...],
    output: Path | None,
    weights: str | None,
    device: str | None,
    level: int,
) -> None:
    from twophoton_decode.deep.features.extract import FeatureChoice
    from twophoton_decode.figures.deep.representation_words import sentences
    from twophoton_decode.pipeline.deep.given_rdms import PAGE, compare_given_rdms

    assert pictures is not None
    assert output is not None
    with Console(level) as console:
        made = compare_given_rdms(
            rdms,
            pictures,
            networks or ("efficientnet-lite0",),
            output,
            weights=Path(weights) if weights else None,
            choice=FeatureChoice(grey=False, device=device or "cpu"),
            progress=console.progress,
        )
        for line in (*made.notes, *sentences(made), f"page: {output / PAGE}"):
            console.say(line)


def _checked(sessions: tuple[Path, ...], output: Path) -> None:
    from twophoton_decode.pipeline.deep.between_sessions import members_of

    members_of(sessions, output)


def _between(
    sessions: tuple[Path, ...], output: Path, networks: tuple[str, ...], level: int
) -> None:
    from twophoton_decode.pipeline.deep.between_sessions import PAGE, compare_between_sessions

    with Console(level) as console:
        made = compare_between_sessions(sessions, output, networks, console.progress)
        for line in (*made.areas.notes, *made.said(), f"page: {output / PAGE}"):
            console.say(line)
