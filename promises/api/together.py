"""What comes one by one at the same moment is done together.

Queue systems send each event by itself, many at once. Whoever comes while others are being served waits, and
is then served with all who came meanwhile: one transaction, one judging, one commit for all of them. Who
comes alone is served at once. An answer is given after its commit, never before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from threading import Lock
from time import sleep
from typing import Generic, TypeVar

SIBLINGS, DELAY_S = 5, 0.002
"""Where that many others wait, more are on their way: so long they are given to come along, as each group
costs the same whatever its size (what databases call commit siblings and commit delay)."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class _Waiting(Generic[Asked, Answer]):
    """One who waits, by a lock that is held until somebody wakes them.

    :ivar after: who is to be woken next. Who was served with others wakes one of them and so on: if all were
        woken at once, they would crowd round the interpreter's own lock.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.leads = False
        self.after: _Waiting[Asked, Answer] | None = None
        self.answer: Answer | None = None
        self.error: BaseException | None = None
        self._asleep = Lock()
        self._asleep.acquire()

    def wait(self) -> None:
        """Until woken; then wake the next."""
        self._asleep.acquire()
        if self.after is not None:
            self.after.wake()

    def wake(self) -> None:
        """Done once by whoever serves this one, hands it the lead or was woken before it."""
        self._asleep.release()


class Together(Generic[Asked, Answer]):
    """Serves several at once by *act*, which answers all that are asked, in their order, or raises.

    :param act: if it raises for several, each of them is served by itself.
    :param size: how much one of them is.
    :param most: how much is served at once.
    :param turn: what is entered before anybody is served. Whoever comes while it is waited for is served
        with the others.
    """

    def __init__(
        self,
        act: Callable[[Sequence[Asked]], Sequence[Answer]],
        size: Callable[[Asked], int],
        most: int,
        turn: Callable[[Asked], AbstractContextManager[None]],
    ) -> None:
        self._act, self._size, self._most, self._turn = act, size, most, turn
        self._waiting: deque[_Waiting[Asked, Answer]] = deque()
        self._led = False
        self._lock = Lock()

    def serve(self, asked: Asked) -> Answer:
        """The answer to *asked*; raises what *act* raises for it."""
        own: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._lock:
            self._waiting.append(own)
            own.leads, self._led = not self._led, True
        if not own.leads:
            own.wait()
        if own.leads:
            self._lead(own)
        if own.error is not None:
            raise own.error
        assert own.answer is not None
        return own.answer

    def _lead(self, own: _Waiting[Asked, Answer]) -> None:
        """Serve the first of those who wait, and hand the lead to the next."""
        group: list[_Waiting[Asked, Answer]] = []
        try:
            if len(self._waiting) > SIBLINGS:
                sleep(DELAY_S)
            with self._turn(own.asked):
                group = self._first()
                self._answer(group)
        except BaseException as error:
            # The turn was not to be had. Who leads is always the first of those who wait.
            group = group or self._first(alone=True)
            group[0].error = group[0].error or error
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting[0].leads = True
                    self._waiting[0].wake()
                else:
                    self._led = False
            for one, after in pairwise(group[1:]):
                one.after = after
            if len(group) > 1:
                group[1].wake()

    def _first(self, alone: bool = False) -> list[_Waiting[Asked, Answer]]:
        """The first of those who wait, or only the very first; they wait no more."""
        with self._lock:
            group = [self._waiting.popleft()]
            size = self._size(group[0].asked)
            while self._waiting and not alone and size + self._size(self._waiting[0].asked) <= self._most:
                group.append(self._waiting.popleft())
                size += self._size(group[-1].asked)
            return group

    def _answer(self, group: Sequence[_Waiting[Asked, Answer]]) -> None:
        try:
            for one, answer in zip(group, self._act([one.asked for one in group]), strict=True):
                one.answer = answer
        except BaseException as error:
            if len(group) == 1:
                group[0].error = error
                return
            for one in group:
                self._answer([one])
