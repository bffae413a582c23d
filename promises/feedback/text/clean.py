"""Text as people type it, made fit for reading word by word. Nothing here depends on the language."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from promises.feedback.masking import SIGN

MARKUP = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,200}|!--.*?--)>", re.DOTALL)
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")
DRAWN_OUT = re.compile(r"(\w)\1{2,}")
# Almost every text: nothing in it to put together or to take out but drawn-out letters and blanks.
SIMPLE = re.compile(r"[ !'(),\-.0-9?A-Za-zÄÅÖäåö]*")
# Nothing in it to take out sign by sign.
PLAIN = re.compile(r"[ !-/0-;=?@A-~À-ž’”–…€\n\t]*")
SPACE = re.compile(r"\s+")


# The same text is asked for several times while it is read.
@lru_cache(maxsize=1000)
def clean(text: str) -> str:
    """*text* without markup, addresses, what was masked, controls, direction signs, emoji, drawn-out letters.

    Letters are put together (NFC) and one blank stands between words; case and punctuation stay.
    """
    if SIMPLE.fullmatch(text) and "www." not in text:
        return " ".join(DRAWN_OUT.sub(r"\1\1", text).split())
    text = unicodedata.normalize("NFC", html.unescape(text))
    text = ADDRESS.sub(" ", MARKUP.sub(" ", SIGN.sub(" ", text)))
    if not PLAIN.fullmatch(text):
        text = "".join(c if readable(c) else " " for c in text)
    return SPACE.sub(" ", DRAWN_OUT.sub(r"\1\1", text)).strip()


def readable(sign: str) -> bool:
    """Letters, marks, digits, punctuation and money; not emoji, controls or signs of direction."""
    kind = unicodedata.category(sign)
    return kind[0] in "LMNPZ" or kind == "Sc" or sign in "+=<>"
