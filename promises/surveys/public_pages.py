"""The customer's side: answering a survey without signing in, and wanting no more of them."""

from __future__ import annotations

from flask import abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import select

from promises import language
from promises.feedback.intake_pages import originals
from promises.feedback.tables import Feedback
from promises.language import CUSTOMERS
from promises.refusal import Refusal
from promises.surveys import answering, asking
from promises.surveys.forms import AnswerForm
from promises.surveys.letters import read_token
from promises.surveys.tables import Contact, Door, Invitation, Reply, Survey
from promises.web.edge import undo
from promises.web.guard import open_to_all
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db

LANGUAGE_NAMES = (("fi", "Suomi"), ("sv", "Svenska"), ("en", "English"))


@open_to_all
def door(token: str) -> ResponseReturnValue:
    """A public survey."""
    found = db().exec(select(Door).where(Door.token == token)).first() or abort(404)
    survey = db().get_one(Survey, found.survey_id)
    _speak("")
    if found.shut_at is not None or survey.closed_at is not None:
        return render_template("surveys/over.html", languages=LANGUAGE_NAMES), 410
    form = AnswerForm()
    form.offer(survey)
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(surveys__no_contact="contact", surveys__off_scale="value"):
            answering.answer_door(
                db(),
                found,
                form.given(),
                key=form.once.data,
                address=request.remote_addr or "",
                language=language.current(),
                as_of=as_of(),
                originals=originals(),
            )
        if not form.refused:
            return done(form.once.data, url_for(".thanks", language=language.current()))
    return _asked(survey, form, url_for(".door", token=token, language=language.current()))


@open_to_all
def invited(token: str) -> ResponseReturnValue:
    """A customer's own survey, reached from a mail."""
    invitation = _invitation(token)
    survey = db().get_one(Survey, invitation.survey_id)
    _speak(invitation.language)
    before = answering.reply_to(db(), invitation)
    if before is not None and not answering.changeable(before, survey, as_of()):
        return render_template("surveys/over.html", languages=LANGUAGE_NAMES, answered=True), 410
    if survey.closed_at is not None:
        return render_template("surveys/over.html", languages=LANGUAGE_NAMES), 410
    form = AnswerForm()
    form.offer(survey)
    if before is not None and not form.is_submitted():
        _fill(form, before)
    if form.validate_on_submit():
        with form.refusals(surveys__no_contact="contact", surveys__off_scale="value"):
            answering.answer_invitation(
                db(),
                invitation,
                form.given(),
                language=language.current(),
                as_of=as_of(),
                originals=originals(),
            )
        if not form.refused:
            return redirect(url_for(".thanks", language=language.current(), invitation=token))
    action = url_for(".invited", token=token, language=language.current())
    return _asked(survey, form, action, token, changing=before is not None)


@open_to_all
def thanks() -> ResponseReturnValue:
    """The answer has come in."""
    token = request.args.get("invitation", "")
    _speak("")
    return render_template("surveys/thanks.html", languages=LANGUAGE_NAMES, token=token)


@open_to_all
def stop(token: str) -> ResponseReturnValue:
    """No more surveys to this address: one press here, or one in the mail program (RFC 8058)."""
    invitation = _invitation(token)
    _speak(invitation.language)
    if request.method == "POST":
        asking.stop(db(), invitation.mark, as_of=as_of())
        return render_template("surveys/stopped.html", languages=LANGUAGE_NAMES)
    return render_template("surveys/stop.html", languages=LANGUAGE_NAMES, token=token)


def _invitation(token: str) -> Invitation:
    try:
        return read_token(db(), current_app.config["SETTINGS"].secret_key, token)
    except Refusal:
        undo()
        abort(404)


def _speak(usual: str) -> None:
    """The language chosen on the page, else the invitation's, else the one that the browser asks for."""
    asked = request.args.get("language", "")
    fits = request.accept_languages.best_match(CUSTOMERS) or CUSTOMERS[0]
    language.use(next((one for one in (asked, usual) if one in CUSTOMERS), fits), CUSTOMERS)
    g.customer = True


def _asked(
    survey: Survey, form: AnswerForm, action: str, token: str = "", *, changing: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "surveys/answer.html",
        survey=survey,
        form=form,
        action=action,
        token=token,
        changing=changing,
        languages=LANGUAGE_NAMES,
    )
    return page, 422 if form.is_submitted() and (form.errors or form.refused) else 200


def _fill(form: AnswerForm, before: Reply) -> None:
    """What was answered before, as it was kept: masked."""
    contact = db().get(Contact, before.id)
    form.value.data = str(before.value)
    form.text.data = db().get_one(Feedback, before.feedback_id).text
    if contact is not None:
        form.contact.data, form.wish.data, form.tell.data = contact.words, contact.wish, contact.tell
