"""Which characters the bytes of a file stand for."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from promises.refusal import Refusal

# What Finnish companies' programs write, besides Unicode; the first is by far the most common.
OLD_ENCODINGS = ("cp1252", "iso8859_15", "mac_roman", "cp850")
# The letters beyond ASCII that stand in such files when they are read rightly, and signs that may.
LETTERS = frozenset("äöåÄÖÅ")
SIGNS = frozenset("éÉèüÜáßøØæÆšžŠŽ–—‘’“”„…•€°§½´\N{NO-BREAK SPACE}")
MOSTLY = 0.45
SAMPLE = 256 * 1024
# Above this share of broken letters a file isn't UTF-8 with a few scratches but another encoding.
MOST_BROKEN = 0.1
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")


def encoding_of(data: bytes) -> str:
    """The Python name of the encoding of *data*.

    A mark at its start decides; else UTF-8, if it is that but for a few broken letters (their rows
    are set aside later); else UTF-16 without a mark; else the old
    encoding that gives the letters that are usual here; else whatever charset-normalizer makes of it.

    :raises Refusal: ``feedback.not_text`` if these are no characters in any of them.
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    wide = _wide(data)
    if wide:
        return wide
    if len(_CONTROL.findall(data[:SAMPLE])) > len(data[:SAMPLE]) // 200:
        raise Refusal("feedback.not_text")
    if _is_utf8(data):
        return "utf-8"
    letters = b"\n".join(line for line in data.splitlines() if not line.isascii())[:SAMPLE]
    usual = {name: _expected(letters, name) for name in OLD_ENCODINGS}
    likely = max(OLD_ENCODINGS, key=lambda name: usual[name])
    if usual[likely] >= MOSTLY:
        return likely
    best = from_bytes(letters).best()
    if best is None:
        raise Refusal("feedback.not_text")
    return best.encoding


def check_encoding(data: bytes, encoding: str) -> str:
    """*encoding* as Python names it, if *data* can be read by it.

    :raises Refusal: ``feedback.wrong_encoding`` if it is unknown or does not fit.
    """
    try:
        name = codecs.lookup(encoding).name
        data.decode(name)
    except (LookupError, UnicodeError):
        raise Refusal("feedback.wrong_encoding", encoding=encoding) from None
    return name


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", errors="replace")
        broken = text.count("\N{REPLACEMENT CHARACTER}")
        whole = sum(1 for c in text if c > "\x7f") - broken
        return broken < MOST_BROKEN * (broken + whole)
    return True


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: in Latin texts every other byte is then zero."""
    sample = data[:SAMPLE]
    half = len(sample) // 2
    if half < 2:
        return ""
    if sample[1::2].count(0) > 0.7 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return ""


def _expected(data: bytes, encoding: str) -> float:
    """Of the characters beyond ASCII, the share that is usual here, where a sign counts for half of a
    letter; nothing if *data* can't be read so."""
    try:
        beyond = [c for c in data.decode(encoding) if c > "\x7f"]
    except UnicodeDecodeError:
        return 0.0
    return sum((c in LETTERS) + 0.5 * (c in SIGNS) for c in beyond) / len(beyond)
