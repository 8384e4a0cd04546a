"""Words of messages."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """``1 plane``, ``2 planes``."""
    return f"{number} {what}{'' if number == 1 else 's'}"
