"""What a user sees while a command runs: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING

import click

from twophoton_decode.cli.interrupts import Interrupts
from twophoton_decode.visible import visible, visible_json

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID

SECONDS_BETWEEN_LINES = 5.0


def echo(line: str, *, err: bool = False) -> None:
    r"""Print one line, whatever is in it: the only way by which text reaches the terminal.

    What came from files may hold escape sequences and line breaks; they are shown as
    ``\x1b`` and ``\n``. What the terminal's encoding lacks is written as an escape as well.
    """
    _print(visible(line), err=err)


def echo_json(text: str) -> None:
    """Print JSON: the same values, with what steers a terminal as JSON's own escapes."""
    _print(visible_json(text))


def neutralise_logging() -> None:
    """What libraries log about a file, as tifffile does, is shown as `echo` shows it."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(_Visible())


class _Visible(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The record on one line."""
        return visible(super().format(record))


def _print(text: str, *, err: bool = False) -> None:
    stream = sys.stderr if err else sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), err=err)


class Console:
    """Prints what the core reports; `verbosity` is -1 (quiet), 0, or 1 (verbose).

    A Ctrl-C that Python lost takes effect with the next report.
    """

    def __init__(self, verbosity: int) -> None:
        self.verbosity = verbosity
        self._interrupts = Interrupts()
        self._bar: Progress | None = None
        self._task: tuple[str, TaskID] | None = None
        self._line = ("", 0.0)

    def __enter__(self) -> Console:
        self._interrupts.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._close_bar()
        self._interrupts.__exit__(kind, *rest)

    def say(self, line: str) -> None:
        """A line every user should see, unless quiet."""
        self._interrupts.raise_lost()
        self._close_bar()
        if self.verbosity >= 0:
            echo(line)

    def detail(self, line: str) -> None:
        """A line for those who asked for more."""
        if self.verbosity > 0:
            self.say(line)

    def progress(self, done: int, total: int, what: str) -> None:
        """The `Progress` callable that is handed to the core."""
        self._interrupts.raise_lost()
        if self.verbosity < 0:
            return
        if sys.stderr.isatty():
            self._advance_bar(done, total, what)
        else:
            self._print_line(done, total, what)

    def _advance_bar(self, done: int, total: int, what: str) -> None:
        from rich.console import Console as RichConsole
        from rich.progress import Progress

        what = visible(what)
        if self._bar is None:
            columns = _columns()
            self._bar = Progress(*columns, console=RichConsole(stderr=True), transient=True)
            self._bar.start()
        if self._task is None or self._task[0] != what:
            if self._task is not None:
                self._bar.remove_task(self._task[1])
            self._task = (what, self._bar.add_task(what, total=total or None))
        self._bar.update(self._task[1], completed=done, total=total or None)

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar, self._task = None, None

    def _print_line(self, done: int, total: int, what: str) -> None:
        """A line when something new begins to take long, then one every few seconds."""
        now = time.monotonic()
        if self._line[0] != what:
            self._line = (what, now)
        elif now - self._line[1] > SECONDS_BETWEEN_LINES:
            self._line = (what, now)
            echo(f"  {what}: {done} of {total}", err=True)


def _columns() -> list[ProgressColumn]:
    """rich's usual columns, but names in square brackets are not read as its markup."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    description = TextColumn("{task.description}", markup=False)
    return [description, BarColumn(), TaskProgressColumn(), TimeRemainingColumn()]
