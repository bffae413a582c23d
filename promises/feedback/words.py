"""Words for what files bring along: codes that the catalogues know, and anything else as it is."""

from __future__ import annotations

from promises.feedback.masking import SIGN
from promises.language import gettext


def named(value: str, family: str) -> str:
    """The words of *family* + *value*, or *value* itself where the catalogues have none for it.

    :param family: with its dot, such as ``"source."``.
    """
    code = family + value
    told = gettext(code)
    return value if told == code else told


def said(text: str) -> str:
    """*text* as it is read: what was masked in it is named in the reader's language ("[nimi]")."""
    return SIGN.sub(lambda sign: f"[{gettext(f'masked.{sign[1]}')}]", text)
