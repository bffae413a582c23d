"""Follow-ups: who waits for a person, what was done, what it changed; and the rules that open them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from promises.feedback import queries as feedback
from promises.feedback.board import problems as board
from promises.feedback.reading_pages import page_address, pages_for
from promises.feedback.tables import Problem
from promises.followup import actions, erasing, messages, onward, queries  # noqa: F401 - two register themselves
from promises.followup.forms import CloseForm, GiveForm, LetterForm, RuleForm, StepForm, TellForm
from promises.followup.tables import FollowUp, Rule
from promises.language import CUSTOMERS, current, gettext, ngettext
from promises.people.roles import MAY, Role, Where
from promises.people.tables import Branch, Person
from promises.settings import Settings
from promises.surveys.guests import is_address
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, asked_page, db, me

pages = Blueprint("followup", __name__)
EFFECT_OF = timedelta(days=365)


@pages.get("/followup")
@needs("followup.read")
def listing() -> ResponseReturnValue:
    """The follow-ups of the reader, of their branches, late ones, closed ones."""
    own = _branches()
    counts = queries.counts(db(), me().id, own)
    asked = request.args.get("view", "")
    view = asked if asked in queries.VIEWS else "mine" if counts["mine"] else "open"
    lines, total = queries.listing(db(), view, me().id, own, asked_page())
    return render_template(
        "followup/listing.html",
        view=view,
        views=queries.VIEWS,
        counts=counts,
        lines=lines,
        total=total,
        rules=len(queries.rules(db())),
        page=asked_page(),
        last=pages_for(total, queries.PAGE),
        url_of=page_address(),
    )


@pages.get("/followup/<int:follow_up_id>")
@needs("followup.read")
def one(follow_up_id: int) -> ResponseReturnValue:
    """One follow-up: what the customer said, what was done, what to do next."""
    return _page(_follow_up(follow_up_id))


@pages.post("/followup/<int:follow_up_id>/steps")
@needs("followup.act")
def step(follow_up_id: int) -> ResponseReturnValue:
    """Write down what was done."""
    follow_up, form = _follow_up(follow_up_id), StepForm(prefix="step")
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(followup__no_words="words"):
            actions.note(db(), follow_up, form.kind.data, form.words.data or "", by=me().id, as_of=as_of())
        if not form.refused:
            return done(form.once.data, url_for(".one", follow_up_id=follow_up_id, _anchor="history"))
    return _page(follow_up, step=form), 422


@pages.post("/followup/<int:follow_up_id>/owner")
@needs("followup.act")
def give(follow_up_id: int) -> ResponseReturnValue:
    """Make somebody else get back to the customer."""
    follow_up, form = _follow_up(follow_up_id), _give_form()
    if form.validate_on_submit():
        owner = db().get(Person, form.owner.data) or abort(404)
        with form.refusals():
            actions.give(db(), follow_up, owner, by=me().id, as_of=as_of())
        if not form.refused:
            return redirect(url_for(".one", follow_up_id=follow_up_id))
    return _page(follow_up, give=form), 422


@pages.post("/followup/<int:follow_up_id>/letter")
@needs("followup.act")
def letter(follow_up_id: int) -> ResponseReturnValue:
    """Write to the customer."""
    follow_up, form = _follow_up(follow_up_id), LetterForm(prefix="letter")
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            messages.send(
                db(), follow_up, form.subject.data or "", form.body.data or "", by=me().id, as_of=as_of()
            )
        if not form.refused:
            flash(gettext("followup.sent"), "ok")
            return done(form.once.data, url_for(".one", follow_up_id=follow_up_id, _anchor="history"))
    return _page(follow_up, letter=form), 422


@pages.post("/followup/<int:follow_up_id>/close")
@needs("followup.act")
def close(follow_up_id: int) -> ResponseReturnValue:
    """End it, and have the customer asked again where the rule says so."""
    follow_up, form = _follow_up(follow_up_id), CloseForm(prefix="close")
    if form.validate_on_submit():
        actions.close(db(), follow_up, form.outcome.data, form.words.data or "", by=me().id, as_of=as_of())
        messages.ask_again(db(), follow_up, secret=_settings().secret_key, by=me().id, as_of=as_of())
        flash(gettext("followup.done"), "ok")
        return redirect(url_for(".one", follow_up_id=follow_up_id))
    return _page(follow_up, close=form), 422


@pages.get("/followup/effect")
@needs("followup.read")
def effect() -> ResponseReturnValue:
    """What following up has changed."""
    g.place = "followup.listing"
    return render_template("followup/effect.html", effect=queries.effect(db(), as_of() - EFFECT_OF))


@pages.get("/followup/rules")
@needs("followup.read")
def rules() -> ResponseReturnValue:
    """Which answers need a person."""
    g.place = "followup.listing"
    return render_template(
        "followup/rules.html",
        rules=queries.rules(db()),
        people={one.id: one for one in db().exec(select(Person))},
        problems={one.id: one for one in db().exec(select(Problem))},
    )


@pages.route("/followup/rules/new", methods=["GET", "POST"])
@needs("followup.rule")
def new_rule() -> ResponseReturnValue:
    """Say which answers need a person."""
    form = RuleForm()
    form.offer(board.names(db()), _people())
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            actions.make_rule(
                db(),
                name=form.name.data or "",
                highest_score=form.highest_score.data,
                problem_id=form.problem.data,
                words=form.words.data or "",
                wish=bool(form.wish.data),
                hours=form.hours.data or 1,
                owner_id=form.owner.data,
                reask_days=form.reask_days.data,
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            return done(form.once.data, url_for(".rules"))
    status = 422 if form.is_submitted() and (form.errors or form.refused) else 200
    return render_template("followup/rule.html", form=form), status


@pages.post("/followup/rules/<int:rule_id>/end")
@needs("followup.rule")
def end_rule(rule_id: int) -> ResponseReturnValue:
    """Let a rule open no more follow-ups."""
    actions.end_rule(db(), db().get(Rule, rule_id) or abort(404), by=me().id, as_of=as_of())
    return redirect(url_for(".rules"))


@pages.route("/followup/tell/<int:problem_id>", methods=["GET", "POST"])
@needs("followup.rule")
def tell(problem_id: int) -> ResponseReturnValue:
    """Tell the customers whose words named a problem what became of it."""
    problem = db().get(Problem, problem_id) or abort(404)
    contacts = messages.tellable(db(), problem_id)
    form = TellForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        told = messages.tell(db(), problem_id, contacts, form.letters(), by=me().id, as_of=as_of())
        flash(ngettext("%(num)s customer is told.", "%(num)s customers are told.", told), "ok")
        return done(form.once.data, url_for("feedback.problem", problem_id=problem_id))
    if not form.is_submitted():
        for language in CUSTOMERS:
            label = problem.label("fi" if language == "fi" else "en")
            facts = {"problem": label, "link": _settings().base_url}
            subject, body = messages.ready(db(), "told", language, **facts)
            form[f"subject_{language}"].data, form[f"body_{language}"].data = subject, body
    status = 422 if form.is_submitted() else 200
    return render_template("followup/tell.html", form=form, problem=problem, contacts=contacts), status


def _page(
    follow_up: FollowUp,
    *,
    step: StepForm | None = None,
    give: GiveForm | None = None,
    letter: LetterForm | None = None,
    close: CloseForm | None = None,
) -> str:
    g.place = "followup.listing"
    line = queries.line_of(db(), follow_up)
    contact = actions.contact_of(db(), follow_up.feedback_id)
    writable = contact is not None and is_address(contact.words)
    if letter is None:
        letter = LetterForm(prefix="letter", formdata=None)
        asked = request.args.get("template", "")
        template = asked if asked in messages.TEMPLATES else messages.TEMPLATES[0]
        spoken = contact.language if contact else current()
        letter.subject.data, letter.body.data = messages.ready(db(), template, spoken, name=me().name)
    give = give or _give_form()
    if not give.is_submitted():
        give.owner.data = follow_up.owner_id
    return render_template(
        "followup/one.html",
        line=line,
        contact=contact if me().may("followup.act") else None,
        writable=writable,
        templates=messages.TEMPLATES,
        mentions=feedback.mentions(db(), follow_up.feedback_id),
        history=queries.history(db(), follow_up),
        again=queries.again(db(), follow_up),
        step=step or StepForm(prefix="step"),
        give=give,
        letter=letter,
        close=close or CloseForm(prefix="close"),
    )


def _follow_up(follow_up_id: int) -> FollowUp:
    found = db().get(FollowUp, follow_up_id) or abort(404)
    own = _branches()
    if own is not None and found.branch_id not in own and found.owner_id != me().id:
        abort(403)
    return found


def _branches() -> Sequence[int] | None:
    """The branches whose follow-ups the reader may see; None for all."""
    if MAY["followup.read"].get(Role(me().role)) is Where.ALL:
        return None
    query = select(Branch.id).where(col(Branch.code).in_(me().branches))
    return [number or 0 for number in db().exec(query)]


def _give_form() -> GiveForm:
    form = GiveForm(prefix="give")
    form.offer(_people())
    return form


def _people() -> list[Person]:
    """Those who may get back to customers, by name."""
    able = [role for role, _ in MAY["followup.act"].items()]
    query = select(Person).where(col(Person.left_at).is_(None), col(Person.role).in_(able))
    return sorted(db().exec(query), key=lambda person: person.name)


def _settings() -> Settings:
    kept: Settings = current_app.config["SETTINGS"]
    return kept
