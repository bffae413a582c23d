"""Which kind of file it is, by what is in it; its name is trusted for nothing."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from promises.feedback.intake.csv_file import open_csv
from promises.feedback.intake.sheet import Reading, Sheet
from promises.feedback.intake.workbook import open_workbook
from promises.refusal import Refusal

PACKED = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
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
MARKED_UP = (b"<", b"{", b"[{")


def open_file(data: bytes, reading: Reading | None = None) -> Sheet:
    """Understand an uploaded file as a sheet of rows.

    :raises Refusal: ``feedback.file_empty``, ``feedback.old_workbook``, ``feedback.wrong_kind`` and
        whatever the reader of its kind refuses.
    """
    reading = reading or Reading()
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refusal("feedback.file_empty")
    if data.startswith(OLD_OFFICE):
        raise Refusal("feedback.old_workbook")
    for mark, kind in OTHER_KINDS:
        if data.startswith(mark):
            raise Refusal("feedback.wrong_kind", found=kind)
    start = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark in MARKED_UP:
        if start.startswith(mark):
            raise Refusal("feedback.wrong_kind", found="JSON" if mark[:1] in b"{[" else "HTML/XML")
    opened = open_workbook if data.startswith(PACKED) else open_csv
    sheet = opened(data, reading)
    digest = sha256(data)
    digest.update(sheet.name.encode())
    return replace(sheet, fingerprint=digest.hexdigest())
