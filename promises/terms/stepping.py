"""The two presses in which a whole terms document is set: shown in plain words first, saved after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash
from sqlmodel import Session
from werkzeug.wrappers import Response

from promises.language import gettext
from promises.refusal import Refusal
from promises.terms import queries
from promises.terms.document import TermsDocument
from promises.terms.line import Line
from promises.terms.live import check_live
from promises.terms.setting import branch_names, plain_words
from promises.terms.whole import WholeForm
from promises.web.once import done, pressed_before

ON_DOCUMENT = {
    f"terms__{code}": "document"
    for code in (
        "other_promise", "code_taken", "reserved_code", "starts_in_past", "starts_before_latest",
        "unknown_branch", "moment_stays", "currency_stays", "long_milestone",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What a press came to: the *words* to show before the next one, or the *answer* to give at once."""

    words: list[Line] | None = None
    answer: Response | None = None


def press(
    session: Session,
    form: WholeForm,
    before: TermsDocument | None,
    *,
    save: Callable[[TermsDocument], object],
    said: str,
    there: Callable[[TermsDocument], str],
) -> Step:
    """Check the document; on the second press save exactly what was shown.

    :param before: the version that it follows; None for a promise of its own.
    :param save: the verb, called once; a refusal of it stands on the form.
    :param said: what is then said to the person, a message id; *there*: where it leads.
    """
    if not form.validate_on_submit() or (terms := form.check()) is None:
        return Step()
    with form.refusals(**ON_DOCUMENT):
        if before is not None and terms.promise != before.promise:
            raise Refusal("terms.other_promise", found=terms.promise, expected=before.promise)
        if before is None and queries.find(session, terms.promise) is not None:
            seen = pressed_before(form.once.data)
            if seen is not None:
                return Step(answer=seen)
            raise Refusal("terms.code_taken", found=terms.promise)
        check_live(terms, before)
    if form.refused:
        return Step()
    if not form.confirmed(terms):
        return Step(words=plain_words(terms, branch_names(session)))
    if (seen := pressed_before(form.once.data)) is not None:
        return Step(answer=seen)
    with form.refusals(**ON_DOCUMENT):
        save(terms)
    if form.refused:
        return Step()
    flash(gettext(said), "ok")
    return Step(answer=done(form.once.data, there(terms)))
