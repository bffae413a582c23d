"""The customer's own pages: no sign-in, one case each, opened by a long word or a throttled code."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from promises import language
from promises.customer import links, queries
from promises.customer.forms import CodeForm, PressForm, WayForm
from promises.customer.onward import settings
from promises.language import gettext
from promises.payments.choosing import choose_way
from promises.payments.vouchers import code_of
from promises.queue.qr import svg
from promises.service.actions import find_case
from promises.service.keys import LARGEST_ID
from promises.service.queries import ticket_of
from promises.service.reasons import because
from promises.terms.setting import branch_names, explained
from promises.web.filters import show_duration
from promises.web.guard import needs, open_to_all
from promises.web.live import page_or_unchanged
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me
from promises.web.request import branch as here

pages = Blueprint("customer", __name__)

A_CASE = f"<int(max={LARGEST_ID}):case_id>"
HANDED_OUT = f"/branches/<branch>/cases/{A_CASE}/customer"


@pages.after_request
def keep_private(response: Response) -> Response:
    """Nobody finds these pages, and their addresses go to no other site."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    # Stricter would take the origin from our own forms, by which their forgery is told under HTTPS.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.route("/ticket", methods=["GET", "POST"])
@open_to_all
def find() -> ResponseReturnValue:
    """The door for those who type the code of their ticket."""
    form = CodeForm()
    if form.validate_on_submit():
        with form.refusals(people__too_many_tries="code"):
            typed, address = form.code.data or "", request.remote_addr or ""
            found = links.by_code(db(), typed, address, secret=settings().secret_key, as_of=as_of())
            link = found and _link(found.branch_id, found.case_id)
            if link:
                return redirect(url_for(".page", word=link.word))
            form.code.errors = [gettext("customer.unknown_code")]
    return render_template("customer/find.html", form=form), 422 if form.errors or form.refused else 200


@pages.get("/c/<word>")
@open_to_all
def page(word: str) -> ResponseReturnValue:
    """One case, as its customer may see it."""
    seen = _visit(word)
    g.branch = seen.branch
    return page_or_unchanged(
        seen.known(),
        lambda: render_template(
            "customer/page.html",
            word=word,
            visit=seen,
            name_of=lambda terms: getattr(terms.told or terms.name, language.current()),
            because={
                one.verdict.id: because(one.verdict, one.version.terms, show_duration(one.verdict.elapsed_s))
                for one in seen.judged
            },
            explained={
                one.verdict.id: explained(one.version.terms, branch_names(db())) for one in seen.judged
            },
            code_of=lambda voucher: code_of(voucher, settings().secret_key),
            svg=svg,
            as_of=as_of(),
        ),
    )


@pages.route(f"/c/<word>/way/<int(max={LARGEST_ID}):compensation_id>", methods=["GET", "POST"])
@open_to_all
def choose(word: str, compensation_id: int) -> ResponseReturnValue:
    """How the customer wants what is owed."""
    seen = _visit(word)
    g.branch = seen.branch
    owed = next((one for one in seen.owed if one.compensation.id == compensation_id), None) or abort(404)
    form = WayForm(owed.ways, owed.where.way)
    if form.validate_on_submit():
        # No claim of the press: its row would hold this page's address, and choosing twice changes nothing.
        with form.refusals(
            payments__iban="iban",
            payments__iban_not_sepa="iban",
            payments__holder_missing="account_holder",
            payments__holder_too_long="account_holder",
            payments__holder_unwritable="account_holder",
            payments__way_not_allowed="way",
        ):
            choose_way(
                db(),
                seen.branch.id or 0,
                compensation_id,
                form.way.data,
                account_holder=form.account_holder.data or "",
                iban=form.iban.data or "",
                secret=settings().secret_key,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext("customer.way_chosen"), "ok")
            return redirect(url_for(".page", word=word))
    page = render_template("customer/choose.html", word=word, visit=seen, owed=owed, form=form)
    return page, 422 if form.errors or form.refused else 200


@pages.get(HANDED_OUT)
@needs("customers.link")
def hand_out(case_id: int, **_address: str) -> ResponseReturnValue:
    """Where staff give a customer the link to their page."""
    case = find_case(db(), here(), case_id) or abort(404)
    link = _link(case.branch_id, case.id)
    address = settings().base_url + link.path if link else ""
    ticket = ticket_of(db(), case)
    return render_template(
        "customer/hand_out.html",
        case=case,
        branch=here(),
        name=ticket.number if ticket else case.reference,
        link=link,
        address=address,
        door=urlsplit(settings().base_url).netloc + url_for(".find"),
        qr=svg(address) if address else None,
    )


@pages.post(HANDED_OUT)
@needs("customers.link")
def make(case_id: int, **_address: str) -> ResponseReturnValue:
    """Make the link, or another in place of one that came into wrong hands."""
    case = find_case(db(), here(), case_id) or abort(404)
    form = PressForm()
    if form.validate_on_submit() and (seen := pressed_before(form.once.data)) is not None:
        return seen
    key = settings().secret_key
    if request.form.get("anew") == "yes":
        links.new_link(db(), case.branch_id, case.id, secret=key, by=me().id, as_of=as_of())
        flash(gettext("customer.link_renewed"), "ok")
    else:
        links.link_for(db(), case.branch_id, case.id, secret=key, by=me().id, as_of=as_of())
    return done(form.once.data, url_for(".hand_out", branch=here().code, case_id=case.id))


def _visit(word: str) -> queries.Visit:
    found = links.by_word(db(), word) or abort(404)
    return queries.visit(db(), found.branch_id, found.case_id, as_of())


def _link(branch_id: int, case_id: int) -> links.Link | None:
    return links.known_link(db(), branch_id, case_id, secret=settings().secret_key)
