"""The JSON interface under /api/v1. Every address opens to a token with its scope, and to nothing else."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, request
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlmodel import select

from promises.api import door, front, hearing, reading, taking
from promises.api.description import described, document
from promises.api.shapes import Batch, Case, Heard, Movements, Promises, Since, Told, Verdicts
from promises.api.tokens import used
from promises.language import gettext
from promises.people.tables import Branch
from promises.settings import Settings
from promises.web.guard import needs_token, open_to_all
from promises.web.problem import problem
from promises.web.request import as_of, db

interface = Blueprint("interface", __name__, url_prefix="/api/v1")
ABOUT = {"branch": "Code of the branch.", "reference": "By what you know the case."}


@interface.record_once
def _with_a_door(state: Any) -> None:
    door.install(state.app)
    front.stand_before(state.app)


@interface.teardown_request
def _note_use(_error: BaseException | None) -> None:
    if "used" in g:
        used(_engine(), g.used, as_of())


@interface.post("/events")
@needs_token("events.write")
@described(Told, 400, 413, 415, 422, body=Batch)
def tell_events() -> Response:
    """Tell what happened to cases

    A batch of milestones. What is told twice is known the second time and changes nothing. Each row is taken,
    known or refused by itself; a taken one is kept for good, and its case is judged with it at once.
    """
    most = _settings().api_batch
    try:
        sent = taking.read_batch(_body(), door.bearer(), _engine(), most, as_of())
    except taking.TooMany:
        detail = gettext("api.too_many", most=most)
        return problem(413, detail, "api.too_many", most=most)
    except taking.Unreadable as unreadable:
        return _unreadable(unreadable)
    taken = taking.take_together.serve(sent)
    if not taken.holds:
        door.refuse(401, "tokens.unknown", 'Bearer error="invalid_token"')
    return _answer(taking.report(taken, sent.refused))


@interface.get("/branches/<branch>/cases/<path:reference>")
@needs_token("cases.read")
@described(Case, 404, about=ABOUT)
def read_case(branch: str, reference: str) -> Response:
    """One of your cases, with its verdicts and what is owed"""
    found = reading.one_case(db(), _branch(branch), door.bearer().source, reference)
    return _answer(found or abort(404))


@interface.get("/promises")
@needs_token("promises.read")
@described(Promises)
def read_promises() -> Response:
    """The promises in force and their terms"""
    return _answer({"promises": reading.promises_in_force(db(), as_of())})


@interface.get("/branches/<branch>/verdicts")
@needs_token("verdicts.read")
@described(Verdicts, 404, 422, query=Since, about=ABOUT)
def read_verdicts(branch: str) -> Response:
    """Verdicts of a branch since a cursor

    In the order in which they were judged; told half a minute later, so that none is passed over. A verdict
    that is judged anew comes again under its id.
    """
    asked, here = _asked(), _branch(branch)
    after = reading.read_cursor(asked.after)
    found = reading.verdicts_since(db(), here.id or 0, after, asked.limit, as_of())
    return _answer(reading.answer_page("verdicts", found))


@interface.get("/branches/<branch>/compensations")
@needs_token("compensation.read")
@described(Movements, 404, 422, query=Since, about=ABOUT)
def read_compensations(branch: str) -> Response:
    """What came to be owed, was paid or taken back at a branch, since a cursor"""
    asked, here = _asked(), _branch(branch)
    after = reading.read_cursor(asked.after)
    return _answer(
        reading.answer_page("movements", reading.movements_since(db(), here.id or 0, after, asked.limit))
    )


@interface.post("/feedback")
@needs_token("feedback.write")
@described(Told, 400, 413, 415, 422, body=Heard)
def tell_feedback() -> Response:
    """Tell what customers said

    Masked and checked as the rows of a file are, each taken, known or refused by itself.
    """
    try:
        words = Heard.model_validate_json(_body()).feedback
    except ValidationError as invalid:
        field = ".".join(map(str, invalid.errors()[0]["loc"]))
        return problem(422, gettext("shape.not_so", field=field), "shape.not_so", field=field)
    rows = hearing.take_words(_engine(), door.bearer(), words, as_of())
    if rows is None:
        door.refuse(401, "tokens.unknown", 'Bearer error="invalid_token"')
    return _answer(taking.report(taking.Taken(True, rows), {}))


@interface.get("/openapi.json")
@open_to_all
def openapi() -> Response:
    """The description of this interface."""
    return _answer(document(_settings().base_url))


def _settings() -> Settings:
    kept: Settings = current_app.config["SETTINGS"]
    return kept


def _engine() -> Engine:
    kept: Engine = current_app.extensions["engine"]
    return kept


def _branch(code: str) -> Branch:
    return db().exec(select(Branch).where(Branch.code == code)).first() or abort(404)


def _body() -> bytes:
    """What was sent, if it says that it is JSON."""
    if not request.is_json:
        abort(415)
    request.max_content_length = front.LONGEST_BODY
    return request.get_data(cache=False)


def _asked() -> Since:
    try:
        return Since.model_validate(_typed(request.args.to_dict()))
    except ValidationError as invalid:
        field = ".".join(map(str, invalid.errors()[0]["loc"]))
        abort(problem(422, gettext("shape.not_so", field=field), "shape.not_so", field=field))


def _typed(named: dict[str, str]) -> dict[str, Any]:
    limit = named.get("limit", "")
    return {**named, "limit": int(limit)} if limit.isascii() and limit.isdecimal() else named


def _unreadable(fault: taking.Unreadable) -> Response:
    if not fault.rows:
        return problem(422, taking.wrong_batch(fault.where), "shape.no_batch")
    rows = [taking.refused_row(place, refusal) for place, refusal in sorted(fault.rows.items())]
    return problem(422, gettext("shape.no_row"), "shape.no_row", rows=rows)


def _answer(told: Any) -> Response:
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
