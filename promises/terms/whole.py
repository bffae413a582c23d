"""The form in which the whole terms document is set, for terms that are richer than fields can show."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from promises import language
from promises.language import lazy
from promises.terms.checking import CheckedForm
from promises.terms.document import TermsDocument
from promises.terms.reading import TermsRefused, read_terms, write_terms

LONGEST = 200_000


class WholeForm(CheckedForm):
    """The document as JSON; every fault stands on the field with its place and reason."""

    document = TextAreaField(
        lazy("The whole terms, as JSON"),
        [DataRequired(), Length(max=LONGEST)],
        render_kw={"spellcheck": "false", "autocapitalize": "off", "autocomplete": "off"},
    )

    def check(self) -> TermsDocument | None:
        """The terms that were written; None with the faults on the field."""
        try:
            return read_terms(self.document.data)
        except TermsRefused as refused:
            told = [language.sentence(fault) for fault in refused.faults]
            self.document.errors = [*self.document.errors, *told]
            return None


def as_text(terms: TermsDocument, *, starts: date | None = None, code: str | None = None) -> str:
    """*terms* as people edit them, beginning on another date or under another code if they are given."""
    document: dict[str, Any] = write_terms(terms)
    if starts is not None:
        document["starts"] = str(starts)
    if code is not None:
        document["promise"] = code
    return json.dumps(document, ensure_ascii=False, indent=2)
