"""Ctrl-C ends a command, also where Python loses it on the way."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


class Interrupts:
    """Remembers Ctrl-C within this context, beside the KeyboardInterrupt that Python makes of it.

    In a destructor, KeyboardInterrupt is dropped with a traceback; out of compiled code it can
    come as another error. About one in twenty went these ways.
    """

    def __init__(self) -> None:
        self._pressed = False
        self._on_interrupt = signal.getsignal(signal.SIGINT)
        self._on_unraisable = sys.unraisablehook

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread() and callable(self._on_interrupt):
            signal.signal(signal.SIGINT, self._interrupt)
            sys.unraisablehook = self._drop
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if signal.getsignal(signal.SIGINT) == self._interrupt:
            signal.signal(signal.SIGINT, self._on_interrupt)
            sys.unraisablehook = self._on_unraisable
        if kind is not None:
            self.raise_lost()

    def raise_lost(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed and whoever asks is still at work."""
        if self._pressed:
            raise KeyboardInterrupt

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._pressed = True
        if callable(self._on_interrupt):
            self._on_interrupt(number, frame)

    def _drop(self, unraisable: UnraisableHookArgs) -> None:
        if not (self._pressed and issubclass(unraisable.exc_type, KeyboardInterrupt)):
            self._on_unraisable(unraisable)
