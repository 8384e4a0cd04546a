"""Stages that cannot be run although the others can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from twophoton_decode.errors import AnalysisError, PlugInError
from twophoton_decode.pipeline.stage import Stage


class Faults:
    """Says why a stage is left out, and leaves out what rests on one that failed.

    Where a stage fails for a decoder, nothing more is done for that decoder.

    Parameters
    ----------
    say : callable
        Receives a line for each.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._errors: list[PlugInError] = []
        self._decoders: set[str] = set()
        self._left_out: set[str] = set()
        self._reasons: dict[str, list[str]] = {}

    def others(self, steps: Iterable[tuple[Stage, str]]) -> Iterator[tuple[Stage, str]]:
        """The stages, with their decoders, that no failure so far concerns."""
        for stage, decoder in steps:
            if decoder in self._decoders:
                continue
            if before := self._lacking(stage, decoder):
                self._say(f"{stage.key(decoder)}: left out, as it reads the result of {before}")
                self._left_out.add(stage.key(decoder))
            else:
                yield stage, decoder

    def _lacking(self, stage: Stage, decoder: str) -> str:
        """The first result that the stage reads and that was left out; empty if there is none."""
        read = [key for name in stage.reads for key in (name, f"{name}:{decoder}")]
        return next((key for key in read if key in self._left_out), "")

    @contextmanager
    def told(self, key: str, decoder: str) -> Iterator[None]:
        """Go on where the data do not allow the stage `key`, or another package fails in it."""
        try:
            yield
        except AnalysisError as error:
            self._tell_once(key, str(error))
        except PlugInError as error:
            self._say(f"{key}: failed, and is left out")
            self._errors.append(error)
            self._left_out.add(key)
            self._decoders |= {decoder} - {""}

    def _tell_once(self, key: str, reason: str) -> None:
        """Say why, unless it was said already: of another decoder, or of what this rests on."""
        for told, others in self._reasons.items():
            if reason.endswith(told):
                others.append(key)
                return
        self._reasons[reason] = []
        self._say(f"{key}: unavailable. {reason}")

    def finish(self) -> None:
        """Name the stages whose reason had been said of another; raise the first `PlugInError`."""
        rest: dict[str, list[str]] = {}
        for key in (key for others in self._reasons.values() for key in others):
            stage, _, decoder = key.partition(":")
            rest.setdefault(stage, []).extend([decoder] if decoder else [])
        named = [f"{stage} ({', '.join(of)})" if of else stage for stage, of in rest.items()]
        if named:
            self._say(f"unavailable for reasons given above: {', '.join(named)}")
        for error in self._errors:
            raise error
