"""The page for everybody, each person's own home, and the reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_interval, get_day_names
from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from promises import language
from promises.language import LANGUAGES, gettext
from promises.people.tables import Branch
from promises.reports import answering, charts, network, onward, queries
from promises.reports import home as homes
from promises.reports import public as publics
from promises.reports.branch_report import PERIODS, BranchReport, build, neighbours, promises_of
from promises.reports.compliance import FEW
from promises.reports.export import broken_csv, network_csv
from promises.reports.palette import THEMES
from promises.reports.periods import Week
from promises.reports.queries import PAGE, Scope
from promises.terms.explain import explain
from promises.terms.explain import reason as reason_words
from promises.terms.queries import Dated
from promises.web.guard import needs, open_to_all
from promises.web.navigation import visible_branches
from promises.web.request import as_of, asked_page, db, me, visitor
from promises.web.request import branch as this_branch

pages = Blueprint("reports", __name__)

__all__ = ["answering", "onward", "pages"]

PUBLIC_SECONDS = 300


@pages.app_template_filter("span")
def show_span(week: Week) -> str:
    """The days of a week as one stretch: ``1.–7.6.2026`` or ``1–7 Jun 2026``."""
    skeleton = "yMd" if language.current() == "fi" else "yMMMd"
    return str(format_interval(week.monday, week.sunday, skeleton, locale=language.locale()))


CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A picture's own policy: its inline styles may apply, and nothing else may happen in it."""


@pages.get("/")
@open_to_all
def public() -> ResponseReturnValue:
    chosen = request.args.get("language")
    if chosen in LANGUAGES:
        language.use(chosen)
    page = publics.build(db(), as_of())
    words = {promise.code: explain(promise.version.terms) for promise in page.promises}
    month = format_date(page.month.first, "LLLL", locale=language.locale())
    shown = render_template(
        "reports/public.html", page=page, words=words, month=month, year=page.month.first.year, few=FEW
    )
    response = Response(shown)
    if visitor() is None:
        # Nothing on it is anybody's own, so that it may be kept on the way; it sets no cookie.
        response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.vary.update(["Accept-Language", "Cookie"])
    return response


@pages.get("/home")
@needs("home.read")
def home() -> ResponseReturnValue:
    reader = me()
    today = homes.today(db(), reader.id, reader.role, reader.branches, as_of())
    return render_template("reports/home.html", today=today)


@pages.get("/reports")
@needs("reports.branch")
def listing() -> ResponseReturnValue:
    span, compared = _compared()
    mine = {branch.code for branch in visible_branches("reports.branch")}
    return render_template(
        "reports/listing.html",
        compared=compared,
        span=span,
        spans=network.SPANS,
        mine=mine,
        sees_all=me().may("reports.network"),
    )


def _compared() -> tuple[int, list[network.PromiseLines]]:
    span = _among(network.SPANS, "weeks", network.SPANS[0])
    every = db().exec(select(Branch).where(col(Branch.closed_on).is_(None))).all()
    return span, network.compare(db(), every, span, as_of())


@pages.get("/reports/network.csv")
@needs("reports.network")
def network_export() -> ResponseReturnValue:
    span, compared = _compared()
    return _download(network_csv(compared), f"{gettext('export.network_file')}-{span}.csv")


