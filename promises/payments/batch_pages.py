"""What waits to be paid, batches and their approval, and the bank's answers."""

from __future__ import annotations

from flask import Response, abort, current_app, flash, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import select

from promises.language import gettext
from promises.payments import arriving, batches, queries
from promises.payments.forms import AnswerForm, BareForm, BatchForm, ReasonForm, RejectForm
from promises.payments.payer import payer_of
from promises.payments.queries import PAGE, BatchLine
from promises.payments.tables import Payment
from promises.payments.waiting import waiting_sums
from promises.people.tables import Branch, Company
from promises.web.edge import undo
from promises.web.forms import Form
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.once import done, pressed_before
from promises.web.request import as_of, asked_page, db, me

MEDIA = {"bank": "application/xml", "credit": "text/csv; charset=utf-8"}


@needs("payments.read")
def overview() -> ResponseReturnValue:
    """What waits, by way, and the batches so far."""
    return _overview(BatchForm())


@needs("payments.batch")
def make() -> ResponseReturnValue:
    """Put what waits for one way into a file."""
    form = BatchForm()
    if not form.validate_on_submit() or form.way.data not in batches.WAYS:
        abort(400)
    if (seen := pressed_before(form.once.data)) is not None:
        return seen
    with form.refusals():
        batch = batches.make(
            db(),
            form.way.data,
            _branches("payments.batch"),
            payer=payer_of(current_app.config["SETTINGS"], _company()),
            currency=form.currency.data,
            by=me().id,
            as_of=as_of(),
        )
    if form.refused:
        return _overview(form), 409
    flash(gettext("payments.batch_made"), "ok")
    return done(form.once.data, url_for(".batch", batch_id=batch.id))


@needs("payments.read")
def batch(batch_id: int) -> ResponseReturnValue:
    """One batch: its payments, who made and who approved it, and what became of it."""
    return _one(_found(batch_id), ReasonForm())


@needs("payments.approve")
def approve(batch_id: int) -> ResponseReturnValue:
    """Let a batch leave."""
    line, form = _found(batch_id), BareForm()
    if not form.validate_on_submit():
        abort(400)
    if (seen := pressed_before(form.once.data)) is not None:
        return seen
    with form.refusals():
        batches.approve(db(), batch_id, by=me().id, as_of=as_of())
    if form.refused:
        return _one(line, ReasonForm(), form), 409
    flash(gettext("payments.batch_approved"), "ok")
    return done(form.once.data, url_for(".batch", batch_id=batch_id))


@needs("payments.batch")
def refuse(batch_id: int) -> ResponseReturnValue:
    """Take a batch back; its payments wait again."""
    line, form = _found(batch_id), ReasonForm()
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(payments__no_reason="reason"):
            arriving.refuse(db(), batch_id, form.reason.data, by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("payments.batch_refused"), "ok")
            return done(form.once.data, url_for(".batch", batch_id=batch_id))
    return _one(line, form), 422


@needs("payments.batch")
def download(batch_id: int) -> ResponseReturnValue:
    """The file as it was made. A press and not a link, as the journal keeps who took it out."""
    line, form = _found(batch_id), BareForm()
    if not form.validate_on_submit():
        abort(400)
    with form.refusals():
        taken = batches.download(db(), batch_id, by=me().id, as_of=as_of())
    if form.refused:
        return _one(line, ReasonForm(), form), 409
    answer = Response(taken.document, content_type=MEDIA[taken.way])
    answer.headers["Content-Disposition"] = f'attachment; filename="{taken.filename}"'
    return answer


@needs("payments.batch")
def confirm(batch_id: int) -> ResponseReturnValue:
    """Note by hand that the payments of a batch have arrived."""
    line, form = _found(batch_id), BareForm()
    if not form.validate_on_submit():
        abort(400)
    if (seen := pressed_before(form.once.data)) is not None:
        return seen
    with form.refusals():
        arrived = arriving.confirm(db(), batch_id, by=me().id, as_of=as_of())
    if form.refused:
        return _one(line, ReasonForm(), form), 409
    flash(gettext("payments.batch_confirmed", count=arrived), "ok")
    return done(form.once.data, url_for(".batch", batch_id=batch_id))


