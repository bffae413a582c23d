"""What analysts do with problems."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from promises.feedback.board import problems
from promises.feedback.curation import actions as curation
from promises.feedback.forms import ButtonForm, ChooseProblemForm, DismissForm, NameForm
from promises.feedback.tables import Feedback, Mention, Problem
from promises.language import gettext
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

NOWHERE = "none"


@needs("problems.curate")
def name(problem_id: int) -> ResponseReturnValue:
    problem = _problem(problem_id)
    form = NameForm(fi=problem.given_fi, en=problem.given_en)
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            curation.name(db(), problem, form.fi.data or "", form.en.data or "", by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("problems.named"), "ok")
            return done(form.once.data, url_for(".problem", problem_id=problem_id))
    return render_template("feedback/name.html", form=form, problem=problem), _status(form)


@needs("problems.curate")
def accept(problem_id: int) -> ResponseReturnValue:
    problem, form = _problem(problem_id), ButtonForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        curation.accept(db(), problem, by=me().id, as_of=as_of())
        flash(gettext("problems.accepted"), "ok")
        return done(form.once.data, url_for(".problem", problem_id=problem_id))
    return redirect(url_for(".problem", problem_id=problem_id))


@needs("problems.curate")
def dismiss(problem_id: int) -> ResponseReturnValue:
    problem, form = _problem(problem_id), DismissForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(problems__reason_missing="reason"):
            curation.dismiss(db(), problem, form.reason.data or "", by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("problems.dismissed"), "ok")
            return done(form.once.data, url_for(".problem", problem_id=problem_id))
    return render_template("feedback/dismiss.html", form=form, problem=problem), _status(form)


@needs("problems.curate")
def restore(problem_id: int) -> ResponseReturnValue:
    problem, form = _problem(problem_id), ButtonForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        curation.restore(db(), problem, by=me().id, as_of=as_of())
        flash(gettext("problems.restored"), "ok")
        return done(form.once.data, url_for(".problem", problem_id=problem_id))
    return redirect(url_for(".problem", problem_id=problem_id))


@needs("problems.curate")
def merge(problem_id: int) -> ResponseReturnValue:
    problem, form = _problem(problem_id), ChooseProblemForm()
    form.offer([one for one in problems.names(db()) if one.id != problem_id])
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        into = _problem(int(form.problem.data))
        with form.refusals():
            curation.merge(db(), problem, into, by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("problems.merged"), "ok")
            return done(form.once.data, url_for(".problem", problem_id=into.id))
    return render_template("feedback/merge.html", form=form, problem=problem), _status(form)


@needs("problems.curate")
def move(problem_id: int, mention_id: int) -> ResponseReturnValue:
    """Say that a quote speaks of another problem, or of none."""
    problem, mention, form = _problem(problem_id), db().get(Mention, mention_id), ChooseProblemForm()
    if form.is_submitted() and mention is None and (seen := pressed_before(form.once.data)):
        return seen
    if mention is None or mention.problem_id != problem_id:
        abort(404)
    others = [one for one in problems.names(db()) if one.id != problem_id]
    form.offer(others, [(NOWHERE, gettext("It speaks of no problem"))])
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            if form.problem.data == NOWHERE:
                curation.deny(db(), mention, by=me().id, as_of=as_of())
            else:
                to = _problem(int(form.problem.data))
                curation.move(db(), mention, to, by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("problems.quote_moved"), "ok")
            return done(form.once.data, url_for(".problem", problem_id=problem_id))
    feedback = db().get_one(Feedback, mention.feedback_id)
    page = render_template(
        "feedback/move.html", form=form, problem=problem, mention=mention, feedback=feedback
    )
    return page, _status(form)


@needs("problems.curate")
def place(feedback_id: int) -> ResponseReturnValue:
    """Say which problem a piece of feedback speaks of."""
    feedback, form = db().get(Feedback, feedback_id) or abort(404), ChooseProblemForm()
    form.offer(problems.names(db()))
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            to = _problem(int(form.problem.data))
            curation.place(db(), feedback, to, by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("problems.quote_placed"), "ok")
            return done(form.once.data, url_for(".one", feedback_id=feedback_id))
    return render_template("feedback/place.html", form=form, feedback=feedback), _status(form)


def _problem(problem_id: int) -> Problem:
    return db().get(Problem, problem_id) or abort(404)


def _status(form: NameForm | DismissForm | ChooseProblemForm) -> int:
    return 422 if form.errors or form.refused else 200
