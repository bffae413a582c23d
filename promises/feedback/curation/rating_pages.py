"""Two people label the same sample, one press a text, and then see how far they agree."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from promises.feedback.board import problems
from promises.feedback.curation import rating
from promises.feedback.curation.sorting_forms import AnswerForm
from promises.feedback.curation.tables import RatingRound
from promises.feedback.forms import ButtonForm
from promises.language import current, sentence
from promises.refusal import Refusal
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me


@needs("problems.rate")
def ratings() -> ResponseReturnValue:
    """All samples, and who has labelled how much of them."""
    return render_template("feedback/ratings.html", rounds=rating.progress(db()), button=ButtonForm())


@needs("problems.curate")
def begin_rating() -> ResponseReturnValue:
    form = ButtonForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        try:
            made = rating.begin(db(), by=me().id, as_of=as_of())
        except Refusal as refused:
            flash(sentence(refused), "error")
            return redirect(url_for(".ratings"))
        return done(form.once.data, url_for(".rating", round_id=made.id))
    return redirect(url_for(".ratings"))


@needs("problems.rate")
def rate(round_id: int) -> ResponseReturnValue:
    """The next text to label; when there is none, how far those who have labelled them all agree."""
    asked, person = db().get(RatingRound, round_id) or abort(404), me().id or 0
    form = AnswerForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            problem_id = None if form.answer.data == rating.NONE else int(form.answer.data)
            rating.answer(db(), round_id, int(form.text.data), problem_id, by=person, as_of=as_of())
        if not form.refused:
            return done(form.once.data, url_for(".rating", round_id=round_id))
    following = rating.following(db(), round_id, person)
    of = next(one for one in rating.progress(db()) if one.round.id == asked.id)
    if following is None:
        return render_template("feedback/agreement.html", of=of, results=rating.results(db(), round_id))
    number, feedback = following
    named = sorted(problems.names(db()), key=lambda one: one.label(current()).casefold())
    page = render_template(
        "feedback/rate.html", form=form, of=of, number=number, feedback=feedback, problems=named
    )
    return page, 422 if form.errors or form.refused else 200
