"""Stages that cannot be run although the others can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from twophoton_decode.errors import AnalysisError, PlugInError

Step = TypeVar("Step")


class Faults:
    """Says why a stage is left out, and leaves a decoder out that failed.

    Parameters
    ----------
    say : callable
        Receives a line for each.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._failed: dict[str, PlugInError] = {}

    def others(self, steps: Iterable[tuple[Step, str]]) -> Iterator[tuple[Step, str]]:
        """The stages, with their decoders, of decoders that have not failed so far."""
        return ((stage, decoder) for stage, decoder in steps if decoder not in self._failed)

    @contextmanager
    def told(self, key: str, decoder: str) -> Iterator[None]:
        """Go on where the data do not allow the stage `key`, or another package fails in it."""
        try:
            yield
        except AnalysisError as error:
            self._say(f"{key}: unavailable. {error}")
        except PlugInError as error:
            self._say(f"{key}: failed, and is left out")
            self._failed[decoder] = error

    def raise_first(self) -> None:
        """`PlugInError` of the first decoder that failed, if any did."""
        for error in self._failed.values():
            raise error
