"""Faults told to programs: problem details (RFC 9457) with a code, and a sentence for people."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Response, request

from promises import language
from promises.refusal import Refusal

INTERFACE = "/api/v1/"
"""Addresses below are read by programs."""


def for_a_program() -> bool:
    """Whether the answer to this request is read by a program."""
    return request.path.startswith(INTERFACE)


def problem(status: int, detail: str, code: str, **members: Any) -> Response:
    """An answer that says what is wrong: *detail* to a person, *code* to a program."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **members,
    }
    body = json.dumps(told, ensure_ascii=False)
    return Response(body, status, mimetype="application/problem+json")


def refused(refusal: Refusal, status: int = 409) -> Response:
    """What a rule or verb refused."""
    return problem(status, language.sentence(refusal), refusal.code, **_where(refusal))


def fault(status: int) -> Response:
    """What HTTP itself has a word for."""
    return problem(status, language.gettext(f"http.{status}"), f"http.{status}")


def _where(refusal: Refusal) -> dict[str, Any]:
    return {name: refusal.facts[name] for name in ("field", "row") if name in refusal.facts}
