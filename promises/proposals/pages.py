"""Staff's proposals: the list, one with its history, writing and revising, support and comments."""

from __future__ import annotations

from itertools import pairwise

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

import promises.proposals.chain  # noqa: F401  registers what follows from a problem
from promises.feedback.tables import Problem
from promises.language import gettext
from promises.proposals import actions, problems, queries
from promises.proposals.concreteness import read
from promises.proposals.differences import differences
from promises.proposals.forms import CommentForm, FilterForm, ProposalForm, SupportForm
from promises.proposals.queries import Line, Whole
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.onward import onward
from promises.web.request import as_of, asked_number, asked_page, db, me

pages = Blueprint("proposals", __name__)

PAGE = 50


@pages.get("/proposals")
@needs("proposals.read")
def listing() -> ResponseReturnValue:
    form = FilterForm(request.args)
    every = queries.lines(db())
    mine = queries.supported_by(db(), me().id) if form.whose.data == "supported" else set()
    found = [line for line in every if _wanted(line, form, mine)]
    page = asked_page()
    last = max(-(-len(found) // PAGE), 1)
    return render_template(
        "proposals/listing.html",
        form=form,
        any_at_all=bool(every),
        lines=found[(page - 1) * PAGE : page * PAGE],
        found=len(found),
        page=page,
        last=last,
    )


def _wanted(line: Line, form: FilterForm, supported: set[int]) -> bool:
    words = (form.q.data or "").casefold()
    return (
        (not form.state.data or line.state == form.state.data)
        and (form.whose.data != "mine" or line.author_id == me().id)
        and (form.whose.data != "supported" or line.id in supported)
        and (not words or words in f"{line.title} {line.text} {line.author}".casefold())
    )


@pages.route("/proposals/new", methods=["GET", "POST"])
@needs("proposals.write")
def new() -> ResponseReturnValue:
    problem_id = asked_number("problem")
    if problem_id is None:
        return render_template("proposals/choose.html", choices=problems.choices(db()))
    problem = db().get(Problem, problem_id) or abort(404)
    if problem.merged_into_id is not None:
        return redirect(url_for(".new", problem=problems.merged(db())[problem_id]))
    form = ProposalForm()
    if not form.still_writing and form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(proposals__needs_steps="steps"):
            made = actions.propose(
                db(),
                problems=[problem_id],
                title=form.title.data or "",
                text=form.text.data or "",
                steps=form.written_steps,
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext("proposals.made"), "ok")
            return done(form.once.data, url_for(".one", proposal_id=made.id))
    page = render_template(
        "proposals/new.html",
        form=form,
        problem=problem,
        evidence=problems.evidence(db(), problem_id),
        others=onward("problem", problem_id),
        reading=read(form.text.data) if form.text.data else None,
    )
    return page, 422 if form.errors or form.refused else 200


@pages.get("/proposals/<int:proposal_id>")
@needs("proposals.read")
def one(proposal_id: int) -> ResponseReturnValue:
    return _show(_whole(proposal_id), CommentForm())


def _whole(proposal_id: int) -> Whole:
    return queries.whole(db(), proposal_id) or abort(404)


def _show(proposal: Whole, comment: CommentForm) -> str:
    quote = None
    if proposal.problems and me().may("feedback.read"):
        quote = next(iter(problems.evidence(db(), proposal.problems[0].id or 0, most=1).quotes), None)
    texts = [found.version for found in proposal.versions]
    changes = {
        newer.number: {
            "title": differences(older.title, newer.title),
            "text": differences(older.text, newer.text),
            "steps": differences(_as_lines(older.steps), _as_lines(newer.steps)),
        }
        for newer, older in pairwise(texts)
    }
    return render_template(
        "proposals/one.html",
        proposal=proposal,
        reading=read(proposal.current.text),
        quote=quote,
        changes=changes,
        comment=comment,
        way=onward("proposal", proposal.id),
    )


def _as_lines(steps: list[dict[str, str]]) -> str:
    return "\n".join(f"{step['step']} ({step['who']})" if step["who"] else step["step"] for step in steps)


@pages.route("/proposals/<int:proposal_id>/revise", methods=["GET", "POST"])
@needs("proposals.write")
def revise(proposal_id: int) -> ResponseReturnValue:
    proposal = _whole(proposal_id)
    if proposal.author_id != me().id:
        abort(403)
    text = proposal.current
    form = ProposalForm(
        data={"title": text.title, "text": text.text, "steps": text.steps, "based_on": text.number}
    )
    if not form.still_writing and form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        read_number = form.based_on.data or 0
        with form.refusals(proposals__needs_steps="steps"):
            actions.revise(
                db(),
                proposal_id,
                based_on=read_number,
                title=form.title.data or "",
                text=form.text.data or "",
                steps=form.written_steps,
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext("proposals.revised"), "ok")
            return done(form.once.data, url_for(".one", proposal_id=proposal_id))
        proposal = _whole(proposal_id)
        text = proposal.current
    newer = None
    if form.based_on.data != text.number:
        newer = text
        form.take_in(text.number)
    problem = next(iter(proposal.problems), None)
    page = render_template(
        "proposals/revise.html",
        form=form,
        proposal=proposal,
        newer=newer,
        evidence=problems.evidence(db(), problem.id or 0) if problem else None,
        problem=problem,
        reading=read(form.text.data or ""),
    )
    return page, 422 if form.errors or form.refused else 200


@pages.post("/proposals/<int:proposal_id>/endorse")
@needs("proposals.support")
def endorse(proposal_id: int) -> ResponseReturnValue:
    return _support(proposal_id, withdraw=False)


@pages.post("/proposals/<int:proposal_id>/withdraw")
@needs("proposals.support")
def withdraw(proposal_id: int) -> ResponseReturnValue:
    return _support(proposal_id, withdraw=True)


def _support(proposal_id: int, *, withdraw: bool) -> ResponseReturnValue:
    """Both ways of support do nothing the second time, so a second press needs no other care."""
    _whole(proposal_id)
    form = SupportForm()
    if not form.validate_on_submit():
        abort(400)
    act = actions.withdraw if withdraw else actions.endorse
    with form.refusals():
        act(db(), proposal_id, number=form.number.data or 0, by=me().id, as_of=as_of())
    if form.refused:
        flash(form.form_errors[0], "warning")
    else:
        flash(gettext("proposals.withdrew" if withdraw else "proposals.endorsed"), "ok")
    return redirect(url_for(".one", proposal_id=proposal_id))


@pages.post("/proposals/<int:proposal_id>/comment")
@needs("proposals.support")
def comment(proposal_id: int) -> ResponseReturnValue:
    proposal = _whole(proposal_id)
    form = CommentForm()
    here = url_for(".one", proposal_id=proposal_id)
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        link = current_app.config["SETTINGS"].base_url + here
        actions.comment(db(), proposal_id, text=form.text.data or "", by=me().id, as_of=as_of(), link=link)
        flash(gettext("proposals.commented"), "ok")
        return done(form.once.data, f"{here}#comments")
    return _show(proposal, form), 422
