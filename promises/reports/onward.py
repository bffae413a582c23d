"""The way onward into the reports: from a promise, a branch, a case and its compensation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy import and_
from sqlmodel import col, select

from promises import language
from promises.compensation.tables import Compensation
from promises.language import gettext
from promises.people.tables import Branch
from promises.reports.branch_report import promises_of
from promises.reports.periods import Week
from promises.service.tables import Verdict
from promises.terms.queries import promises
from promises.web.navigation import visible_branches
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db, visitor


@leads_on_from("promise")
def reports_of_promise(promise_id: int) -> Iterator[Onward]:
    """The report of each branch that the reader may see and that gives the promise."""
    for dated in promises(db(), promise_id):
        for branch in visible_branches("reports.branch"):
            if any(v.terms.branches is None or branch.code in v.terms.branches for v in dated.versions):
                url = url_for("reports.branch", branch=branch.code, promise=dated.code)
                yield Onward("report", branch.name, url, gettext("onward.report"))


@leads_on_from("branch")
def reports_of_branch(branch_id: int) -> Iterator[Onward]:
    """One report for each promise of the branch."""
    for branch in visible_branches("reports.branch"):
        if branch.id == branch_id:
            for dated in promises_of(db(), branch):
                name = getattr(dated.versions[-1].terms.name, language.current())
                url = url_for("reports.branch", branch=branch.code, promise=dated.code)
                yield Onward("report", name, url, gettext("onward.report"))


@leads_on_from("case")
def reports_of_case(branch_id: int, case_id: int) -> Iterator[Onward]:
    """The report of each promise that the case was judged by, at the case's week."""
    judged = select(Verdict.promise_id, Verdict.started_at).where(
        Verdict.branch_id == branch_id, Verdict.case_id == case_id
    )
    for promise_id, started_at in db().exec(judged):
        yield from _of_week(branch_id, promise_id, started_at)


@leads_on_from("compensation")
def report_of_compensation(branch_id: int, compensation_id: int) -> Iterator[Onward]:
    """The report of the promise that was broken, at the week in which its case began."""
    same = and_(col(Verdict.branch_id) == Compensation.branch_id, col(Verdict.id) == Compensation.verdict_id)
    broken = (
        select(Verdict.promise_id, Verdict.started_at)
        .join(Compensation, same)
        .where(Compensation.branch_id == branch_id, Compensation.id == compensation_id)
    )
    for promise_id, started_at in db().exec(broken):
        yield from _of_week(branch_id, promise_id, started_at)


def _of_week(branch_id: int, promise_id: int, started_at: datetime) -> Iterator[Onward]:
    branch, reader = db().get(Branch, branch_id), visitor()
    if branch is None or reader is None or not reader.may("reports.branch", branch.code):
        return
    week = Week.at(started_at, ZoneInfo(branch.zone))
    for dated in promises(db(), promise_id):
        url = url_for(
            "reports.branch", branch=branch.code, promise=dated.code, until=week.code, week=week.code
        )
        yield Onward("report", branch.name, url, gettext("onward.report_week", week=week.number))
