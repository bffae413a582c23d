"""Notes of interviews are pasted, cut into quotes before one's eyes, and kept."""

from __future__ import annotations

from hashlib import sha256

from flask import abort, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from promises.feedback import interviews
from promises.feedback.actions import branch_names, company_zone
from promises.feedback.cutting import Piece, pieces, quotes
from promises.feedback.forms import InterviewForm
from promises.feedback.intake_pages import originals
from promises.feedback.keeping import Masking
from promises.feedback.tables import Interview
from promises.language import ngettext
from promises.people.tables import Branch
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me


@needs("feedback.import")
def new() -> ResponseReturnValue:
    """Paste notes, see how they are cut, move the cuts, take the quotes."""
    g.place = "feedback.listing"
    form = InterviewForm()
    form.offer(visible_branches("feedback.read"))
    if not form.is_submitted():
        form.held_on.data = as_of().astimezone(company_zone(db())).date()
    found = pieces(form.notes.data or "")
    cuts, out = _decided(form, found)
    told = quotes(found, cuts, out)
    fits = form.validate_on_submit()
    if fits and form.take.data:
        if seen := pressed_before(form.once.data):
            return seen
        branch = db().get(Branch, form.branch.data) if form.branch.data else None
        with form.refusals(interviews__no_quotes="notes", feedback__day_in_future="held_on"):
            interview = interviews.take_interview(
                db(),
                title=form.title.data or "",
                held_on=form.held_on.data,
                branch=branch,
                touchpoint=form.touchpoint.data or "",
                customer=form.customer.data or "",
                notes=form.notes.data or "",
                quotes=told,
                by=me().id,
                as_of=as_of(),
                originals=originals(),
            )
        if not form.refused:
            flash(ngettext("%(num)s piece taken", "%(num)s pieces taken", len(told)), "ok")
            return done(form.once.data, url_for(".interview", interview_id=interview.id))
    masking = Masking(branch_names(db()))
    shown = [Piece(masking(piece.text), number in cuts, number in out) for number, piece in enumerate(found)]
    form.seen.data = _digest(form.notes.data or "")
    page = render_template("feedback/interview_new.html", form=form, pieces=shown, quotes=len(told))
    return page, 422 if form.is_submitted() and (not fits or form.refused) else 200


@needs("feedback.read")
def one(interview_id: int) -> ResponseReturnValue:
    """An interview: the quotes that were cut out of it, and its notes."""
    g.place = "feedback.listing"
    found = db().get(Interview, interview_id) or abort(404)
    branch = db().get(Branch, found.branch_id) if found.branch_id else None
    said = interviews.quotes_of(db(), found)
    return render_template("feedback/interview.html", interview=found, branch=branch, quotes=said)


def _decided(form: InterviewForm, found: list[Piece]) -> tuple[set[int], set[int]]:
    """Where to cut and what to leave out, as the person decided; as proposed for notes not seen before."""
    if form.is_submitted() and form.seen.data == _digest(form.notes.data or ""):
        return _numbers("cut"), _numbers("out")
    return {n for n, one in enumerate(found) if one.begins}, {n for n, one in enumerate(found) if one.asked}


def _numbers(name: str) -> set[int]:
    return {int(value) for value in request.form.getlist(name) if value.isascii() and value.isdecimal()}


def _digest(notes: str) -> str:
    return sha256("\n".join(notes.split()).encode()).hexdigest()[:16]
