"""What comes one by one at the same moment is done together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from threading import Event

import pytest

from promises.api.together import Together


def doubled(asked):
    return [2 * one for one in asked]


def size(_asked):
    return 1


def test_who_comes_alone_is_served_at_once():
    assert Together(doubled, size, 10, lambda _: nullcontext()).serve(4) == 8


def test_whoever_comes_while_the_turn_is_waited_for_is_served_with_the_others():
    waits, ours, groups = Event(), Event(), []

    @contextmanager
    def turn(_asked):
        waits.set()
        assert ours.wait(10)
        yield

    def act(asked):
        groups.append(sorted(asked))
        return doubled(asked)

    together = Together(act, size, 3, turn)
    with ThreadPoolExecutor(5) as threads:
        first = threads.submit(together.serve, 0)
        assert waits.wait(10)
        others = [threads.submit(together.serve, number) for number in range(1, 5)]
        while len(together._waiting) < 5:
            pass
        ours.set()
        assert [one.result() for one in (first, *others)] == [0, 2, 4, 6, 8]
    assert [len(group) for group in groups] == [3, 2]
    assert 0 in groups[0]


def test_a_turn_that_is_not_to_be_had_is_told_to_whoever_waited_for_it_and_to_nobody_else():
    tries = []

    @contextmanager
    def turn(_asked):
        tries.append(True)
        if len(tries) == 1:
            raise TimeoutError
        yield

    together = Together(doubled, size, 10, turn)
    with pytest.raises(TimeoutError):
        together.serve(1)
    assert together.serve(2) == 4