def _download(lines: Iterator[str], filename: str) -> Response:
    response = Response("".join(lines), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


@dataclass(frozen=True)
class Asked:
    """What the address of a report asks for; *branch* is a code."""

    branch: str
    dated: Dated
    every: list[Dated]
    last: Week
    weeks: int

    def address(self, endpoint: str, **changes: Any) -> str:
        """The address of the same report, but for *changes*; None leaves a part out."""
        parts: dict[str, Any] = {
            "branch": self.branch,
            "promise": self.dated.code,
            "weeks": self.weeks,
            "until": request.args.get("until"),
            **changes,
        }
        return url_for(endpoint, **{name: value for name, value in parts.items() if value is not None})

    def chart(self, **parts: str) -> str:
        """Where a chart of the report is drawn."""
        return self.address("reports.chart", **parts)


def _among(allowed: tuple[int, ...], name: str, usual: int) -> int:
    found = request.args.get(name, type=int)
    return found if found in allowed else usual


def _asked(branch: str) -> Asked | None:
    """None while the branch has no promise to report on."""
    every = promises_of(db(), this_branch())
    if not every:
        return None
    code = request.args.get("promise")
    dated = next((one for one in every if one.code == code), None) if code else every[0]
    if dated is None:
        abort(404)
    running = Week.at(as_of(), ZoneInfo(this_branch().zone))
    last = min(Week.read(request.args.get("until")) or running, running)
    return Asked(branch, dated, every, last, _among(PERIODS, "weeks", 13))


def _report(asked: Asked) -> BranchReport:
    return build(db(), this_branch(), asked.dated, asked.last, asked.weeks, as_of())


@pages.get("/branches/<branch>/report")
@needs("reports.branch")
def branch(branch: str) -> ResponseReturnValue:
    asked = _asked(branch)
    if asked is None:
        return render_template("reports/none.html", branch=this_branch())
    report = _report(asked)
    week, reason, scope = _narrowed(report.scope)
    page = asked_page()
    behind = report.all.broken if scope == report.scope and not reason else _count(scope, reason)
    before, after = neighbours(asked.every, asked.dated.code)
    earlier = asked.last.plus(-asked.weeks)
    later = asked.last.plus(asked.weeks)
    running = Week.at(as_of(), ZoneInfo(this_branch().zone))
    return render_template(
        "reports/branch.html",
        branch=this_branch(),
        asked=asked,
        report=report,
        terms=asked.dated.shown(as_of()).terms,
        periods=PERIODS,
        charts={kind: charts.finding(kind, report) for kind in charts.drawable(report)},
        week=week,
        reason=reason,
        cases=queries.broken_cases(db(), scope, reason=reason, page=page),
        behind=behind,
        page=page,
        last_page=max(-(-behind // PAGE), 1),
        page_url=partial(_cases_address, asked, week, reason),
        before=before,
        after=after,
        earlier=earlier.code,
        why=reason_words,
        weekdays=get_day_names("wide", context="stand-alone", locale=language.locale()),
        later=None if asked.last >= running else min(later, running).code,
    )


def _cases_address(asked: Asked, week: Week | None, reason: str, page: int) -> str:
    code = week.code if week else None
    address = asked.address(
        "reports.branch", week=code, reason=reason or None, page=page if page > 1 else None
    )
    return f"{address}#cases"


def _narrowed(scope: Scope) -> tuple[Week | None, str, Scope]:
    """The week and reason that the list of broken cases is narrowed to, and its scope."""
    week, reason = Week.read(request.args.get("week")), request.args.get("reason", "")[:64]
    if week is None:
        return None, reason, scope
    zone = ZoneInfo(this_branch().zone)
    return week, reason, Scope(scope.branch_id, scope.promise_id, week.starts(zone), week.ends(zone))


def _count(scope: Scope, reason: str) -> int:
    return sum(
        bucket.n
        for bucket in queries.buckets(db(), scope)
        if bucket.status == "broken" and reason in ("", bucket.reason)
    )


@pages.get("/branches/<branch>/report/chart.svg")
@needs("reports.branch")
def chart(branch: str) -> ResponseReturnValue:
    kind = request.args.get("kind", "weeks")
    theme = request.args.get("theme", "light")
    asked = _asked(branch)
    report = _report(asked) if asked else None
    if report is None or theme not in THEMES or kind not in charts.drawable(report):
        abort(404)
    picture = charts.draw(kind, report, theme, wide=request.args.get("size") != "narrow")
    response = Response(picture, mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = CHART_POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


@pages.get("/branches/<branch>/report/broken.csv")
@needs("reports.branch")
def export(branch: str) -> ResponseReturnValue:
    asked = _asked(branch)
    if asked is None:
        abort(404)
    zone = ZoneInfo(this_branch().zone)
    first = asked.last.plus(1 - asked.weeks)
    whole = Scope(this_branch().id or 0, asked.dated.promise_id, first.starts(zone), asked.last.ends(zone))
    week, reason, scope = _narrowed(whole)
    named = week.code if week else f"{first.code}--{asked.last.code}"
    lines = broken_csv(queries.every_broken_case(db(), scope, reason=reason), this_branch().zone)
    filename = f"{gettext('export.file')}-{this_branch().code}-{asked.dated.code}-{named}.csv"
    return _download(lines, filename)
