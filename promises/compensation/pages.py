"""What is owed to customers and why, handing it over at the counter, and the receipt of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import promises.compensation.onward  # noqa: F401  registers what follows from a case and a promise
from promises import language
from promises.compensation import actions, late, ledger, queries
from promises.compensation.forms import CompensationFilter, PayForm
from promises.compensation.queries import OPEN, PAGE, STATES, Asked, Line
from promises.compensation.ways import open_ways
from promises.compensation.why import why_owed
from promises.language import gettext, sentence
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.terms.queries import Dated
from promises.terms.queries import promises as all_promises
from promises.terms.words import money
from promises.web.edge import undo
from promises.web.filters import show_datetime
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.once import done, pressed_before
from promises.web.onward import onward
from promises.web.request import as_of, db, me
from promises.web.request import branch as here

pages = Blueprint("compensation", __name__)
ONE = "/branches/<branch>/compensation/<int:compensation_id>"


@pages.get("/compensation")
@needs("compensation.read")
def listing() -> ResponseReturnValue:
    branches = visible_branches("compensation.read")
    promises = all_promises(db())
    names = {dated.promise_id: _promise_name(dated) for dated in promises}
    form = CompensationFilter(
        request.args,
        branches={branch.code: branch.name for branch in branches},
        promises={dated.code: names[dated.promise_id] for dated in promises},
    )
    form.validate()
    asked = _asked(form, branches, promises)
    sums = queries.totals(db(), asked, as_of())
    counts = {state: sum(one.count for one in sums if one.state == state) for state in STATES}
    total = counts[asked.state] if asked.state else sum(counts.values())
    last = max(-(-total // PAGE), 1)
    page = min(max(request.args.get("page", 1, type=int), 1), last)
    address = _addresses(form, asked)
    return render_template(
        "compensation/listing.html",
        form=form,
        asked=asked,
        sums=sums,
        counts=counts,
        total=total,
        lines=queries.lines(db(), asked, page),
        branches={branch.id: branch for branch in branches},
        names=names,
        last_day=queries.last_day,
        page=page,
        last=last,
        address=address,
        url_of=lambda number: address(state=asked.state or "all", page=number),
    )


@pages.get(ONE)
@needs("compensation.read")
def one(compensation_id: int, **_address: str) -> ResponseReturnValue:
    return _page(_found(compensation_id), PayForm())


@pages.post(f"{ONE}/pay")
@needs("compensation.pay")
def pay(compensation_id: int, **_address: str) -> ResponseReturnValue:
    line, form = _found(compensation_id), PayForm()
    if not form.validate_on_submit():
        return _page(line, form), 422
    if (seen := pressed_before(form.once.data)) is not None:
        return seen
    owed = line.compensation
    there = url_for(".one", branch=here().code, compensation_id=owed.id)
    try:
        actions.pay_at_counter(
            db(), owed.branch_id, owed.id, receiver=form.receiver.data or "", by=me().id, as_of=as_of()
        )
    except Refusal as refusal:
        # What stands in the way is shown by the fresh page; this only says that nothing was paid now.
        undo()
        flash(_refused(refusal, compensation_id), "warning")
        return redirect(there)
    flash(gettext("compensation.handed_over", amount=money(ledger.paid(db(), owed), owed.currency)), "ok")
    return done(form.once.data, there)


@pages.get(f"{ONE}/receipt")
@needs("compensation.read")
def receipt(compensation_id: int, **_address: str) -> ResponseReturnValue:
    line = _found(compensation_id)
    handed = queries.handed(db(), line.compensation) or abort(404)
    g.place = "compensation.listing"
    return render_template(
        "compensation/receipt.html",
        line=line,
        handed=handed,
        paid=ledger.paid(db(), line.compensation),
        why=why_owed(db(), line, here()) or abort(404),
        branch=here(),
    )


def _page(line: Line, form: PayForm) -> str:
    g.place = "compensation.listing"
    owed, why = line.compensation, why_owed(db(), line, here()) or abort(404)
    # As it happened, which for a history that was brought in later isn't as it was entered.
    entries = sorted(ledger.entries(db(), owed), key=lambda entry: (entry.dated_at, entry.made_at))
    case_url = url_for("service.one", branch=here().code, case_id=owed.case_id)
    return render_template(
        "compensation/one.html",
        line=line,
        owed=owed,
        why=why,
        form=form,
        entries=entries,
        writers=queries.writers(db(), entries),
        handed=queries.handed(db(), owed),
        paid=ledger.paid(db(), owed),
        on_the_way=next((one.amount for one in reversed(entries) if one.kind == "sent"), None),
        ways=open_ways(db(), owed),
        last_day=queries.last_day(owed, here().zone),
        added=late.late_addition(db(), owed, as_of()) if line.state == OPEN else None,
        days_late=line.days_late(as_of(), here().zone),
        following=queries.next_open(db(), owed),
        after=onward("compensation", owed.branch_id, owed.id),
        branch=here(),
        links=_links(owed.promise_id, why.judged.code, case_url),
    )


def _links(promise_id: int, code: str, case_url: str) -> dict[str, str | None]:
    """The chain around a compensation, from the customers' words to the report, as far as the reader sees."""
    before = {step.kind: step.url for step in reversed(onward("promise_origin", promise_id))}
    report = url_for("reports.branch", branch=here().code, promise=code)
    return {
        **before,
        "feedback": before.get("problem"),
        "promise": url_for("terms.one", code=code),
        "cases": case_url if me().may("cases.read", here().code) else None,
        "report": report if me().may("reports.branch", here().code) else None,
    }


def _found(compensation_id: int) -> Line:
    return queries.one(db(), here().id or 0, compensation_id) or abort(404)


def _refused(refusal: Refusal, compensation_id: int) -> str:
    """Why nothing was paid; if somebody else had paid, who and when."""
    first = queries.handed(db(), _found(compensation_id).compensation)
    if refusal.code != "compensation.paid_already" or first is None:
        return sentence(refusal)
    return gettext("compensation.paid_by_another", who=first.by, when=show_datetime(first.payout.made_at))


def _promise_name(dated: Dated) -> str:
    return str(getattr(dated.shown(as_of()).terms.name, language.current()))


def _asked(form: CompensationFilter, branches: list[Branch], dated: list[Dated]) -> Asked:
    chosen = [branch for branch in branches if branch.code == form.branch.data]
    wanted = request.args.get("state", OPEN)
    return Asked(
        branches=chosen or branches,
        promise_id=next((one.promise_id for one in dated if one.code == form.promise.data), None),
        state=None if wanted == "all" else wanted if wanted in STATES else OPEN,
        since=form.day("since"),
        until=form.day("until"),
        text="" if form.q.errors else form.q.data or "",
    )


def _addresses(form: CompensationFilter, asked: Asked) -> Callable[..., str]:
    """The address of this same view with something changed."""
    kept: dict[str, Any] = {f.name: request.args[f.name] for f in form if request.args.get(f.name)}
    kept["state"] = asked.state or "all"
    return lambda **changes: url_for(".listing", **{**kept, **changes})
