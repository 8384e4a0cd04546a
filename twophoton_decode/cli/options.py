"""Arguments and options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from twophoton_decode.cli.caches import use_private_caches
from twophoton_decode.cli.console import Console, echo

if TYPE_CHECKING:
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.session.folder import SessionFolder

F = TypeVar("F", bound=Callable[..., Any])

EVERY_DECODER = "all"
DEEP_DECODERS = "deep/decoders"

session_argument = click.argument("session", type=click.Path(path_type=Path))
sessions_argument = click.argument(
    "sessions", nargs=-1, required=True, metavar="SESSION…", type=click.Path(path_type=Path)
)


def folder_option(what: str) -> Callable[[F], F]:
    """Where a command over several sessions writes `what`."""
    return click.option(
        "-o",
        "--output",
        required=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=f"Folder for {what}; replaces only files of this command.",
    )


mouse_option = click.option(
    "--mouse",
    metavar="NAME",
    help="Name of the animal; `tpdecode compare` groups sessions by it. Saved to session.toml.",
)


discard_curation_option = click.option(
    "--discard-curation",
    is_flag=True,
    help="Detect ROIs again even if they were edited in suite2p's GUI; a backup is made.",
)
registration_option = click.option(
    "--registration",
    type=click.Choice(["tpdecode", "suite2p"]),
    help="Program that corrects motion: tpdecode (faster) or suite2p. Saved to session.toml.",
)


def verbosity_options(command: F) -> F:
    """``-v`` and ``-q``."""
    command = click.option("-q", "--quiet", is_flag=True, help="Print only errors.")(command)
    return click.option("-v", "--verbose", is_flag=True, help="Say why each stage runs.")(command)


def decoder_option(
    command: F, does: str = "Run only this decoder", more: tuple[str, ...] = (), about: str = ""
) -> F:
    """``--decoder``, which selects work and never deletes another decoder's results.

    `more` are names that are no registered decoder, and what help says `about` them.
    """
    return click.option(
        "--decoder",
        "decoders",
        multiple=True,
        metavar="NAME",
        callback=partial(_known_decoders, more=more),
        help=f"{does}; may be repeated. Known: "
        + ", ".join(_decoder_names())
        + f"; {EVERY_DECODER} for all but those with a network.{about}",
    )(command)


def publication_options(command: F) -> F:
    """``--publication`` and ``--style``."""
    command = click.option(
        "--style",
        "style_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Matplotlib style file for fonts, colours and lines of the publication figures.",
    )(command)
    return click.option(
        "--publication",
        is_flag=True,
        help="Write figures for a paper: 183 and 89 mm wide, as PDF and SVG with editable "
        "text, and a CSV for each panel.",
    )(command)


def style_given(style_file: Path | None, *, publication: bool) -> dict[str, Any]:
    """What the file of `publication_options` sets.

    Raises
    ------
    UsageError
        The file cannot be used, or there are no figures that it is for.
    """
    from twophoton_decode.errors import UsageError

    if style_file is None:
        return {}
    if not publication:
        raise UsageError("--style is for the figures that --publication writes; add that option.")
    from twophoton_decode.figures.canvas.style_file import hardly_used, read_style

    use_private_caches()
    own = read_style(style_file)
    if idle := hardly_used(own):
        echo(
            f"{style_file}: {', '.join(idle)} change{'s' if len(idle) == 1 else ''} few "
            "marks or none: most have colours, widths and sizes of their own.",
            err=True,
        )
    return own


def verify_option(command: F) -> F:
    """``--verify``, which trusts neither the size nor the times of a file."""
    return click.option(
        "--verify",
        is_flag=True,
        help="Read every byte of every input again, movies included, even if size and times are "
        "unchanged.",
    )(command)


def cells_option(command: F) -> F:
    """``--cells``, kept as a setting so that the next `run` uses the same cells."""
    return click.option(
        "--cells",
        "cells_file",
        type=click.Path(exists=True, dir_okay=False),
        metavar="FILE",
        help="Use the ROIs listed in this file instead of those classified as cells: one index a "
        "line, CSV with a column roi, or .npy; the first ROI is 0. Saved to session.toml.",
    )(command)


def cells_given(cells_file: str | None, session: Path) -> dict[str, Any]:
    """What `cells_option` sets, for `save_settings`."""
    return {"responses.cells_file": cells_file and as_stored(cells_file, session)}


@contextmanager
def working_on(
    session: Path,
    *,
    verbose: bool,
    quiet: bool,
    given: Mapping[str, Any] | None = None,
    verify: bool = False,
) -> Iterator[Session]:
    """The session, locked, with progress and lines going to the terminal.

    `given` are the settings that options name, as for `save_settings`; with `verify` every
    input is read again. Where an error ends the call before a stage was made with them, the
    settings are taken back. Ctrl-C keeps them: the next call goes on where it was.
    """
    from twophoton_decode.pipeline.run import Session
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.lock import locked

    folder = SessionFolder.open(session)
    use_private_caches()
    with locked(folder.private), Console(verbose - quiet) as console:
        former = folder.settings_file.read_bytes()
        with _taken_back_on_error(folder, former, console.say):
            save_settings(folder, given or {}, console.say)
            work = Session(folder, console.progress, console.say, console.detail, verify)
        work.ledger.mend()
        with _taken_back_on_error(folder, former, console.say, work):
            yield work


@contextmanager
def _taken_back_on_error(
    folder: SessionFolder, former: bytes, say: Callable[[str], None], work: Session | None = None
) -> Iterator[None]:
    """Put `former` back into ``session.toml`` if the block fails and `work` made nothing in it.

    What somebody else wrote there meanwhile stays.
    """
    from twophoton_decode.errors import TpDecodeError
    from twophoton_decode.files.atomic import write_bytes

    saved, made = folder.settings_file.read_bytes(), _made(work)
    try:
        yield
    except TpDecodeError:
        with suppress(OSError):
            found = folder.settings_file.read_bytes()
            ours = work is None or found == saved
            if ours and found != former and _made(work) == made:
                write_bytes(folder.settings_file, former)
                say(f"{folder.settings_file} is as before: nothing was made with these settings")
        raise


def _made(work: Session | None) -> list[tuple[str, str, float]]:
    """Which results there are, and when each was made; figures drawn again do not count."""
    entries = work.ledger.items() if work else []
    return [(key, each.finished, each.seconds) for key, each in entries]


def save_settings(
    folder: SessionFolder, given: Mapping[str, Any], say: Callable[[str], None] = echo
) -> None:
    """Keep what options set, so that the next `run` agrees with them, and announce it.

    `given` maps ``section.key`` to a value, or to None where the option was not given.
    """
    from twophoton_decode.session.settings.file import change_setting

    for name, value in given.items():
        section, key = name.split(".")
        if value is not None and getattr(getattr(folder.settings(), section), key) != value:
            change_setting(folder.settings_file, section, key, value)
            say(f"saved to {folder.settings_file}: [{section}] {key} = {value}")


def as_stored(path: str, session: Path) -> str:
    """`path` as ``session.toml`` keeps it: relative inside the session, else absolute."""
    absolute, root = os.path.abspath(path), os.path.abspath(session)
    inside = Path(absolute).is_relative_to(root)
    return Path(os.path.relpath(absolute, root)).as_posix() if inside else absolute


def _decoder_names() -> tuple[str, ...]:
    from twophoton_decode.registry import DECODERS

    return DECODERS.names()


def _known_decoders(
    context: click.Context,
    parameter: click.Parameter,
    names: tuple[str, ...],
    more: tuple[str, ...] = (),
) -> tuple[str, ...]:
    from twophoton_decode.registry import DECODERS

    if EVERY_DECODER in names:
        names = (*(name for name in names if name != EVERY_DECODER), *_without_weights())
    for name in names:
        if name not in more:
            DECODERS.require(name)
    return tuple(dict.fromkeys(names))


def _without_weights() -> tuple[str, ...]:
    """All decoders but those of the deep wing, which need weights or train for long."""
    from twophoton_decode.registry import DECODERS

    return tuple(name for name in DECODERS.names() if DECODERS.folder_of(name) != DEEP_DECODERS)
