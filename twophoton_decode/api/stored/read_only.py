"""Objects that show what lies in a session, and refuse to show anything else."""

from __future__ import annotations

from typing import Any


class ReadOnly:
    """An object whose public attributes cannot be set: they are what the session has."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise AttributeError(
                f"{name!r} cannot be set: a {type(self).__name__} shows what the session has. "
                "Keep what you compute under a name of its own; `session.set` changes settings.",
                name=name,
                obj=self,
            )
        super().__setattr__(name, value)
