"""The way onward into payments: where the money of a compensation is."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from promises.compensation.tables import Compensation
from promises.language import gettext
from promises.payments.queries import (
    IN_BATCH,
    ON_ITS_WAY,
    OPEN,
    VOUCHER,
    last_day_of,
    reason_words,
    whereabouts,
)
from promises.people.tables import Branch
from promises.web.filters import show_date
from promises.web.navigation import visible_branches
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db, visitor


@leads_on_from("compensation")
def where_the_money_is(branch_id: int, compensation_id: int) -> Iterator[Onward]:
    """Where its money is; who may see batches is led to the one that it is in."""
    reader = visitor()
    owed = db().get(Compensation, (branch_id, compensation_id))
    branch = db().get(Branch, branch_id)
    if reader is None or owed is None or branch is None:
        return
    found = whereabouts(db(), owed)
    if found.state == OPEN and found.rejected is None:
        return
    url = url_for("compensation.one", branch=branch.code, compensation_id=compensation_id)
    note = gettext(f"way_name.{found.way}") if found.way else ""
    if found.rejected is not None:
        title, note = gettext("whereabouts.came_back"), reason_words(found.rejected)
        if reader.may("payments.choose", branch.code):
            url = url_for("payments.way", branch=branch.code, compensation_id=compensation_id)
    else:
        title = gettext(f"whereabouts.{found.state}")
    if found.account:
        note = f"{note} {found.account}"
    if found.state == VOUCHER and found.voucher:
        note = gettext("whereabouts.voucher_until", day=show_date(last_day_of(found.voucher, branch.zone)))
    if found.batch is not None and found.state in {IN_BATCH, ON_ITS_WAY} and _sees(branch_id):
        url = url_for("payments.batch", batch_id=found.batch.id)
    yield Onward("payment", title, url, note)


def _sees(branch_id: int) -> bool:
    return any(branch.id == branch_id for branch in visible_branches("payments.read"))
