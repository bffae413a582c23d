"""The way onward from a case: what was decided on it by hand, and what may be done."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from promises.compensation.by_hand_open import awardable, excludable
from promises.compensation.by_hand_queries import of_case
from promises.language import gettext
from promises.people.tables import Branch
from promises.service.actions import find_case
from promises.terms.words import money
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db, visitor

ACT = "act"
"""The kind of a step that somebody may take, and that hasn't been taken."""


@leads_on_from("case")
def by_hand_of_case(branch_id: int, case_id: int) -> Iterator[Onward]:
    """Exclusions and awards of a case, and the ways to them, for those who may."""
    branch, reader = db().get(Branch, branch_id), visitor()
    if branch is None or reader is None:
        return
    code = branch.code
    if reader.may("compensation.read", code):
        for one in of_case(db(), branch_id, case_id):
            kind = "exclusion" if one.kind == "exclusion" else "awarded"
            amount = money(one.amount, one.made.currency)
            title = gettext(f"onward.{one.kind}", amount=amount)
            url = url_for(f"by_hand.{kind}", branch=code, number=one.made.id)
            yield Onward(one.kind, title, url, gettext(f"by_hand_state.{one.state}"))
    case = find_case(db(), branch, case_id)
    if case is None:
        return
    if reader.may("cases.exclude", code) and excludable(db(), case):
        url = url_for("by_hand.exclude", branch=code, case_id=case_id)
        yield Onward(ACT, gettext("onward.exclude"), url)
    if reader.may("awards.make", code) and awardable(db(), case):
        url = url_for("by_hand.award", branch=code, case_id=case_id)
        yield Onward(ACT, gettext("onward.give_award"), url)
