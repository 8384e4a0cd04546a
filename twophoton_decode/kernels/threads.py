"""Independent pieces of work shared out over threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from numba import get_num_threads
from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")

_here = threading.local()


def in_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``[work(item) for item in items]``, in as many threads as numba may use.

    Linear algebra runs in one thread within each: several small problems side by side are
    faster than one after the other with every matrix product cut in pieces. Work that shares
    out work of its own does it in its own thread. `work` must not call compiled code that is
    itself parallel, which not every threading layer of numba allows from several threads.
    """
    return list(results_in_turn(work, items))


def results_in_turn(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """As `in_threads`, each result as soon as all before it are there too."""
    if getattr(_here, "shared", False):
        yield from map(work, items)
        return
    with one_thread_each(), ThreadPoolExecutor(get_num_threads(), initializer=_enter) as pool:
        yield from pool.map(work, items)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Linear algebra in one thread, of whichever thread asks for it."""
    if getattr(_here, "shared", False):
        yield
    else:
        with _libraries().limit(limits=1, user_api="blas"):
            yield


def _enter() -> None:
    _here.shared = True


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
