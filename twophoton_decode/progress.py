"""How long work reports that it goes on: a callable, so that the core prints nothing."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int, str], None]
"""``progress(done, total, what)``: *done* of *total* units of *what* are finished."""


def silent(done: int, total: int, what: str) -> None:
    """Report nothing."""
