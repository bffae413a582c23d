"""Which kind of file it is, by what is in it; its name is trusted for nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from promises.feedback.intake.csv_file import open_csv
from promises.feedback.intake.json_file import open_json
from promises.feedback.intake.sheet import Reading, Sheet
from promises.feedback.intake.workbook import open_workbook
from promises.refusal import Refusal

PACKED = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
LOCKED = "EncryptedPackage".encode("utf-16-le")
OTHER_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "GZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"{\\rtf", "RTF"),
)
# A text may begin with a bracket, but hardly with one and a brace.
JSON = re.compile(rb"\{|\[\s*[{\]]")


def open_file(data: bytes, reading: Reading | None = None) -> Sheet:
    """Understand an uploaded file as a sheet of rows.

    :raises Refusal: ``feedback.file_empty``, ``feedback.old_workbook``, ``feedback.locked_workbook``,
        ``feedback.wrong_kind`` and        whatever the reader of its kind refuses.
    """
    reading = reading or Reading()
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refusal("feedback.file_empty")
    if data.startswith(OLD_OFFICE):
        raise Refusal("feedback.locked_workbook" if LOCKED in data else "feedback.old_workbook")
    for mark, kind in OTHER_KINDS:
        if data.startswith(mark):
            raise Refusal("feedback.wrong_kind", found=kind)
    start = data[:256].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if start.startswith(b"<"):
        raise Refusal("feedback.wrong_kind", found="HTML/XML")
    sheet = _reader(data, start)(data, reading)
    digest = sha256(data)
    digest.update(sheet.name.encode())
    return replace(sheet, fingerprint=digest.hexdigest())


def fingerprint_of(data: bytes, *, header: bool | None = None) -> str:
    """By what an uploaded file is known again.

    :param header: whether its first row names the columns, if that is known.

    :raises Refusal: what can't be read, and ``feedback.no_rows`` for a file that holds a header only.
    """
    sheet = open_file(data, Reading(header=header))
    if not sheet.first(1):
        raise Refusal("feedback.no_rows")
    return sheet.fingerprint


def _reader(data: bytes, start: bytes) -> Callable[[bytes, Reading], Sheet]:
    if data.startswith(PACKED):
        return open_workbook
    begins = start.replace(b"\0", b"")
    return open_json if JSON.match(begins) or (begins.startswith(b"[") and _is_json(data)) else open_csv


def _is_json(data: bytes) -> bool:
    """Whether a file that begins with a bracket, as a text may too, is JSON of some other shape."""
    try:
        json.loads(data)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True
