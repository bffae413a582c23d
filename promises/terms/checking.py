"""The check step of every form in which terms are set: shown in plain words first, saved after."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from wtforms import HiddenField

from promises.terms.agreement import Doubt, doubts
from promises.terms.document import TermsDocument
from promises.terms.reading import write_terms
from promises.web.forms import Form


class CheckedForm(Form):
    """A press is only confirmed when exactly these terms had been shown in plain words before.

    ``checked`` holds the fingerprint of what was shown, ``number`` that of the version to be set.
    """

    doubts: Sequence[Doubt] = ()
    """What customers are told and the terms don't bear out; shown with the plain words."""
    checked = HiddenField()
    number = HiddenField()

    def confirmed(self, terms: TermsDocument) -> bool:
        """Whether this press says yes to exactly what was shown; the next press then can."""
        seen = sha256(json.dumps(write_terms(terms), sort_keys=True).encode()).hexdigest()
        agrees = bool(self.checked.data == seen)
        self.checked.data = seen
        self.doubts = doubts(terms)
        return agrees

    @property
    def next_number(self) -> int:
        """The number that the version is meant to get; 0, which none has, if it was tampered with."""
        return int(self.number.data) if str(self.number.data).isdecimal() else 0
