"""The administrator's page of tokens, and the page that describes the interface and lets it be tried."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from promises.api import description, tokens
from promises.api.examples import EXAMPLES
from promises.api.forms import TokenForm
from promises.language import gettext
from promises.people.queries import branch_choices
from promises.web.guard import needs, open_to_all
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

pages = Blueprint("tokens", __name__)


@pages.route("/tokens", methods=["GET", "POST"])
@needs("tokens.manage")
def listing() -> ResponseReturnValue:
    choices = branch_choices(db())
    form = TokenForm(branches=choices)
    secret = None
    if request.method == "POST" and form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(tokens__no_source="source"):
            _, secret = tokens.make(
                db(),
                source=form.source.data or "",
                scopes=form.scopes.data or [],
                branches=form.branches.data or [],
                note=form.note.data or "",
                by=me().id,
                as_of=as_of(),
            )
        if secret is not None:
            # It is shown on this answer only; a reload leads back to the list.
            done(form.once.data, url_for(".listing"))
            form = TokenForm(formdata=None, branches=choices)
    status = 422 if form.errors or form.refused else 200
    return render_template(
        "api/tokens.html",
        form=form,
        secret=secret,
        tokens=tokens.listed(db()),
        branches=dict(choices),
    ), status


@pages.post("/tokens/<int:token_id>/revoke")
@needs("tokens.manage")
def revoke(token_id: int) -> ResponseReturnValue:
    if tokens.revoke(db(), token_id, by=me().id, by_name=me().name, as_of=as_of()):
        flash(gettext("tokens.revoked"), "ok")
    return redirect(url_for(".listing"))


@pages.get("/api")
@open_to_all
def interface() -> ResponseReturnValue:
    """What the interface takes and answers, with a form to try each address."""
    told = description.document(current_app.config["SETTINGS"].base_url)
    operations = [
        (method, path, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template(
        "api/interface.html",
        operations=operations,
        schemas=told["components"]["schemas"],
        examples=EXAMPLES,
        limits=current_app.config["SETTINGS"],
    )
