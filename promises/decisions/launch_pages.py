"""What was chosen becomes a promise: its terms in fields, or as a whole document begun from ready terms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.decisions import actions, queries
from promises.decisions.queries import Made, Standing
from promises.language import gettext
from promises.people.tables import Company, Person
from promises.proposals import problems
from promises.proposals.concreteness import read
from promises.refusal import Refusal
from promises.terms import queries as promised
from promises.terms.document import TermsDocument, Texts
from promises.terms.forms import UNITS
from promises.terms.reading import write_terms
from promises.terms.setting import branch_names, plain_words, terms_form
from promises.terms.stepping import press
from promises.terms.templates import names, template
from promises.terms.whole import WholeForm, as_text
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

LONGEST = 300
"""Letters of what customers are told; a longer proposal is told by its title until it is shortened."""


@needs("terms.set")
def launch(decision_id: int) -> ResponseReturnValue:
    chosen, made = _chosen(decision_id)
    if made.promise is not None:
        return _launched(made.promise)
    code = promised.free_code(db(), chosen.title)
    form = terms_form(db(), code, as_of=as_of(), suggested=_suggested(chosen))
    words = None
    if form.validate_on_submit() and (terms := form.check(code)) is not None:
        if not form.confirmed(terms):
            words = plain_words(terms, branch_names(db()))
        else:
            if seen := pressed_before(form.once.data):
                return seen
            with form.refusals(terms__starts_in_past="starts"):
                actions.launch(db(), decision_id, form.document(code), by=me().id, as_of=as_of())
            if not form.refused:
                flash(gettext("decisions.launched"), "ok")
                return done(form.once.data, url_for("terms.one", code=code))
    page = render_template(
        "decisions/launch.html",
        form=form,
        words=words,
        chosen=chosen,
        made=made,
        problem=problem_url(chosen),
    )
    return page, 422 if form.errors or form.refused else 200


@needs("terms.set")
def launch_whole(decision_id: int) -> ResponseReturnValue:
    """The same as a whole document, begun from the ready terms that ``template`` names."""
    chosen, made = _chosen(decision_id)
    if made.promise is not None:
        return _launched(made.promise)
    name = request.args.get("template", "bank-15-minutes")
    start = _worded(template(name), chosen) if name in names() else abort(404)
    code = promised.free_code(db(), chosen.title)
    text = as_text(start, starts=max(start.starts, _tomorrow(ZoneInfo(start.zone))), code=code)
    form = WholeForm(data={"document": text, "number": "1"})
    step = press(
        db(),
        form,
        None,
        save=lambda terms: actions.launch(db(), decision_id, write_terms(terms), by=me().id, as_of=as_of()),
        said="decisions.launched",
        there=lambda terms: url_for("terms.one", code=terms.promise),
    )
    if step.answer is not None:
        return step.answer
    page = render_template(
        "decisions/launch_whole.html",
        form=form,
        words=step.words,
        chosen=chosen,
        made=made,
        problem=problem_url(chosen),
        template=name,
        named=getattr(template(name).name, language.current()),
    )
    return page, 422 if form.errors or form.refused else 200


def problem_url(candidate: Standing) -> str | None:
    """Where the problem can be read that the proposal answers, for those who may read it."""
    found = problems.answered(db(), [candidate.proposal_id]).get(candidate.proposal_id)
    if not found or not me().may("feedback.read"):
        return None
    return url_for("feedback.problem", problem_id=found[0].id)


def _chosen(decision_id: int) -> tuple[Standing, Made]:
    """What the decision chose, and what has become of it."""
    chosen = queries.by_decision(db(), decision_id) or abort(404)
    made = chosen.made or abort(404)
    if made.promise is None and made.decision.outcome != "chosen":
        raise Refusal("decisions.not_chosen")
    return chosen, made


def _launched(code: str) -> ResponseReturnValue:
    if request.method == "POST":
        flash(gettext("decisions.launched_already"), "info")
    return redirect(url_for("terms.one", code=code))


def _tomorrow(zone: ZoneInfo) -> date:
    return as_of().astimezone(zone).date() + timedelta(days=1)


def _suggested(chosen: Standing) -> dict[str, Any]:
    """What the proposal's own words say of the terms, for management to confirm."""
    text = chosen.version.text
    author = db().get_one(Person, chosen.version.author_id)
    company = db().get(Company, 1)
    found = read(text)
    suggested: dict[str, Any] = {
        f"name_{author.language}": chosen.title,
        f"told_{author.language}": text,
        "starts": _tomorrow(ZoneInfo(company.zone if company else "UTC")),
    }
    if found.limit is not None and found.limit.unit in UNITS:
        suggested |= {"limit": found.limit.count, "unit": found.limit.unit}
    if found.remedy_amount is not None:
        suggested["amount"] = found.remedy_amount
    return suggested


def _worded(ready: TermsDocument, chosen: Standing) -> TermsDocument:
    """*ready* terms with the proposal's own words in the language of its author."""
    spoken = db().get_one(Person, chosen.version.author_id).language
    told, text = (ready.told or ready.name).model_dump(), chosen.version.text
    return ready.model_copy(
        update={
            "name": Texts(**{**ready.name.model_dump(), spoken: chosen.title}),
            "told": Texts(**{**told, spoken: text if len(text) <= LONGEST else chosen.title}),
        }
    )
