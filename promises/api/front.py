"""The short way in for events, which is what nearly every request of a queue system is.

It stands before the application and answers a batch that is in order: by the same door, the same reading and
the same taking, but without what pages need around them. Whatever is otherwise in any way, an unknown token,
a batch that can't be read, a fault of ours, goes on untouched to the application, which alone refuses. So
there is one set of rules, and this is only their beaten track.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, cast

from flask import Flask

from promises import clock, language
from promises.api import taking
from promises.api.door import shown
from promises.web import edge, metrics, watching

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from sqlalchemy import Engine

    from promises.api.door import Door
    from promises.settings import Settings

EVENTS = "/api/v1/events"
LONGEST_BODY = 8 * 1024 * 1024
"""Bytes that the body of a request may have."""
_HEADERS = [("Content-Type", "application/json"), *edge.HEADERS.items(), ("Cache-Control", "no-store")]


def stand_before(app: Flask) -> None:
    """Let *app*'s requests come by here first."""
    app.wsgi_app = Front(app, app.wsgi_app)  # type: ignore[method-assign]


class Front:
    """Answers batches of events that are in order; *onward* answers everything else."""

    def __init__(self, app: Flask, onward: WSGIApplication) -> None:
        self._app, self._onward = app, onward

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self._answer(environ) if environ.get("PATH_INFO") == EVENTS else None
        if body is None:
            return self._onward(environ, start_response)
        start_response("200 OK", [*_HEADERS, ("Content-Length", str(len(body)))])
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> bytes | None:
        """The answer to a batch that is in order, else nothing."""
        began, now = perf_counter(), clock.now()
        app, length = self._app, _length(environ)
        if not length or watching.due(app, now):
            return None
        settings = cast("Settings", app.config["SETTINGS"])
        engine = cast("Engine", app.extensions["engine"])
        door = cast("Door", app.extensions["door"])
        digest = shown(environ.get("HTTP_AUTHORIZATION", ""))
        bearer = door.remembered(engine, digest, "events.write", now)
        if digest is None or bearer is None:
            return None
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = BytesIO(body)
        try:
            sent = taking.read_batch(body, bearer, engine, settings.api_batch, now)
            if door.too_soon(digest, settings.api_per_minute):
                return None
            taken = taking.take_together.serve(sent)
        except Exception:  # the application meets the same, and says what it is
            return None
        if not taken.holds:
            return None
        with language.spoken(edge.understood(environ.get("HTTP_ACCEPT_LANGUAGE", ""))):
            answer = json.dumps(taking.report(taken, sent.refused), ensure_ascii=False).encode()
        metrics.note(EVENTS, "POST", 200, perf_counter() - began)
        return answer


def _length(environ: WSGIEnvironment) -> int:
    """How long the body is, if it is JSON that isn't too long; else 0."""
    told = environ.get("CONTENT_LENGTH", "")
    if environ["REQUEST_METHOD"] != "POST" or not (told.isascii() and told.isdecimal()) or len(told) > 9:
        return 0
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    return int(told) if kind == "application/json" and int(told) <= LONGEST_BODY else 0
