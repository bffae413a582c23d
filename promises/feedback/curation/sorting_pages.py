"""A problem's quotes are gone through: confirmed, moved, or split off as a problem of their own."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from promises.feedback.board import problems
from promises.feedback.curation import actions as curation
from promises.feedback.curation import parting, sorting
from promises.feedback.curation.sorting_forms import NOWHERE, SortForm
from promises.feedback.forms import ButtonForm
from promises.feedback.queries import Wanted
from promises.feedback.reading_pages import pages_for
from promises.feedback.tables import Feedback, Mention, Problem
from promises.language import gettext, ngettext
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, asked_page, db, me


@needs("problems.curate")
def sort(problem_id: int) -> ResponseReturnValue:
    """The quotes of a problem with a box each, all or those of one group."""
    problem, form = db().get(Problem, problem_id) or abort(404), SortForm()
    if problem.merged_into_id is not None:
        return redirect(url_for(".sort", problem_id=problem.merged_into_id))
    form.offer([one for one in problems.names(db()) if one.id != problem_id])
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(problems__split_nothing="marked", problems__name_missing="fi"):
            there = _act(problem, form)
        if not form.refused:
            return done(form.once.data, there)
    groups, wanted = sorting.groups(db(), problem_id), request.args.get("like", "")
    chosen = next((one for one in groups if one.key == wanted), None)
    page, total = asked_page(), problems.quoted(db(), problem, Wanted())
    if chosen is not None:
        page, total, shown = 1, len(chosen.ids), sorting.these(db(), chosen.ids)
    else:
        shown = problems.quotes(db(), problem, Wanted(), page)
    body = render_template(
        "feedback/sort.html",
        problem=problem,
        form=form,
        groups=groups,
        chosen=chosen,
        quotes=shown,
        marked=set(form.marked.data or [one.mention_id for one in shown if chosen]),
        total=total,
        page=page,
        last=1 if chosen else pages_for(total, problems.QUOTES),
        url_of=lambda number: url_for(".sort", problem_id=problem_id, page=number),
    )
    return body, 422 if form.errors or form.refused else 200


@needs("problems.curate")
def part(problem_id: int) -> ResponseReturnValue:
    """Undo a merge."""
    problem, form = db().get(Problem, problem_id) or abort(404), ButtonForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        back = parting.unmerge(db(), problem, by=me().id, as_of=as_of())
        told = ngettext(
            "Apart again: %(num)s quote came back.", "Apart again: %(num)s quotes came back.", back
        )
        flash(told, "ok")
        return done(form.once.data, url_for(".problem", problem_id=problem_id))
    return redirect(url_for(".problem", problem_id=problem_id))


def _act(problem: Problem, form: SortForm) -> str:
    """Do what was pressed; where that leads."""
    here = url_for(".sort", problem_id=problem.id)
    own = col(Mention.problem_id) == problem.id
    marked = db().exec(select(Mention).where(own, col(Mention.id).in_(form.marked.data))).all()
    by, now = me().id, as_of()
    if form.act.data == "split":
        ids = [one.id or 0 for one in marked]
        new = parting.split(db(), problem, ids, form.fi.data or "", form.en.data or "", by=by, as_of=now)
        flash(gettext("problems.split"), "ok")
        return url_for(".problem", problem_id=new.id)
    to = None if form.act.data == "fits" or form.problem.data == NOWHERE else int(form.problem.data)
    target = db().get(Problem, to) if to else None
    for mention in marked:
        if form.act.data == "fits":
            feedback = db().get_one(Feedback, mention.feedback_id)
            curation.place(db(), feedback, problem, by=by, as_of=now)
        elif target is None:
            curation.deny(db(), mention, by=by, as_of=now)
        else:
            curation.move(db(), mention, target, by=by, as_of=now)
    if form.act.data == "fits":
        told = ngettext("%(num)s quote confirmed.", "%(num)s quotes confirmed.", len(marked))
    else:
        told = ngettext("%(num)s quote moved.", "%(num)s quotes moved.", len(marked))
    flash(told, "ok")
    return here
