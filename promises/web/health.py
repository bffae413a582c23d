"""Health, readiness and metrics, for what watches over the installation. None of them tells of customers."""

from __future__ import annotations

import hmac
from functools import cache
from ipaddress import ip_address
from typing import cast

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, abort, current_app, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from promises.database import migrations
from promises.settings import Settings
from promises.web import metrics
from promises.web.edge import undo
from promises.web.guard import open_to_all
from promises.web.request import as_of, db

pages = Blueprint("health", __name__)
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@pages.get("/healthz")
@open_to_all
def alive() -> Response:
    """That this process answers; asks the database nothing."""
    return jsonify(alive=True)


@pages.get("/readyz")
@open_to_all
def ready() -> tuple[Response, int]:
    """That this process can serve: the database answers, and its schema is the program's."""
    try:
        found = db().execute(text("SELECT version_num FROM alembic_version")).scalar()
        newest = _newest()
    except SQLAlchemyError:
        undo()
        return jsonify(ready=False, database="unreachable"), 503
    if found != newest:
        return jsonify(ready=False, database="reachable", schema=found, expected=newest), 503
    return jsonify(ready=True, database="reachable", schema=found), 200


@cache
def _newest() -> str | None:
    with current_app.extensions["engine"].connect() as connection:
        return ScriptDirectory.from_config(migrations(connection)).get_current_head()


@pages.get("/metrics")
@open_to_all
def figures() -> Response:
    """Every figure, to those who have the token, or to this machine where none is set."""
    if not _may_ask():
        abort(403)
    return Response(metrics.exposition(db(), as_of()), content_type=PROMETHEUS)


def _may_ask() -> bool:
    token = cast("Settings", current_app.config["SETTINGS"]).metrics_token
    if token:
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    # What a web server in front passes on comes from this machine too, but not from whoever asked.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    try:
        return not forwarded and ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
