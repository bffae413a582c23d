"""The way onward into the reports: from a promise and from a branch."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from promises import language
from promises.language import gettext
from promises.reports.branch_report import promises_of
from promises.terms.queries import promises
from promises.web.navigation import visible_branches
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db


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
                name = dated.versions[-1].terms.name
                url = url_for("reports.branch", branch=branch.code, promise=dated.code)
                yield Onward(
                    "report",
                    name.fi if language.current() == "fi" else name.en,
                    url,
                    gettext("onward.report"),
                )
