"""The administrator's pages of other systems that are told what happens."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from promises.language import gettext
from promises.outbox import webhooks
from promises.outbox.forms import WebhookForm
from promises.outbox.signing import secret_of
from promises.outbox.tables import Webhook
from promises.people.queries import branch_choices
from promises.settings import Settings
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

pages = Blueprint("outbox", __name__)
SHOWN = 100


def _settings() -> Settings:
    return cast("Settings", current_app.config["SETTINGS"])


@pages.route("/webhooks", methods=["GET", "POST"])
@needs("webhooks.manage")
def listing() -> ResponseReturnValue:
    choices = branch_choices(db())
    form = WebhookForm(branches=choices)
    if request.method == "POST" and form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(webhook__address="address", webhook__private="address"):
            webhook = webhooks.add_webhook(
                db(),
                name=form.name.data or "",
                address=form.address.data or "",
                kinds=form.kinds.data or [],
                branch_ids=form.branches.data or [],
                private=_settings().webhook_private,
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext("webhook.added", name=webhook.name), "ok")
            return done(form.once.data, url_for(".one", webhook_id=webhook.id))
    status = 422 if form.errors or form.refused else 200
    return render_template(
        "outbox/listing.html", form=form, standings=webhooks.standings(db()), branches=dict(choices)
    ), status


@pages.get("/webhooks/<int:webhook_id>")
@needs("webhooks.manage")
def one(webhook_id: int) -> ResponseReturnValue:
    webhook = _webhook(webhook_id)
    return render_template(
        "outbox/one.html",
        webhook=webhook,
        standing=next(one for one in webhooks.standings(db()) if one.webhook.id == webhook_id),
        deliveries=webhooks.deliveries(db(), webhook_id, SHOWN),
        branches=dict(branch_choices(db())),
        secret=secret_of(_settings().secret_key, webhook.salt),
    )


@pages.post("/webhooks/<int:webhook_id>/end")
@needs("webhooks.manage")
def end(webhook_id: int) -> ResponseReturnValue:
    webhook = _webhook(webhook_id)
    webhooks.end_webhook(db(), webhook, by=me().id, as_of=as_of())
    flash(gettext("webhook.ended", name=webhook.name), "ok")
    return redirect(url_for(".listing"))


@pages.post("/webhooks/<int:webhook_id>/again")
@needs("webhooks.manage")
def again(webhook_id: int) -> ResponseReturnValue:
    webhooks.send_again(db(), _webhook(webhook_id), by=me().id, as_of=as_of())
    flash(gettext("webhook.again"), "ok")
    return redirect(url_for(".one", webhook_id=webhook_id))


def _webhook(webhook_id: int) -> Webhook:
    return db().get(Webhook, webhook_id) or abort(404)
