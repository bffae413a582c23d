"""At the counter: how a customer wants to be paid, vouchers that are brought, and what is printed."""

from __future__ import annotations

from flask import Response, abort, current_app, flash, g, render_template, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.compensation import ledger
from promises.compensation.queries import Line, handed, one
from promises.compensation.receipts import write_number
from promises.compensation.ways import open_ways
from promises.compensation.why import why_owed
from promises.journal.actions import record
from promises.language import gettext
from promises.payments import queries, vouchers
from promises.payments.choosing import choose_way
from promises.payments.forms import BareForm, CodeForm, WayForm
from promises.payments.papers import Paper, print_paper
from promises.payments.queries import whereabouts
from promises.people.tables import Company
from promises.web.filters import show_date, show_datetime, show_money
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me
from promises.web.request import branch as here

BANK_FAULTS = {
    "payments__iban": "iban",
    "payments__iban_not_sepa": "iban",
    "payments__holder_missing": "account_holder",
    "payments__holder_too_long": "account_holder",
    "payments__holder_unwritable": "account_holder",
}


@needs("payments.choose")
def way(compensation_id: int, **_address: str) -> ResponseReturnValue:
    """How the customer wants it, as told to a teller."""
    line = _found(compensation_id)
    owed, found = line.compensation, whereabouts(db(), line.compensation)
    there = url_for("compensation.one", branch=here().code, compensation_id=owed.id)
    form = WayForm()
    form.offer(open_ways(db(), owed), found.way)
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(**BANK_FAULTS, payments__way_not_allowed="way"):
            choose_way(
                db(),
                owed.branch_id,
                owed.id,
                form.way.data,
                account_holder=form.account_holder.data or "",
                iban=form.iban.data or "",
                secret=current_app.config["SECRET_KEY"],
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext(f"payments.chosen_{form.way.data}"), "ok")
            return done(form.once.data, there)
    g.place = "compensation.listing"
    status = 422 if form.errors or form.refused else 200
    return render_template(
        "payments/way.html", form=form, line=line, found=found, branch=here(), back=there
    ), status


@needs("payments.choose")
def print_voucher(compensation_id: int, **_address: str) -> ResponseReturnValue:
    """The voucher on paper, for its owner at the counter. The journal keeps who printed it."""
    line, form = _found(compensation_id), BareForm()
    if not form.validate_on_submit():
        abort(400)
    voucher = vouchers.standing(db(), line.compensation) or abort(404)
    number = voucher.compensation_id
    record(db(), "voucher.printed", "compensation", number, by=me().id, as_of=as_of())
    code = vouchers.code_of(voucher, current_app.config["SECRET_KEY"])
    why = why_owed(db(), line, here()) or abort(404)
    company = _company()
    return _pdf(
        Paper(
            language=language.current(),
            title=gettext("paper.voucher"),
            company=company,
            place=f"{company}, {here().name}",
            label=gettext("paper.worth"),
            amount=show_money(voucher.amount, voucher.currency),
            facts=(
                (gettext("paper.valid_until"), show_date(queries.last_day_of(voucher, here().zone))),
                (gettext("paper.promised"), why.told),
            ),
            words=gettext("paper.voucher_words"),
            foot=write_number(number),
            code=code,
            qr=vouchers.qr_svg(code).decode(),
            qr_alt=gettext("paper.qr"),
        ),
        f"{write_number(number)}-voucher.pdf",
    )


@needs("compensation.read")
def receipt(compensation_id: int, **_address: str) -> ResponseReturnValue:
    """The receipt of a payment as a PDF."""
    line = _found(compensation_id)
    owed = line.compensation
    paid = handed(db(), owed) or abort(404)
    why, company = why_owed(db(), line, here()) or abort(404), _company()
    facts = [
        (gettext("paper.promised"), why.told),
        (gettext("paper.happened"), why.because),
        (gettext("paper.case"), f"{line.name}, {show_datetime(why.judged.verdict.started_at)}"),
        (gettext("paper.paid_on"), show_datetime(paid.payout.made_at)),
        (gettext("paper.way"), gettext(f"way_name.{paid.payout.way}")),
        (gettext("paper.paid_by"), paid.by),
    ]
    if paid.payout.receiver:
        facts.append((gettext("paper.taken_by"), paid.payout.receiver))
    return _pdf(
        Paper(
            language=language.current(),
            title=gettext("paper.receipt"),
            company=company,
            place=f"{company}, {here().name}",
            label=gettext("paper.paid"),
            amount=show_money(ledger.paid(db(), owed), owed.currency),
            facts=tuple(facts),
            words=gettext("paper.sorry"),
            foot=why.number,
            signature=gettext("paper.signature") if paid.payout.way == "counter" else None,
        ),
        f"{why.number}.pdf",
    )


@needs("vouchers.redeem")
def voucher(**_address: str) -> ResponseReturnValue:
    """Look at a voucher that is brought, before anything is handed over. The code stands in no address."""
    form = CodeForm()
    brought = None
    if form.validate_on_submit():
        found = vouchers.find(db(), form.code.data)
        if found is None:
            form.code.errors = [gettext("payments.voucher_unknown")]
        else:
            brought = queries.brought(db(), found.voucher)
    g.place = "payments.voucher"
    status = 422 if form.errors else 200
    return render_template("payments/voucher.html", form=form, brought=brought, branch=here()), status


@needs("vouchers.redeem")
def redeem(**_address: str) -> ResponseReturnValue:
    """Hand over what a voucher is worth."""
    form = CodeForm()
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(
            **dict.fromkeys(
                [f"payments__voucher_{why}" for why in ("unknown", "expired", "redeemed", "given_back")],
                "code",
            )
        ):
            payout = vouchers.redeem(db(), form.code.data, branch=here(), by=me().id, as_of=as_of())
        if not form.refused:
            amount = queries.amount_of(db(), payout)
            flash(gettext("payments.voucher_paid", amount=show_money(*amount)), "ok")
            return done(form.once.data, url_for(".voucher", branch=here().code))
    g.place = "payments.voucher"
    return render_template("payments/voucher.html", form=form, brought=None, branch=here()), 422


def _found(compensation_id: int) -> Line:
    return one(db(), here().id or 0, compensation_id) or abort(404)


def _company() -> str:
    company = db().get(Company, 1)
    return company.name if company else ""


def _pdf(paper: Paper, filename: str) -> Response:
    answer = Response(print_paper(paper), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{filename}"'
    return answer