@needs("payments.batch")
def reject(batch_id: int) -> ResponseReturnValue:
    """Note by hand that one payment came back."""
    line, form = _found(batch_id), RejectForm()
    if form.validate_on_submit():
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        query = select(Payment).where(Payment.name == form.payment.data, Payment.batch_id == batch_id)
        payment = db().exec(query).first() or abort(404)
        with form.refusals(payments__no_reason="reason"):
            arriving.reject(
                db(), batch_id, payment.branch_id, payment.id, form.reason.data, by=me().id, as_of=as_of()
            )
        if not form.refused:
            flash(gettext("payments.payment_rejected"), "ok")
            return done(form.once.data, url_for(".batch", batch_id=batch_id))
    return _one(line, ReasonForm(), form), 422


@needs("payments.batch")
def bring_answer() -> ResponseReturnValue:
    """Bring in the bank's answer, and do what it says."""
    form = AnswerForm()
    if form.validate_on_submit():
        file = form.file.data
        with form.refusals(**dict.fromkeys(ABOUT_THE_FILE, "file")):
            answer, new = arriving.take_answer(
                db(), file.read(), filename=file.filename or "", by=me().id, as_of=as_of()
            )
            _found(answer.batch_id)
        if not form.refused:
            told = "payments.answer_taken" if new else "payments.answer_known"
            counts = {"paid": answer.paid, "rejected": answer.rejected, "waiting": answer.waiting}
            flash(gettext(told, **counts), "ok" if new and not answer.rejected else "info")
            return done(form.once.data, url_for(".batch", batch_id=answer.batch_id))
    status = 422 if form.errors or form.refused else 200
    g.place = "payments.overview"
    return render_template("payments/answer.html", form=form), status


ABOUT_THE_FILE = tuple(
    f"payments__{reason}"
    for reason in (
        "answer_unreadable", "answer_other_file", "answer_incomplete", "answer_status", "answer_twice",
        "answer_foreign", "answer_totals", "answer_unknown_payment", "answer_amount", "answer_contradicts",
        "not_approved",
    )
)  # fmt: skip


def _overview(form: BatchForm) -> str:
    branches = _branches("payments.read")
    own = None if _sees_all() else branches
    total = queries.batch_count(db(), own)
    last = max(-(-total // PAGE), 1)
    page = min(asked_page(), last)
    return render_template(
        "payments/overview.html",
        form=form,
        waiting=waiting_sums(db(), branches),
        batches=queries.batch_lines(db(), own, page),
        total=total,
        page=page,
        last=last,
        makes=batches.WAYS,
        payer=payer_of(current_app.config["SETTINGS"], _company()),
        url_of=lambda number: url_for(".overview", page=number),
    )


def _one(line: BatchLine, refusing: ReasonForm, form: Form | None = None) -> str:
    g.place = "payments.overview"
    payments = queries.payment_lines(db(), line.batch.id or 0)
    return render_template(
        "payments/batch.html",
        line=line,
        batch=line.batch,
        payments=payments,
        answers=queries.answers(db(), line.batch.id or 0),
        returned=queries.returned_total(payments),
        reason_words=queries.reason_words,
        refusing=refusing,
        rejecting=form if isinstance(form, RejectForm) else RejectForm(formdata=None),
        form=form,
        approves=line.state == "waiting" and me().may("payments.approve") and line.batch.made_by != me().id,
    )


def _found(batch_id: int) -> BatchLine:
    """The batch, if all of its payments are the reader's to see."""
    verb = "payments.read" if request.method == "GET" else "payments.batch"
    found = queries.one_batch(db(), batch_id, None if _sees_all() else _branches(verb))
    if found is None:
        undo()
        abort(404)
    return found


def _branches(verb: str) -> list[int]:
    """The branches whose money the reader may see or send; closed ones may still owe some."""
    if _sees_all():
        return [number or 0 for number in db().exec(select(Branch.id))]
    return [branch.id or 0 for branch in visible_branches(verb)]


def _sees_all() -> bool:
    """Whether the reader's permission reaches every branch, closed ones too."""
    return me().may("payments.read", "")


def _company() -> str:
    company = db().get(Company, 1)
    return company.name if company else ""
