"""Names that were said in praise, words as they were written, and a customer who is erased."""

from __future__ import annotations

from flask import abort, current_app, flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from promises.feedback import keeping, queries
from promises.feedback.erasing import erase
from promises.feedback.forms import EraseForm
from promises.feedback.intake_pages import originals
from promises.feedback.tables import Feedback, NameSaid, Original
from promises.language import gettext
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.settings import Settings
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

SHOWN = 100


@needs("praise.read")
def praise() -> ResponseReturnValue:
    """Whom customers praise by name, for their managers to pass on."""
    g.place = "feedback.listing"
    branches = [branch.id for branch in visible_branches("praise.read")]
    query = (
        select(Feedback, Branch)
        .join(Branch, col(Branch.id) == col(Feedback.branch_id))
        .where(
            col(Feedback.id).in_(select(NameSaid.feedback_id)),
            col(Feedback.branch_id).in_(branches),
            col(Feedback.kind).in_(("praise", "nothing", "")),
        )
        .order_by(col(Feedback.given_at).desc(), col(Feedback.id).desc())
        .limit(SHOWN)
    )
    voices = [queries.Voice(feedback, branch, feedback.text) for feedback, branch in db().exec(query)]
    names = keeping.names_of(db(), [voice.feedback.id or 0 for voice in voices])
    return render_template("feedback/praise.html", voices=voices, names=names)


@needs("originals.read")
def original(feedback_id: int) -> ResponseReturnValue:
    """What a customer wrote, letter by letter; asked for by a press, so that each reading is journalled."""
    found = db().get(Feedback, feedback_id) or abort(404)
    try:
        words = keeping.read_original(db(), feedback_id, originals(), by=me().id, as_of=as_of())
    except Refusal:
        abort(404)
    kept = db().get_one(Original, feedback_id)
    return render_template("feedback/original.html", feedback=found, words=words, kept=kept)


@needs("customers.erase")
def erase_customer() -> ResponseReturnValue:
    """Erase a customer."""
    g.place = "feedback.listing"
    form = EraseForm()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        settings: Settings = current_app.config["SETTINGS"]
        with form.refusals(customers__unknown="known_as"):
            gone = erase(
                db(), form.known_as.data or "", secret=settings.secret_key, by=me().id, as_of=as_of()
            )
        if not form.refused:
            told = ", ".join(f"{gettext(f'erased.{kind}')}: {n}" for kind, n in sorted(gone.counts.items()))
            flash(gettext("customers.erased", told=told), "ok")
            return done(form.once.data, url_for(".erase_customer"))
    status = 422 if form.is_submitted() and (form.errors or form.refused) else 200
    return render_template("feedback/erase.html", form=form), status
