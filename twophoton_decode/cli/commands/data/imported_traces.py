"""What commands have in common that make a session of traces of other programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from twophoton_decode.cli.data_options import (
    changes_option,
    images_option,
    log_option,
    new_session_option,
    settings_given,
)
from twophoton_decode.cli.options import (
    as_stored,
    mouse_option,
    verbosity_options,
    working_on,
)

F = TypeVar("F", bound=Callable[..., Any])


def traces_options(command: F) -> F:
    """Log, pictures, rate and the session to make."""
    options = (
        log_option,
        images_option,
        click.option(
            "--frame-rate-hz",
            type=click.FloatRange(min=0, min_open=True),
            help="Frames per second and plane; by default, as the files say. Saved to "
            "session.toml.",
        ),
        mouse_option,
        changes_option,
        new_session_option,
        verbosity_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def refuse_a_folder_in_use(session: Path) -> None:
    """`UsageError` where something lies in the folder of a session that is to be made."""
    from twophoton_decode.errors import UsageError

    if session.exists() and (not session.is_dir() or any(session.iterdir())):
        raise UsageError(f"{session} is there already; name a session that is not there yet.")


def make_session(
    command: str,
    session: Path,
    source: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    log: str,
    images: str,
    changes: tuple[str, ...],
    verbose: bool,
    quiet: bool,
) -> None:
    """Make the session and run it up to responses, or up to quality without a log.

    `given` are settings as ``section.key``, those that are None left out. Where a stage
    fails, no session stays.
    """
    from twophoton_decode.errors import UsageError
    from twophoton_decode.session.folder import SessionFolder
    from twophoton_decode.session.settings.file import source_of, with_changes
    from twophoton_decode.session.unfinished import taken_back_on_failure
    from twophoton_decode.settings import Settings

    if bool(log) != bool(images):
        raise UsageError("--log and --images belong together: give both, or neither.")
    shown = {"log": log, "images": images}
    named = {key: as_stored(path, session) for key, path in shown.items() if path}
    settings = with_changes(
        Settings(source=source_of(command, **source, **named)),
        {key: value for key, value in given.items() if value is not None} | settings_given(changes),
        command,
    )
    with taken_back_on_failure(session):
        SessionFolder.create(session, settings)
        with working_on(session, verbose=verbose, quiet=quiet) as work:
            # Responses first: a log that does not fit is then known before quality is measured.
            for stage in ("extract", *(["respond"] if settings.source.log else []), "quality"):
                work.run_only(stage)
