"""Gathering what the terms form needs, for every page on which terms are set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from promises import language
from promises.people.tables import Branch, Company
from promises.terms import queries
from promises.terms.document import TermsDocument
from promises.terms.explain import explain
from promises.terms.forms import TermsForm
from promises.terms.line import Line
from promises.terms.words import worded


def terms_form(
    session: Session, code: str, *, as_of: datetime, suggested: dict[str, Any] | None = None
) -> TermsForm:
    """The form for the next version of the promise *code*, filled from its newest one if it has any.

    :param suggested: first values by field name, for a promise that has no terms yet.
    """
    every = queries.promises(session)
    own = next((dated for dated in every if dated.code == code), None)
    base = own.versions[-1] if own else None
    company = session.get(Company, 1) or Company(name="")
    open_ones = session.exec(select(Branch).where(col(Branch.closed_on).is_(None))).all()
    zone = ZoneInfo(base.terms.zone if base else company.zone)
    return TermsForm(
        base=base.terms if base else None,
        number=base.number + 1 if base else 1,
        branches=sorted(((branch.code, branch.name) for branch in open_ones), key=lambda pair: pair[1]),
        currency=company.currency,
        zone=zone.key,
        today=as_of.astimezone(zone).date(),
        used=[version.terms for dated in every for version in dated.versions],
        suggested=suggested,
    )


def branch_names(session: Session) -> dict[str, str]:
    """Branch names by code."""
    return {branch.code: branch.name for branch in session.exec(select(Branch))}


def plain_words(terms: TermsDocument, names: Mapping[str, str] | None = None) -> list[Line]:
    """What customers are told, and then what exactly that means, in the reader's language.

    :param names: branch names by code.
    """
    told = terms.told or terms.name
    return [Line(getattr(told, language.current())), *explained(terms, names or {})]


def explained(terms: TermsDocument, names: Mapping[str, str]) -> list[Line]:
    """What *terms* mean, with places called by their names; codes are for files."""
    shown: dict[str, Any] = {}
    if terms.branches is not None:
        shown["branches"] = [names.get(code, code) for code in terms.branches]
    if terms.touchpoint is not None:
        shown["touchpoint"] = worded("touchpoint", terms.touchpoint)
    return explain(terms.model_copy(update=shown))
