"""Ready terms to start from, and pages on which a whole terms document is set."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from promises import language
from promises.terms import actions, queries
from promises.terms.document import TermsDocument
from promises.terms.line import Line
from promises.terms.setting import explained
from promises.terms.stepping import press
from promises.terms.templates import names, template
from promises.terms.whole import WholeForm, as_text
from promises.web.guard import needs
from promises.web.request import as_of, db, me


@needs("terms.read")
def templates() -> ResponseReturnValue:
    ready = [(name, template(name)) for name in names()]
    return render_template(
        "terms/templates.html", ready=ready, spoken=language.current(), explain=_explain, decision=_decision()
    )


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
        decision=_decision(),
    )


@needs("terms.set")
def new() -> ResponseReturnValue:
    """A promise from a whole document, begun from ready terms if ``template`` names them.

    What a ``decision`` chose becomes a promise at that decision, so that the chain holds.
    """
    name = request.args.get("template", "bank-15-minutes")
    if (decision := _decision()) is not None:
        return redirect(url_for("decisions.launch_whole", decision_id=decision, template=name))
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
    step = press(
        db(),
        form,
        before,
        save=lambda _: actions.set_terms(
            db(), document=form.document.data, number=form.next_number, by=me().id, as_of=as_of()
        ),
        said="terms.set",
        there=lambda terms: url_for(".one", code=terms.promise),
    )
    if step.answer is not None:
        return step.answer
    page = render_template(
        "terms/whole.html", form=form, words=step.words, before=before, there=there, back=back,
        spoken=language.current(),
    )  # fmt: skip
    return page, 422 if form.errors or form.refused else 200


def _explain(terms: TermsDocument) -> list[Line]:
    return explained(terms, {})


def _ready(name: str) -> TermsDocument:
    return template(name) if name in names() else abort(404)


def _decision() -> int | None:
    """The decision for whose promise ready terms are looked for, if any."""
    return request.args.get("decision", type=int)


def _today(terms: TermsDocument, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(terms.zone)).date()
