"""The auditor's pages: the chains, the ledger line by line, and what stands out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.audit import ledger_queries, misuse_queries, queries
from promises.audit.forms import LedgerFilter
from promises.audit.ledger_csv import ledger_csv
from promises.audit.ledger_queries import PAGE, Asked
from promises.compensation.balances import balances
from promises.people.tables import Branch
from promises.terms.queries import Dated
from promises.terms.queries import promises as all_promises
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.request import as_of, asked_page, db

pages = Blueprint("audit", __name__)
CUSTOMERS_SHOWN = 50


@pages.get("/journal/chain")
@needs("journal.read")
def chain() -> ResponseReturnValue:
    g.place = "people.journal"
    return render_template(
        "audit/chain.html",
        chains=queries.chains(db()),
        verifications=queries.verifications(db()),
    )


@pages.get("/ledger")
@needs("ledger.read")
def ledger() -> ResponseReturnValue:
    form, asked, branches, names = _view()
    by_customer = request.args.get("by") == "customer"
    since, until = ledger_queries.period(asked)
    sums = balances(
        db(), branches=[branch.id or 0 for branch in asked.branches], promise_id=asked.promise_id,
        since=since, until=until, customer=asked.customer or None, by_customer=by_customer,
        most=CUSTOMERS_SHOWN if by_customer else None,
    )  # fmt: skip
    total = ledger_queries.count(db(), asked)
    last = max(-(-total // PAGE), 1)
    page = min(asked_page(), last)
    return render_template(
        "audit/ledger.html",
        form=form,
        sums=sums,
        by_customer=by_customer,
        lines=ledger_queries.page(db(), asked, page),
        total=total,
        page=page,
        last=last,
        branches={branch.id: branch for branch in branches},
        names=names,
        codes={dated.promise_id: dated.code for dated in all_promises(db())},
        address=_addresses("audit.ledger"),
        url_of=lambda number: _addresses("audit.ledger")(page=number) + "#lines",
        file=_addresses("audit.ledger_file"),
    )


@pages.get("/ledger.csv")
@needs("ledger.read")
def ledger_file() -> ResponseReturnValue:
    _, asked, branches, names = _view()
    lines = ledger_csv(
        ledger_queries.every(db(), asked), {branch.id or 0: branch for branch in branches}, names
    )
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=ledger.csv"
    return answer


@pages.get("/misuse")
@needs("misuse.read")
def misuse() -> ResponseReturnValue:
    branches = visible_branches("misuse.read")
    found = misuse_queries.signs(db(), [branch.id or 0 for branch in branches], as_of())
    return render_template(
        "audit/misuse.html",
        found=found,
        kinds=misuse_queries.KINDS,
        days=misuse_queries.LOOKED_BACK.days,
        branches={str(branch.id): branch for branch in branches},
    )


def _view() -> tuple[LedgerFilter, Asked, list[Branch], dict[int, str]]:
    branches, dated = visible_branches("ledger.read"), all_promises(db())
    names = {one.promise_id: _name(one) for one in dated}
    form = LedgerFilter(
        request.args,
        branches={branch.code: branch.name for branch in branches},
        promises={one.code: names[one.promise_id] for one in dated},
    )
    form.validate()
    chosen = [branch for branch in branches if branch.code == form.branch.data]
    asked = Asked(
        branches=chosen or branches,
        promise_id=next((one.promise_id for one in dated if one.code == form.promise.data), None),
        customer="" if form.customer.errors else (form.customer.data or "").strip(),
        kind=form.kind.data if form.kind.data in ledger_queries.KINDS else None,
        since=form.day("since"),
        until=form.day("until"),
    )
    return form, asked, branches, names


def _name(dated: Dated) -> str:
    return str(getattr(dated.shown(as_of()).terms.name, language.current()))


def _addresses(endpoint: str) -> Callable[..., str]:
    """The address of this same view with something changed; None takes a choice away."""
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if value and name != "page"}
    return lambda **changes: url_for(
        endpoint, **{name: value for name, value in {**kept, **changes}.items() if value is not None}
    )
