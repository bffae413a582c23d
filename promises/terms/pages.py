"""The promises in force, one promise with its versions, and a change of its terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.language import gettext
from promises.terms import actions, opening_pages, queries, whole_pages
from promises.terms.document import TermsDocument, TimeMeasure
from promises.terms.queries import Dated, Version
from promises.terms.setting import branch_names, explained, plain_words, terms_form
from promises.terms.words import money, span
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.onward import Onward, onward
from promises.web.request import as_of, db, me

pages = Blueprint("terms", __name__)

CHAIN = {"decision": "decision", "proposal": "proposal", "problem": "problem", "case": "cases",
         "compensation": "compensation", "report": "report", "branch": "report"}  # fmt: skip


pages.add_url_rule("/promises/templates", view_func=whole_pages.templates)
pages.add_url_rule("/promises/templates/<name>", view_func=whole_pages.ready)
pages.add_url_rule("/promises/new", view_func=whole_pages.new, methods=["GET", "POST"])
pages.add_url_rule("/promises/<code>/terms/whole", view_func=whole_pages.whole, methods=["GET", "POST"])
pages.add_url_rule("/hours", "hours_listing", opening_pages.listing)
pages.add_url_rule("/branches/<branch>/hours", "hours", opening_pages.one)
pages.add_url_rule("/branches/<branch>/hours/week", "set_week", opening_pages.set_week, methods=["POST"])
pages.add_url_rule("/branches/<branch>/hours/days", "set_day", opening_pages.set_day, methods=["POST"])


@dataclass(frozen=True)
class Card:
    """One promise as it is listed."""

    code: str
    version: Version
    name: str
    told: str
    limit: str | None
    amount: str | None
    branches: str | None
    to_come: Version | None

    @property
    def terms(self) -> TermsDocument:
        return self.version.terms

    def begun(self, moment: datetime) -> bool:
        """Whether the version shown is in force."""
        return self.version.starts_at <= moment


@pages.get("/promises")
@needs("terms.read")
def listing() -> ResponseReturnValue:
    names = branch_names(db())
    cards = [_card(dated, as_of(), names) for dated in queries.promises(db())]
    return render_template("terms/listing.html", cards=cards)


@pages.get("/promises/<code>")
@needs("terms.read")
def one(code: str) -> ResponseReturnValue:
    dated = _found(code)
    names = branch_names(db())
    before = onward("promise_origin", dated.promise_id)
    after = onward("promise", dated.promise_id)
    return render_template(
        "terms/one.html",
        dated=dated,
        card=_card(dated, as_of(), names),
        words=explained(dated.shown(as_of()).terms, names),
        explain=lambda terms: explained(terms, names),
        makers=queries.makers(db(), dated),
        zone=dated.shown(as_of()).terms.zone,
        before=before,
        after=after,
        links=_chain([*before, *after]),
    )


@pages.route("/promises/<code>/terms", methods=["GET", "POST"])
@needs("terms.set")
def change(code: str) -> ResponseReturnValue:
    dated = _found(code)
    form = terms_form(db(), code, as_of=as_of())
    words = None
    if form.validate_on_submit() and (terms := form.check(code)) is not None:
        if not form.confirmed(terms):
            words = plain_words(terms, branch_names(db()))
        else:
            if (seen := pressed_before(form.once.data)) is not None:
                return seen
            with form.refusals(terms__starts_in_past="starts", terms__starts_before_latest="starts"):
                actions.set_terms(
                    db(), document=form.document(code), number=form.next_number, by=me().id, as_of=as_of()
                )
            if not form.refused:
                flash(gettext("terms.set"), "ok")
                return done(form.once.data, url_for(".one", code=code))
    page = render_template("terms/change.html", form=form, words=words, card=_card(dated, as_of(), {}))
    return page, 422 if form.errors or form.refused else 200


def _found(code: str) -> Dated:
    promise = queries.find(db(), code)
    found = queries.promises(db(), promise.id) if promise is not None else []
    return found[0] if found else abort(404)


def _card(dated: Dated, moment: datetime, names: dict[str, str]) -> Card:
    shown = dated.shown(moment)
    terms = shown.terms
    here = language.current()
    own = ", ".join(sorted(names.get(code, code) for code in terms.branches)) if terms.branches else None
    later = [version for version in dated.versions if version.starts_at > moment and version is not shown]
    return Card(
        code=dated.code,
        version=shown,
        name=getattr(terms.name, here),
        told=getattr(terms.told or terms.name, here),
        limit=span(terms.measure.limit) if isinstance(terms.measure, TimeMeasure) else None,
        amount=_amount(terms),
        branches=own,
        to_come=later[0] if later else None,
    )


def _amount(terms: TermsDocument) -> str | None:
    """What a broken case pays, where that is one sum of money; rules of several parts need sentences."""
    payments = terms.remedy.pays
    if not payments:
        return gettext("remedy.nothing")
    amount = payments[0].amount
    simple = len(payments) == 1 and payments[0].per is None and isinstance(amount, Decimal)
    return money(amount, terms.currency) if simple and isinstance(amount, Decimal) else None


def _chain(steps: list[Onward]) -> dict[str, str]:
    return {CHAIN[step.kind]: step.url for step in reversed(steps) if step.kind in CHAIN}
