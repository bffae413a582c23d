"""One request: who reads, in which language, what they may do, one transaction, safe headers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from psycopg.errors import NumericValueOutOfRange
from sqlalchemy import Engine
from sqlalchemy.exc import DataError
from sqlmodel import select
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response as AnyResponse

from promises import clock, language
from promises.database import open_session
from promises.people import actions as people
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.web import guard, problem
from promises.web.request import LARGEST, Visitor, visitor

log = structlog.get_logger()

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
READS = {"GET", "HEAD", "OPTIONS"}


def attach(app: Flask, engine: Engine) -> None:
    """Put *app* on *engine* and behind the guard."""
    app.extensions["engine"] = engine
    app.before_request(_open)
    app.after_request(_close)
    app.teardown_request(_drop)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(DataError, _beyond)
    for code in (400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503):
        app.register_error_handler(code, _fault)


def _open() -> AnyResponse | None:
    g.as_of = clock.now()
    if request.endpoint == "static":
        return None
    engine: Engine = current_app.extensions["engine"]
    if request.endpoint is not None and guard.verb_of(current_app, request.endpoint) == guard.TOKEN:
        _by_token(request.endpoint)
        return None
    reads = request.method in READS or (
        request.endpoint is not None and guard.only_reads(current_app, request.endpoint)
    )
    g.session = open_session(engine, writes=not reads)
    person = people.signed_in(g.session, session.get("person"), session.get("stamp"))
    if person is not None:
        g.visitor = Visitor(
            id=person.id or 0,
            name=person.name,
            role=person.role,
            language=person.language,
            theme=person.theme,
            branches=people.branch_codes(g.session, person.id or 0),
        )
    language.use(_language())
    if request.endpoint is None:
        return None  # an unknown address: the 404 page follows
    return _guard(guard.verb_of(current_app, request.endpoint))


def _by_token(endpoint: str) -> None:
    """A request of a program: whoever is signed in in the same browser doesn't matter. The door opens the
    session, if one is needed."""
    language.use(_understood())
    door: guard.Door = current_app.extensions["door"]
    door(guard.scope_of(current_app, endpoint))


def _guard(verb: str) -> AnyResponse | None:
    named = request.view_args or {}
    if any(isinstance(number, int) and number > LARGEST for number in named.values()):
        abort(404)
    code = named.get("branch")
    reader = visitor()
    if verb != guard.OPEN:
        if reader is None:
            if request.method not in READS:
                flash(language.gettext("session.ended"), "warning")
            return redirect(url_for("people.sign_in", next=_wanted()))
        if not reader.may(verb, code):
            abort(403)
    if code is not None:
        g.branch = g.session.exec(select(Branch).where(Branch.code == code)).first() or abort(404)
    return None


def _wanted() -> str | None:
    """The page to show after signing in: the one asked for, or the one whose button was pressed."""
    if request.method in READS:
        return request.full_path.rstrip("?")
    pressed_on = urlsplit(request.referrer or "")
    return pressed_on.path if pressed_on.netloc == request.host else None


def _language() -> str:
    reader = visitor()
    if reader is not None:
        return reader.language
    chosen = session.get("language")
    if chosen in language.LANGUAGES:
        return str(chosen)
    return _understood()


def _understood() -> str:
    return understood(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=256)
def understood(accepted: str) -> str:
    """The language of ours that fits the header Accept-Language best."""
    languages = parse_accept_header(accepted, LanguageAccept)
    return languages.best_match(language.LANGUAGES) or language.LANGUAGES[0]


def _close(response: Response) -> Response:
    if "session" in g and not g.get("failed"):
        g.session.commit()
    response.headers.extend({k: v for k, v in HEADERS.items() if k not in response.headers})
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        # Pages hold customers' words and money: nothing is kept by a shared computer's browser.
        response.headers["Cache-Control"] = "no-store"
    return response


def _drop(_error: BaseException | None) -> None:
    if "session" in g:
        g.session.close()


def undo() -> None:
    """Take back whatever this request has written so far, and commit nothing at its end."""
    g.failed = True
    if "session" in g:
        g.session.rollback()


def _refused(refusal: Refusal) -> ResponseReturnValue:
    undo()
    if problem.for_a_program():
        return problem.refused(refusal)
    return render_template("errors/409.html", reason=language.sentence(refusal)), 409


def _stale(_error: CSRFError) -> tuple[str, int]:
    undo()
    return render_template("errors/409.html", reason=language.gettext("refusal.stale_form")), 400


def _beyond(error: DataError) -> ResponseReturnValue:
    """A number in the address that PostgreSQL's column can't hold names nothing."""
    if not isinstance(error.orig, NumericValueOutOfRange):
        raise error
    undo()
    if problem.for_a_program():
        return problem.fault(404)
    return render_template("errors/404.html", reason=""), 404


def _fault(error: Exception) -> tuple[str, int] | Any:
    undo()
    if not isinstance(error, HTTPException):
        raise error
    code = error.code or 500
    original = getattr(error, "original_exception", None)
    if original is not None:
        g.broken = True
        # The rule, not the address: some addresses are all that a customer's page asks for.
        route = request.url_rule.rule if request.url_rule is not None else ""
        log.error("request_failed", route=route, method=request.method, error=repr(original))
    if problem.for_a_program():
        return problem.fault(code)
    template = {403: "403", 404: "404", 405: "404", 429: "429", 500: "500"}.get(code, "409")
    reason = language.gettext(f"http.{code}") if template == "409" else ""
    return render_template(f"errors/{template}.html", reason=reason), code
