"""Ready terms to start from, and pages on which a whole terms document is set."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.language import gettext
from promises.refusal import Refusal
from promises.terms import actions, queries
from promises.terms.document import TermsDocument
from promises.terms.line import Line
from promises.terms.live import check_live
from promises.terms.setting import branch_names, explained, plain_words
from promises.terms.templates import names, template
from promises.terms.whole import WholeForm, as_text
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me


@needs("terms.read")
def templates() -> ResponseReturnValue:
    ready = [(name, template(name)) for name in names()]
    return render_template("terms/templates.html", ready=ready, spoken=language.current(), explain=_explain)


@needs("terms.read")
def ready(name: str) -> ResponseReturnValue:
    terms = _ready(name)
    return render_template(
        "terms/template.html",
        name=name,
        terms=terms,
        spoken=language.current(),
        words=_explain(terms),
        text=as_text(terms),
    )


@needs("terms.set")
def new() -> ResponseReturnValue:
    """A promise from a whole document, begun from ready terms if ``template`` names them."""
    name = request.args.get("template", "bank-15-minutes")
    start = _ready(name)
    code = queries.free_code(db(), start.promise)
    form = WholeForm(
        data={"document": as_text(start, starts=_today(start, as_of()), code=code), "number": "1"}
    )
    there = url_for(".new", template=name)
    return _set(form, None, there, url_for(".ready", name=name))


@needs("terms.set")
def whole(code: str) -> ResponseReturnValue:
    """The next version of a promise as a whole document, from its newest one or from ready terms."""
    promise = queries.find(db(), code)
    found = queries.promises(db(), promise.id) if promise else []
    if not found:
        abort(404)
    newest = found[0].versions[-1]
    name = request.args.get("template")
    start = _ready(name) if name else newest.terms
    begins = max(start.starts, _today(start, as_of()))
    form = WholeForm(
        data={"document": as_text(start, starts=begins, code=code), "number": str(newest.number + 1)}
    )
    there = url_for(".whole", code=code, template=name)
    return _set(form, newest.terms, there, url_for(".one", code=code))


def _set(form: WholeForm, before: TermsDocument | None, there: str, back: str) -> ResponseReturnValue:
    """Check, show in plain words, and on the second press set what was shown."""
    words = None
    if form.validate_on_submit() and (terms := form.check()) is not None:
        with form.refusals(**_ON_DOCUMENT):
            if before is not None and terms.promise != before.promise:
                raise Refusal("terms.other_promise", found=terms.promise, expected=before.promise)
            if before is None and queries.find(db(), terms.promise) is not None:
                raise Refusal("terms.code_taken", found=terms.promise)
            check_live(terms, before)
        if not form.refused:
            if not form.confirmed(terms):
                words = plain_words(terms, branch_names(db()))
            else:
                if (seen := pressed_before(form.once.data)) is not None:
                    return seen
                with form.refusals(**_ON_DOCUMENT):
                    actions.set_terms(
                        db(),
                        document=form.document.data,
                        number=form.next_number,
                        by=me().id,
                        as_of=as_of(),
                    )
                if not form.refused:
                    flash(gettext("terms.set"), "ok")
                    return done(form.once.data, url_for(".one", code=terms.promise))
    page = render_template(
        "terms/whole.html", form=form, words=words, before=before, there=there, back=back,
        spoken=language.current(),
    )  # fmt: skip
    return page, 422 if form.errors or form.refused else 200


_ON_DOCUMENT = {
    f"terms__{code}": "document"
    for code in (
        "other_promise", "code_taken", "reserved_code", "starts_in_past", "starts_before_latest",
        "unknown_branch", "moment_stays", "currency_stays", "long_milestone", "by_hand_not_live",
    )
}  # fmt: skip


def _explain(terms: TermsDocument) -> list[Line]:
    return explained(terms, {})


def _ready(name: str) -> TermsDocument:
    return template(name) if name in names() else abort(404)


def _today(terms: TermsDocument, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(terms.zone)).date()
