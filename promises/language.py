"""The reader's language, one for pages, commands and mail.

Message ids are English sentences (templates, forms) or dotted codes (what rules, verbs and tables
say, for example ``verdict.broken``). Both catalogues are plain ``.po`` files in
``promises/translations``; they are read once per process, so there is no compiled file to go stale.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from promises.refusal import Refusal

LANGUAGES = ("fi", "en")
CUSTOMERS = (*LANGUAGES, "sv")
"""The languages that customers are asked and answered in; staff's pages speak the :data:`LANGUAGES`."""
CODE = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
CATALOGUES = Path(__file__).parent / "translations"

_current: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def current() -> str:
    """The language code of the reader of this request or command."""
    return _current.get()


def locale() -> Locale:
    """Babel's locale of the current reader, for dates, numbers and money."""
    return Locale.parse({"fi": "fi_FI", "sv": "sv_FI"}.get(current(), "en_GB"))


def use(language: str, among: Collection[str] = LANGUAGES) -> None:
    """Speak *language* from here on in this context; one that isn't *among* these falls back to the first."""
    _current.set(language if language in among else LANGUAGES[0])


@contextmanager
def spoken(language: str, among: Collection[str] = LANGUAGES) -> Iterator[None]:
    """Speak *language* inside the block, as for a mail to somebody else."""
    token = _current.set(language if language in among else LANGUAGES[0])
    try:
        yield
    finally:
        _current.reset(token)


@cache
def translations(language: str) -> Translations:
    """The catalogue of *language* as a gettext object."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    words = Translations(compiled)
    if language not in LANGUAGES:
        # Only pages for customers speak it; what those share with staff's pages may lack words in it.
        words.add_fallback(translations("en"))
    return words


def gettext(message: str, **facts: Any) -> str:
    """*message* in the reader's language, with ``%(name)s`` filled from *facts*."""
    return str(translations(current()).ugettext(message)) % facts


def ngettext(one: str, many: str, n: int, **facts: Any) -> str:
    """The plural form that fits *n*, which the text may name as ``%(num)s``."""
    text = str(translations(current()).ungettext(one, many, n))
    return text % {"num": n, **facts}


def sentence(refusal: Refusal) -> str:
    """What was refused and why, in the reader's language."""
    return gettext(refusal.code, **refusal.facts)


def lazy(message: str) -> LazyText:
    """A text that is translated when it is shown: for form labels, defined before any reader is known."""
    return LazyText(message)


class LazyText:
    """See :func:`lazy`."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __str__(self) -> str:
        return gettext(self.message)

    def __html__(self) -> str:
        return str(escape(str(self)))

    def __mod__(self, other: Any) -> str:
        return str(str(self) % other)
