"""Options of commands that make a session, or begin at the files of a recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

log_option = click.option(
    "--log",
    default="",
    metavar="FILE",
    help="Stimulus log: text, .xlsx or .mat, with columns such as image and onset_s.",
)
images_option = click.option(
    "--images", default="", metavar="FOLDER|STACK", help="The images shown."
)
changes_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Initial value of a setting, such as recording.first_index=1; may be repeated.",
)
new_session_option = click.option(
    "-o",
    "--output",
    "session",
    required=True,
    type=click.Path(path_type=Path),
    metavar="SESSION",
    help="The session to make.",
)


def layout_options(command: F) -> F:
    """``--planes`` and ``--channels`` of files that do not state them."""
    for what in ("channels", "planes"):
        command = click.option(
            f"--{what}",
            type=click.IntRange(0),
            default=0,
            help=f"Number of {what}, if the files do not state it.",
        )(command)
    return command


def settings_given(changes: tuple[str, ...]) -> dict[str, Any]:
    """What `changes_option` sets, by ``section.key``; a value that is no TOML is taken as text."""
    import tomllib

    from twophoton_decode.errors import UsageError

    found: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or name.count(".") != 1:
            raise UsageError(
                f"--set {change}: expected SECTION.KEY=VALUE, such as recording.first_index=1."
            )
        try:
            found[name.strip()] = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            found[name.strip()] = text.strip()
    return found
