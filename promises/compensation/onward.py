"""The way onward into compensation: from a case what it is owed, from a promise what it has cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from flask import url_for

from promises.compensation import ledger, queries
from promises.language import gettext
from promises.people.tables import Branch
from promises.terms.queries import promises
from promises.terms.words import money
from promises.web.navigation import visible_branches
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db, visitor


@leads_on_from("case")
def compensation_of_case(branch_id: int, case_id: int) -> Iterator[Onward]:
    """What a case is owed, for those who may see it."""
    branch, reader = db().get(Branch, branch_id), visitor()
    if branch is None or reader is None or not reader.may("compensation.read", branch.code):
        return
    for line in queries.of_case(db(), branch_id, case_id):
        owed = line.compensation
        url = url_for("compensation.one", branch=branch.code, compensation_id=owed.id)
        title = gettext("onward.compensation", amount=money(owed.amount, owed.currency))
        yield Onward("compensation", title, url, gettext(f"compensation_state.{line.state}"))


@leads_on_from("promise")
def balance_of_promise(promise_id: int) -> Iterator[Onward]:
    """What a promise owes and has paid in the branches that the reader sees, and the list behind it."""
    branches = [branch.id or 0 for branch in visible_branches("compensation.read")]
    dated = next(iter(promises(db(), promise_id)), None)
    if dated is None or not branches:
        return
    sums: defaultdict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for balance in ledger.balances(db(), branches=branches, promise_id=promise_id):
        sums[balance.currency][0] += balance.open
        sums[balance.currency][1] += balance.paid
    url = url_for("compensation.listing", promise=dated.code)
    for currency, (left, paid) in sorted(sums.items()):
        yield Onward(
            "compensation",
            gettext("onward.still_owed", amount=money(left, currency)),
            url,
            gettext("onward.already_paid", amount=money(paid, currency)),
        )
    if not sums:
        yield Onward("compensation", gettext("onward.nothing_owed"), url)
