"""What the follow-up room tells along the chain: who got back to a customer, and who may be told."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlmodel import select

from promises.followup import messages
from promises.followup.tables import Closing, FollowUp
from promises.language import gettext, ngettext
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db, visitor


@leads_on_from("feedback")
def after_feedback(feedback_id: int) -> Iterator[Onward]:
    """The follow-up that it opened."""
    found = db().exec(select(FollowUp).where(FollowUp.feedback_id == feedback_id)).first()
    reader = visitor()
    if found is None or reader is None or not reader.may("followup.read"):
        return
    closing = db().get(Closing, found.id)
    state = gettext(f"followup_outcome.{closing.outcome}") if closing else gettext("followup_state.open")
    yield Onward("followup", gettext("kind.followup"), url_for("followup.one", follow_up_id=found.id), state)


@leads_on_from("problem")
def after_a_problem(problem_id: int) -> Iterator[Onward]:
    """The customers who want to hear what became of it."""
    reader = visitor()
    if reader is None or not reader.may("followup.rule"):
        return
    waiting = len(messages.tellable(db(), problem_id))
    if waiting:
        told = ngettext("%(num)s customer may be told", "%(num)s customers may be told", waiting)
        yield Onward("customer", told, url_for("followup.tell", problem_id=problem_id))
