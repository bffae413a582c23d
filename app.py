"""The web application. ``gunicorn 'app:create_app()'`` serves it; ``python app.py`` is the demo."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import pass_context
from jinja2.runtime import Context
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from promises import language
from promises.api.interface import interface
from promises.api.pages import pages as tokens
from promises.audit.pages import pages as audit
from promises.compensation.by_hand_pages import pages as by_hand
from promises.compensation.pages import pages as compensation
from promises.customer.pages import pages as customer
from promises.database import open_database
from promises.decisions.pages import pages as decisions
from promises.feedback.pages import pages as feedback
from promises.followup.pages import pages as followup
from promises.outbox.pages import pages as outbox
from promises.payments.pages import pages as payments
from promises.people.pages import pages as people
from promises.proposals.pages import pages as proposals
from promises.queue.pages import pages as queue
from promises.reports.pages import pages as reports
from promises.service.pages import pages as service
from promises.settings import Settings
from promises.surveys.pages import pages as surveys
from promises.terms.pages import pages as terms
from promises.web import edge, filters, guard, health, look, metrics, navigation, watching
from promises.web.onward import onward

ROOMS = (
    people,
    feedback,
    surveys,
    followup,
    proposals,
    decisions,
    terms,
    service,
    queue,
    compensation,
    by_hand,
    payments,
    customer,
    reports,
    audit,
    tokens,
    outbox,
    interface,
    look.pages,
    health.pages,
)
HERE = Path(__file__).parent
STATIC = HERE / "promises" / "static"


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Flask:
    """The application on *settings* (from the environment by default) and *engine*.

    :raises Refusal: when a setting is missing or wrong.
    """
    settings = settings or Settings.from_environment(os.environ)
    app = Flask("promises", template_folder=str(HERE / "templates"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="promises",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        # Addresses of static files change with their content, so browsers may keep them.
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        MAX_CONTENT_LENGTH=settings.upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        # A form left open over lunch still works; it dies with the session.
        WTF_CSRF_TIME_LIMIT=None,
        SETTINGS=settings,
    )
    if settings.secure:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    metrics.attach(app)
    watching.attach(app)
    edge.attach(app, engine or open_database(settings.database_url))
    # Programs come with a token of their own, which no other site can make a browser send.
    CSRFProtect(app).exempt(interface)
    filters.attach(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_translate, _translate_plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals["ngettext"] = _counted(
        cast("Callable[..., str]", app.jinja_env.globals["ngettext"])
    )
    app.url_defaults(_stamp_static)
    for room in ROOMS:
        app.register_blueprint(room)
    app.context_processor(navigation.page_context)
    app.jinja_env.globals.update(onward=onward, press_token=lambda: str(uuid4()))
    guard.check_all_marked(app)
    return app


def _counted(ngettext: Callable[..., str]) -> Callable[..., str]:
    """*ngettext* whose ``%(num)s`` is written as the reader writes numbers."""

    @pass_context
    def counted(context: Context, one: str, many: str, num: int, **facts: Any) -> str:
        return ngettext(context, one, many, num, **{"num": filters.show_number(num), **facts})

    return counted


def _stamp_static(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values:
        values.setdefault("v", _stamp(values["filename"]))


@cache
def _stamp(filename: str) -> str:
    file = STATIC / filename
    return sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else "none"


def _translate(message: str) -> str:
    return str(language.translations(language.current()).ugettext(message))


def _translate_plural(one: str, many: str, n: int) -> str:
    return str(language.translations(language.current()).ungettext(one, many, n))


if __name__ == "__main__":
    from promises.demo import run

    sys.exit(run(int(os.environ.get("PORT", "8000"))))
