"""Tokens, and a program that calls the interface with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from promises.api import tokens
from promises.database import transaction
from tests.conftest import NOON
from tests.promised import promise

Headers = dict[str, str]
MakeToken = Callable[..., Headers]


@pytest.fixture
def token(engine: Engine, cast: Any) -> MakeToken:
    """``token("events.write", branches=[...])``: the headers of a program with such a token."""

    def make(*scopes: str, branches: list[int] | None = None, source: str = "queue") -> Headers:
        with transaction(engine) as session:
            _, secret = tokens.make(
                session,
                source=source,
                scopes=scopes or tokens.SCOPES,
                branches=branches or [],
                by=cast.administrator,
                as_of=NOON,
            )
        return {"Authorization": f"Bearer {secret}"}

    return make


@pytest.fixture
def program(client: FlaskClient, engine: Engine, token: MakeToken, noon: Any) -> Any:
    """A client of the interface with a token for everything; the clock stands at NOON."""
    with transaction(engine) as session:
        promise(session)
    own = token()

    class Program:
        headers = own

        def tell(self, *events: dict[str, Any], headers: Headers = own, **more: Any) -> Any:
            return client.post("/api/v1/events", json={"events": list(events)}, headers=headers, **more)

        def read(self, address: str, headers: Headers = own) -> Any:
            return client.get(f"/api/v1{address}", headers=headers)

    return Program()


def event(
    milestone: str = "arrived", case: str = "A1", minute: int = -30, **otherwise: Any
) -> dict[str, Any]:
    """An event at the centre, minutes before noon."""
    at = f"2026-06-09T11:{60 + minute:02}:00+03:00"
    usual = {"branch": "centre", "touchpoint": "branch"}
    told = {**usual, "case": case, "milestone": milestone, "at": at, **otherwise}
    return {name: value for name, value in told.items() if value is not ...}
