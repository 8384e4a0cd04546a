"""``tpdecode view``: the page of a session in a browser, whatever its size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.caches import use_private_caches
from twophoton_decode.cli.console import Console, echo
from twophoton_decode.cli.options import session_argument

if TYPE_CHECKING:
    from twophoton_decode.pipeline.page.viewed import ViewedSession
    from twophoton_decode.report.serving import PageServer


@click.command()
@session_argument
@click.option(
    "--port",
    type=click.IntRange(1024, 65535),
    metavar="N",
    help="Port of this computer on which the page is shown; by default any that is free.",
)
@click.option("--no-browser", is_flag=True, help="Print the address only; open no browser.")
def view(session: Path, port: int | None, no_browser: bool) -> None:
    """Show the page of a session in the browser, with every picture and decoder whole.

    report.html leaves out what would make it too large to send; here, responses and decoders
    are read from the session when a picture is opened. Nothing is written, and only this
    computer can see the page, at the address that is printed. Ctrl-C ends it.

    \b
    Example:
      tpdecode view S
      tpdecode view S --no-browser --port 8765
    """
    import webbrowser

    from twophoton_decode.pipeline.page.viewed import ViewedSession
    from twophoton_decode.session.folder import SessionFolder

    viewed = ViewedSession(SessionFolder.open(session).path)
    use_private_caches()
    with Console(0) as console:
        console.say(f"reading {session} …")
        viewed.page()
        with _server(viewed, port) as server:
            console.say(f"the page is at {server.address} until you press Ctrl-C")
            if not no_browser and not webbrowser.open(server.address):
                console.say("no browser could be opened; open this address in one")
            _serve(server)


def _server(viewed: ViewedSession, port: int | None) -> PageServer:
    from twophoton_decode.errors import UsageError
    from twophoton_decode.report.serving import PageServer

    try:
        return PageServer(viewed, port or 0)
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used: {error.strerror}. Name another one, or leave out --port."
        ) from error


def _serve(server: PageServer) -> None:
    """Answer until Ctrl-C, which is how this is meant to end."""
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        echo("")
