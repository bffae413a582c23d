"""A long list worked through by two processes at once, with the results in the order of the list.

Reading and encoding texts takes most of the time of problem finding, and each text by itself. This process
does its own share. The helper is forked from it once the dictionaries and the encoder are loaded, so that
both have them in the same memory; a process with threads of its own can't be forked safely, so there the
helper starts anew and loads them again.
"""

from __future__ import annotations

import gc
import os
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import current_process, get_all_start_methods, get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Starting a process and giving it its texts takes about as long as so many texts.
FEWEST = 6000
CHUNK = 1000
MOST_PROCESSES = 2


class Spread:
    """Calls ``work(items)`` for parts of a list: a function of a module, without state that matters."""

    def __init__(self, helpers: int) -> None:
        self._helpers = helpers

    def __call__(self, work: Callable[[Sequence[T]], Sequence[R]], items: Sequence[T]) -> list[R]:
        """The results for all *items*, one for each."""
        return [one for part in self.parts(work, items) for one in part]

    def parts(self, work: Callable[[Sequence[T]], R], items: Sequence[T]) -> list[R]:
        """The results for each ``CHUNK`` of *items*; the same parts whatever the number of processes."""
        starts = range(0, len(items), CHUNK)
        if not self._helpers or len(items) < FEWEST:
            return [work(items[start : start + CHUNK]) for start in starts]
        with forking() as method, ProcessPoolExecutor(self._helpers, get_context(method)) as pool:
            return self._shared(pool, work, items, deque(starts))

    def _shared(
        self,
        pool: ProcessPoolExecutor,
        work: Callable[[Sequence[T]], R],
        items: Sequence[T],
        waiting: deque[int],
    ) -> list[R]:
        done: dict[int, R] = {}
        given: dict[int, Future[R]] = {}
        while waiting:
            # One more than there are helpers is always given out, so that none waits for this process.
            while waiting and sum(not future.done() for future in given.values()) <= self._helpers:
                start = waiting.popleft()
                given[start] = pool.submit(work, items[start : start + CHUNK])
            if waiting:
                start = waiting.popleft()
                done[start] = work(items[start : start + CHUNK])
        done |= {start: future.result() for start, future in given.items()}
        return [done[start] for start in sorted(done)]


def spreading(count: int) -> Spread:
    """What works through *count* texts: by itself where they are few, else with a helper."""
    helpers = min(MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1) - 1
    # A daemon's children would outlive it, so Python lets it have none.
    if count < FEWEST or helpers < 1 or current_process().daemon:
        return Spread(0)
    return Spread(helpers)


@contextmanager
def forking() -> Iterator[str]:
    """How to start a helper now; what is in memory is not looked through for garbage meanwhile.

    Looking through it would write to every page of it, and each process would get pages of its own.
    """
    alone = threading.active_count() == 1 and "fork" in get_all_start_methods()
    gc.collect()
    gc.freeze()
    try:
        with warnings.catch_warnings():
            # The threads that Python 3.12 warns of are those of the BLAS, which stops them before a fork.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
            yield "fork" if alone else "spawn"
    finally:
        gc.unfreeze()
