"""The door of the interface: a token in the header Authorization, its scope, its branches, its pace."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, NoReturn, cast

from flask import Flask, abort, current_app, g, request
from sqlalchemy import Engine
from sqlmodel import Session

from promises.api import tokens
from promises.api.tokens import Bearer
from promises.database import open_session
from promises.language import gettext
from promises.settings import Settings
from promises.web.problem import problem
from promises.web.request import as_of, db

REMEMBERED = 10_000
VERIFIED_LATER = frozenset({"events.write", "feedback.write"})
"""Scopes of those who only tell something."""


class Pace:
    """Counts by the minute. No lock: a request counted twice or not at all in a race changes nothing."""

    def __init__(self) -> None:
        self._minute, self._counted = 0, dict[str, int]()

    def wait(self, who: str, most: int, now: float) -> int:
        """Count one more of *who*; 0 if that is within *most* a minute, else the seconds to wait."""
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._counted = minute, {}
        count = self._counted[who] = self._counted.get(who, 0) + 1
        return 0 if count <= most else int(60 - now % 60) + 1


class Door:
    """Lets requests in by their tokens, at most so many a minute each. Each process has its own."""

    def __init__(self) -> None:
        self._pace = Pace()
        self._known: dict[tuple[Any, str], Bearer] = {}
        self._used: dict[tuple[Any, int], float] = {}

    def __call__(self, scope: str) -> None:
        """Ask the request for a token with *scope*; ``bearer()`` is then who came in."""
        digest = shown(request.headers.get("Authorization", ""))
        if digest is None:
            refuse(401, "tokens.missing", "Bearer")
        self._keep_pace(digest)
        found = self._recognised(digest, verified_later=scope in VERIFIED_LATER)
        if found is None:
            refuse(401, "tokens.unknown", 'Bearer error="invalid_token"')
        if scope not in found.scopes:
            refuse(403, "tokens.no_scope", f'Bearer error="insufficient_scope", scope="{scope}"', scope=scope)
        branch = (request.view_args or {}).get("branch")
        if branch is not None and not found.reaches(branch):
            refuse(403, "tokens.not_your_branch", found=branch)
        g.bearer = found
        self._note_use(found)

    def remembered(self, engine: Engine, digest: str | None, scope: str, now: datetime) -> Bearer | None:
        """Who came in before by the token of this digest, if nothing is to be looked up or noted about them.
        It says nothing of whether the token still holds."""
        found = self._known.get((engine.pool, digest or ""))
        good = found is not None and scope in found.scopes and self._lately(engine, found, now)
        return found if good else None

    def too_soon(self, digest: str, most: int) -> int:
        """Count one more request by the token of *digest*: 0 if that is within *most* a minute, else how many
        seconds it is too soon."""
        return self._pace.wait(digest, most, time.monotonic())

    def _keep_pace(self, digest: str) -> None:
        settings = cast("Settings", current_app.config["SETTINGS"])
        seconds = self.too_soon(digest, settings.api_per_minute)
        if seconds:
            answer = problem(429, gettext("tokens.too_fast", seconds=seconds), "tokens.too_fast")
            answer.headers["Retry-After"] = str(seconds)
            abort(answer)

    def _recognised(self, digest: str, *, verified_later: bool) -> Bearer | None:
        """Who has the token. Who only tells something is remembered: that the token still holds is looked up
        where it is written, in the same transaction. Those wait for each other, and whoever waits may hold no
        connection: all there are could be in the hands of those who wait for one."""
        key = (_engine().pool, digest)
        if verified_later and key in self._known:
            return self._known[key]
        if verified_later:
            with open_session(_engine(), writes=False) as session:
                found = tokens.recognise(session, digest)
        else:
            found = tokens.recognise(_session(), digest)
        if found is not None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = found
        return found

    def _note_use(self, found: Bearer) -> None:
        if not self._lately(_engine(), found, as_of()):
            self._used[_engine().pool, found.id] = as_of().timestamp()
            g.used = found.id

    def _lately(self, engine: Engine, found: Bearer, now: datetime) -> bool:
        """Whether it was noted lately that the token was used."""
        since = now.timestamp() - self._used.get((engine.pool, found.id), 0.0)
        return since < tokens.USED_EVERY.total_seconds()


def _session() -> Session:
    """A session to read by. Who only tells something doesn't need one."""
    if "session" not in g:
        g.session = open_session(_engine(), writes=False)
    return db()


def _engine() -> Engine:
    return cast("Engine", current_app.extensions["engine"])


def shown(header: str) -> str | None:
    """The digest of the token that the *header* Authorization shows, if it shows one."""
    kind, _, token = header.partition(" ")
    return tokens.digest_of(token.strip()) if kind.lower() == "bearer" and token.strip() else None


def install(app: Flask) -> None:
    """Give *app* the door that the edge asks."""
    app.extensions["door"] = Door()


def bearer() -> Bearer:
    """Who came in."""
    return cast("Bearer", g.bearer)


def refuse(status: int, code: str, challenge: str | None = None, **facts: str) -> NoReturn:
    """Answer with a problem."""
    answer = problem(status, gettext(code, **facts), code)
    if challenge:
        answer.headers["WWW-Authenticate"] = challenge
    abort(answer)
