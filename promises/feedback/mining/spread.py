"""A long list worked through by several processes at once, with the results in the order of the list.

Reading and encoding texts takes most of the time of problem finding, and each text by itself. This process
does its own share: another one costs as much memory as the dictionaries and the encoder take.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import current_process, get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Starting a process and filling its dictionaries takes about as long as so many texts.
FEWEST = 6000
CHUNK = 1000
MOST_PROCESSES = 2

Spread = Callable[[Callable[[Sequence[T]], Sequence[R]], Sequence[T]], list[R]]


@contextmanager
def spreading(count: int) -> Iterator[Callable[..., list[R]]]:
    """A function ``spread(work, items)`` for *count* texts: with few texts it simply calls ``work(items)``.

    ``work`` takes a part of the items and returns as many results; it is a function of a module, with
    nothing of its own state that matters.
    """
    helpers = min(MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1) - 1
    # A daemon's children would outlive it, so Python lets it have none.
    if count < FEWEST or helpers < 1 or current_process().daemon:
        yield lambda work, items: list(work(items))
        return
    with ProcessPoolExecutor(helpers, mp_context=get_context("spawn")) as pool:
        yield lambda work, items: _shared(pool, helpers, work, items)


def _shared(
    pool: ProcessPoolExecutor, helpers: int, work: Callable[[Sequence[T]], Sequence[R]], items: Sequence[T]
) -> list[R]:
    waiting = deque(range(0, len(items), CHUNK))
    done: dict[int, Sequence[R]] = {}
    given: dict[int, Future[Sequence[R]]] = {}
    while waiting:
        # One more than there are helpers is always given out, so that none waits for this process.
        while waiting and sum(not future.done() for future in given.values()) <= helpers:
            start = waiting.popleft()
            given[start] = pool.submit(work, items[start : start + CHUNK])
        if waiting:
            start = waiting.popleft()
            done[start] = work(items[start : start + CHUNK])
    done |= {start: future.result() for start, future in given.items()}
    return [one for start in sorted(done) for one in done[start]]
