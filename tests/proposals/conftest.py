"""Counting queries, so that a list that asks once per line is caught."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, event


@dataclass
class Queries:
    n: int = 0


@pytest.fixture
def counted_queries(engine: Engine) -> Callable[[], AbstractContextManager[Queries]]:
    """``with counted_queries() as asked: ...`` then ``asked.n``."""

    @contextmanager
    def counting() -> Iterator[Queries]:
        queries = Queries()

        def add(*_args: object) -> None:
            queries.n += 1

        event.listen(engine, "before_cursor_execute", add)
        yield queries
        event.remove(engine, "before_cursor_execute", add)

    return counting
