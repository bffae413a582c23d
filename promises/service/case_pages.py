"""The list of cases, and one case with the way it went."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.people.tables import Branch, Company
from promises.service import queries
from promises.service.actions import find_case
from promises.service.forms import CaseFilter
from promises.service.queries import PAGE, Asked, Found
from promises.service.reasons import because
from promises.terms.queries import Dated, promises
from promises.terms.words import milestone, reason, span, worded
from promises.web.filters import show_duration
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.onward import onward
from promises.web.request import as_of, db
from promises.web.request import branch as here

DAYS_SHOWN = 7
BEFORE = {"problem", "proposal", "decision"}
"""Links of the chain that lie before a promise."""


@needs("cases.read")
def listing() -> ResponseReturnValue:
    branches, dated = visible_branches("cases.read"), promises(db())
    form = CaseFilter(
        _with_usual_days(request.args),
        branches=[(branch.code, branch.name) for branch in branches],
        promises=[(one.code, _name(one)) for one in dated],
    )
    form.validate()
    asked = _asked(form, branches, dated)
    total = queries.count_cases(db(), asked)
    last = max(-(-total // PAGE), 1)
    page = min(max(request.args.get("page", 1, type=int), 1), last)
    return render_template(
        "service/listing.html",
        form=form,
        found=queries.cases(db(), asked, page),
        branches={branch.id: branch for branch in branches},
        names={one.promise_id: _name(one) for one in dated},
        reason=reason,
        worded=worded,
        page=page,
        last=last,
        total=total,
        url_of=lambda number: url_for(".listing", **{**request.args, "page": number}),
    )


@needs("cases.read")
def one(case_id: int, **_address: str) -> ResponseReturnValue:
    case = find_case(db(), here(), case_id) or abort(404)
    ticket = queries.ticket_of(db(), case)
    judged = queries.verdicts(db(), case)
    after = onward("case", case.branch_id, case.id)
    return render_template(
        "service/case.html",
        case=case,
        branch=here(),
        name=Found(case, None, ticket.number if ticket else None).name,
        ticket=ticket,
        judged=judged,
        because={
            one.verdict.id: because(one.verdict, one.version.terms, show_duration(one.verdict.elapsed_s))
            for one in judged
        },
        name_of=lambda terms: getattr(terms.name, language.current()),
        happened=queries.milestones(db(), case),
        milestone=milestone,
        worded=worded,
        span=span,
        after=after,
        links=_links(judged, after),
        as_of=as_of(),
    )


def _with_usual_days(args: Any) -> Any:
    """The days that are shown unless others are asked for: the last week, or all for a search."""
    if "since" in args or "until" in args or args.get("q"):
        return args
    company = db().get(Company, 1)
    today = as_of().astimezone(ZoneInfo(company.zone if company else "UTC")).date()
    asked = args.copy()
    asked.setlist("since", [str(today - timedelta(days=DAYS_SHOWN - 1))])
    asked.setlist("until", [str(today)])
    return asked


def _asked(form: CaseFilter, branches: list[Branch], dated: list[Dated]) -> Asked:
    """What the filter says, as far as it makes sense; a wrong date filters nothing."""
    chosen = [branch for branch in branches if form.branch.data in ("", None, branch.code)]

    def day(field: Any) -> date | None:
        return None if field.errors else field.data

    return Asked(
        branches=chosen or branches,
        promise_id=next((one.promise_id for one in dated if one.code == form.promise.data), None),
        status=form.verdict.data if not form.verdict.errors else None,
        since=day(form.since),
        until=day(form.until),
        text=(form.q.data or "").strip(),
    )


def _name(dated: Dated) -> str:
    return str(getattr(dated.shown(as_of()).terms.name, language.current()))


def _links(judged: list[queries.Judged], after: list[Any]) -> dict[str, str]:
    links: dict[str, str] = {}
    if judged:
        before = onward("promise_origin", judged[0].verdict.promise_id)
        links = {step.kind: step.url for step in reversed(before) if step.kind in BEFORE}
        links["promise"] = url_for("terms.one", code=judged[0].code)
    places = {"compensation": "compensation", "report": "report"}
    for step in reversed(after):
        if step.kind in places:
            links[places[step.kind]] = step.url
    links.setdefault("report", url_for("reports.branch", branch=here().code))
    return links
