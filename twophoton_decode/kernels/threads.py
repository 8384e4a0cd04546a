"""Independent parts of a computation side by side, linear algebra within each in one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from numba import get_num_threads
from threadpoolctl import threadpool_limits

Part = TypeVar("Part")
Found = TypeVar("Found")


def in_threads(work: Callable[[Part], Found], parts: Iterable[Part]) -> Iterator[Found]:
    """`work` of every part, in their order, in as many threads as numba may use.

    Threads of linear algebra mostly wait for each other on small matrices; whole parts do
    not. `work` must not call compiled code that is itself parallel, which not every
    threading layer of numba allows from several threads, and draw nothing at random.
    """
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(get_num_threads()) as pool:
        yield from pool.map(work, parts)
