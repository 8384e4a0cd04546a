"""Ctrl-C waits for what must not be left half done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Ctrl-C takes effect at the end of this context; pressed again, at once.

    In the middle of a picture it can come out as an error of zlib's, which closes a PDF half
    written, or be lost in a destructor; in the middle of a pool's work it leaves semaphores.
    Only the main thread is ever interrupted, so nothing is held in another.
    """
    before = signal.getsignal(signal.SIGINT)
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or not callable(before):
        yield
        return
    waiting: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        if waiting:
            before(number, frame)
        waiting.append(number)

    signal.signal(signal.SIGINT, hold)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if waiting:
            before(signal.SIGINT, None)
