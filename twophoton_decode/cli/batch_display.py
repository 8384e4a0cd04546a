"""What a user sees of a batch: in a terminal a line for each session at work, else plain lines."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any

from twophoton_decode.cli.console import echo
from twophoton_decode.visible import visible
from twophoton_decode.words import duration

if TYPE_CHECKING:
    from rich.live import Live

    from twophoton_decode.pipeline.batch.outcome import Outcome

_STAGE_DONE = re.compile(r"[a-z].*: done in [\d.]+ s")
_PER_SECOND = 4


def shown(session: str) -> str:
    """A session's folder as it is found from here, or where it is."""
    here = os.path.relpath(session)
    return session if here.startswith(os.pardir) else here


class BatchDisplay:
    """Follows sessions by name; `heard` may be called from any thread.

    Parameters
    ----------
    total : int
        Sessions in all.
    quiet : bool
        Say nothing.
    """

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total, self._quiet = total, quiet
        self._begun = time.monotonic()
        self._at_work: dict[str, str] = {}
        self._ended: dict[str, int] = {}
        self._live: Live | None = None

    def __enter__(self) -> BatchDisplay:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            self._live = Live(
                get_renderable=self._table, console=Console(stderr=True), transient=True,
                refresh_per_second=_PER_SECOND,
            )  # fmt: skip
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def heard(self, session: str, line: str) -> None:
        """A line that a session printed."""
        name = shown(session)
        if self._live is None and not self._quiet and _STAGE_DONE.fullmatch(line):
            echo(f"  {name}: {line}", err=True)
        self._at_work[name] = line.strip()

    def ended(self, outcome: Outcome) -> None:
        """What became of a session."""
        name = shown(outcome.session)
        self._at_work.pop(name, None)
        self._ended[outcome.state] = self._ended.get(outcome.state, 0) + 1
        if self._quiet and outcome.state == "done":
            return
        line = f"{name}: {outcome.state} in {duration(outcome.seconds)}"
        line += f". {outcome.result}" if outcome.result else ""
        if self._live is not None:
            self._live.console.print(visible(line), markup=False, highlight=False)
        else:
            echo(line, err=outcome.state != "done")

    def _table(self) -> Any:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for name, line in sorted(self._at_work.items()):
            table.add_row(
                Text(visible(name)), Text(visible(line), overflow="ellipsis", no_wrap=True)
            )
        ended = sum(self._ended.values())
        told = ", ".join(f"{number} {state}" for state, number in self._ended.items())
        since = duration(time.monotonic() - self._begun)
        table.add_row(Text(f"{ended} of {self._total}"), Text(f"{told or 'begun'}, {since}"))
        return table
