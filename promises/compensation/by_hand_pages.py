"""Leaving cases out and awarding amounts by hand: from the case, and what waits for a second person."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

import promises.compensation.by_hand_onward  # noqa: F401  registers what can be done with a case
from promises import language
from promises.compensation import by_hand_queries as queries
from promises.compensation.awards import decide_award, make_award
from promises.compensation.by_hand_forms import AwardForm, DecisionForm, ExclusionForm
from promises.compensation.by_hand_open import about, awardable, excludable
from promises.compensation.by_hand_queries import Kind, Proposed
from promises.compensation.exclusions import decide_exclusion, propose_exclusion
from promises.language import gettext
from promises.service.actions import find_case
from promises.service.tables import Case
from promises.terms.queries import Dated
from promises.terms.queries import promises as all_promises
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me
from promises.web.request import branch as here

pages = Blueprint("by_hand", __name__)
CASE = "/branches/<branch>/cases/<int:case_id>"
EXCLUSION = "/branches/<branch>/exclusions/<int:number>"
AWARD = "/branches/<branch>/awards/<int:number>"


@pages.get("/by-hand")
@needs("by_hand.decide")
def listing() -> ResponseReturnValue:
    branches = {branch.id or 0: branch for branch in visible_branches("by_hand.decide")}
    return render_template(
        "by_hand/listing.html",
        waiting=queries.waiting(db(), list(branches)),
        decided=queries.decided(db(), list(branches)),
        branches=branches,
        names=_names(),
        address=address_of,
    )


@pages.route(f"{CASE}/exclude", methods=["GET", "POST"])
@needs("cases.exclude")
def exclude(case_id: int, **_address: str) -> ResponseReturnValue:
    case = _case(case_id)
    form = ExclusionForm(promises=_choices(case, excludable(db(), case)))
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(by_hand__no_reason="reason", by_hand__no_evidence="evidence"):
            made = propose_exclusion(
                db(), here(), case_id, form.promise.data,
                reason=form.reason.data or "", evidence=form.evidence.data or "",
                reference=form.reference.data or "",
                alone_up_to=current_app.config["SETTINGS"].exclude_alone_up_to,
                by=me().id, as_of=as_of(),
            )  # fmt: skip
            flash(gettext("by_hand.excluded" if made.alone else "by_hand.waits"), "ok")
            return done(form.once.data, address_of("exclusion", here().code, made.id))
    g.place = "service.listing"
    status = 422 if form.refused else 200
    return render_template("by_hand/exclude.html", form=form, case=case, branch=here()), status


@pages.route(f"{CASE}/award", methods=["GET", "POST"])
@needs("awards.make")
def award(case_id: int, **_address: str) -> ResponseReturnValue:
    case = _case(case_id)
    open_ones = awardable(db(), case)
    form = AwardForm(promises=_choices(case, [one.promise_id for one in open_ones]))
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(
            award__amount="amount", award__in_all="amount", by_hand__no_reason="reason",
            by_hand__no_evidence="evidence",
        ):  # fmt: skip
            made = make_award(
                db(), here(), case_id, form.promise.data, amount=form.sum,
                reason=form.reason.data or "", evidence=form.evidence.data or "",
                reference=form.reference.data or "", by=me().id, as_of=as_of(),
            )  # fmt: skip
            flash(gettext("by_hand.awarded" if made.alone else "by_hand.waits"), "ok")
            return done(form.once.data, address_of("award", here().code, made.id))
    g.place = "service.listing"
    status = 422 if form.refused else 200
    shown = render_template(
        "by_hand/award.html", form=form, case=case, branch=here(), open_ones=open_ones, names=_names()
    )
    return shown, status


@pages.get(EXCLUSION)
@needs("compensation.read")
def exclusion(number: int, **_address: str) -> ResponseReturnValue:
    return _page(_found("exclusion", number), DecisionForm())


@pages.get(AWARD)
@needs("compensation.read")
def awarded(number: int, **_address: str) -> ResponseReturnValue:
    return _page(_found("award", number), DecisionForm())


@pages.post(f"{EXCLUSION}/decide")
@needs("by_hand.decide")
def decide_on_exclusion(number: int, **_address: str) -> ResponseReturnValue:
    return _decide("exclusion", number)


@pages.post(f"{AWARD}/decide")
@needs("by_hand.decide")
def decide_on_award(number: int, **_address: str) -> ResponseReturnValue:
    return _decide("award", number)


def _decide(kind: Kind, number: int) -> ResponseReturnValue:
    proposed, form = _found(kind, number), DecisionForm()
    verb = decide_exclusion if kind == "exclusion" else decide_award
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(by_hand__no_reason="reason"):
            verb(
                db(), here(), number, approve=form.outcome.data == "approved",
                reason=form.reason.data or "", by=me().id, as_of=as_of(),
            )  # fmt: skip
            flash(gettext(f"by_hand.{form.outcome.data}"), "ok")
            return done(form.once.data, address_of(kind, here().code, number))
    return _page(proposed, form), 422


def _page(proposed: Proposed, form: DecisionForm) -> str:
    g.place = "by_hand.listing" if me().may("by_hand.decide", here().code) else "service.listing"
    return render_template(
        "by_hand/one.html",
        proposed=proposed,
        made=proposed.made,
        form=form,
        branch=here(),
        promise=_names().get(proposed.made.promise_id, ""),
        decides=proposed.state == "waiting" and me().may("by_hand.decide", here().code),
        address=address_of,
    )


def _found(kind: Kind, number: int) -> Proposed:
    return queries.one(db(), kind, here().id or 0, number) or abort(404)


def _case(case_id: int) -> Case:
    return find_case(db(), here(), case_id) or abort(404)


def _names() -> dict[int, str]:
    return {dated.promise_id: _name(dated) for dated in all_promises(db())}


def _choices(case: Case, open_ones: list[int]) -> dict[int, str]:
    """Promises to choose from. What is sent may name any that is about the case: after a second press
    nothing is open any more, and the verb says best what stands in the way."""
    names = _names()
    chosen = about(db(), case) if request.method == "POST" else open_ones
    return {number: names[number] for number in chosen}


def _name(dated: Dated) -> str:
    return str(getattr(dated.shown(as_of()).terms.name, language.current()))


def address_of(kind: str, branch: str, number: int, *, deciding: bool = False) -> str:
    """The page of an exclusion or award, or where its decision is sent to."""
    if deciding:
        return url_for(f".decide_on_{kind}", branch=branch, number=number)
    return url_for(".exclusion" if kind == "exclusion" else ".awarded", branch=branch, number=number)
