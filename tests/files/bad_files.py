"""Files as they really come, and as nobody should send them: the same troubles in feedback and in cases.

Each is made from a *good* file of the room: a heading and rows of texts.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence

import openpyxl

Rows = Sequence[Sequence[str]]
FORMULA = "=cmd|' /C calc'!A0"
MANY = 10_000


def table(rows: Rows, delimiter: str = ";", end: str = "\n") -> str:
    return "".join(delimiter.join(row) + end for row in rows)


def workbook(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def swelling() -> bytes:
    """A workbook of a few hundred kilobytes that unpacks to hundreds of megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        with parts.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(300):
                sheet.write(b" " * (1 << 20))
    return out.getvalue()


def entities() -> bytes:
    """A workbook whose text is defined through itself: a billion laughs."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    rows = "<worksheet><sheetData><row><c><v>&l9;</v></c></row></sheetData></worksheet>"
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY l0 "ha">{laughs}]>{rows}'
    return replaced(workbook([["text", "score"], ["Jono", "3"]]), "xl/worksheets/sheet1.xml", bomb.encode())


def replaced(book: bytes, name: str, content: bytes) -> bytes:
    """*book* with other bytes in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return out.getvalue()


def unreadable(good: Rows) -> dict[str, tuple[bytes, str]]:
    """Files that can't be taken at all: name → bytes, and a part of what is said in Finnish."""
    whole = workbook(good)
    deep = "[" * 100_000 + "]" * 100_000
    return {
        "empty": (b"", "tyhjä"),
        "nothing but blanks": (b" \r\n\t\r\n \n", "tyhjä"),
        "heading only": (table(good[:1]).encode(), "ei yhtään riviä"),
        "truncated workbook": (whole[: len(whole) // 2], "ehjä Excel"),
        "a workbook without its sheet": (replaced(whole, "xl/worksheets/sheet1.xml", b""), "ehjä Excel"),
        "zip bomb": (swelling(), "megatavuksi"),
        "billion laughs": (entities(), "ehjä Excel"),
        "any zip": (zipped(), "ehjä Excel"),
        "a workbook with a password": (locked(), "salasanalla"),
        "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "vanhan Excelin"),
        "binary": (bytes(range(256)) * 40, "merkistössä"),
        "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        "a page": (b"<!DOCTYPE html><html><body><table></table></body></html>", "HTML"),
        "a quotation that never ends": (
            (table(good) + '"auki;' + table(good[1:] * 400)).encode(),
            "ei pääty koskaan",
        ),
        "10,000 columns": (table([[f"c{n}" for n in range(MANY)], ["1"] * MANY]).encode(), "10000 saraketta"),
        "JSON nested without end": (f'{{"a": {deep}}}'.encode(), "JSON"),
        "JSON of the wrong shape": (b'{"answers": [1, 2], "more": ["a"]}', "JSON"),
        "JSON without objects": (b'["words", "more words"]', "JSON"),
        "JSON of numbers": (b"[1, 2, 3]", "JSON"),
        "broken JSON": (b'[{"a": 1}, {"a": ', "JSON"),
    }


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("readme.txt", "words")
    return out.getvalue()


def locked() -> bytes:
    """How Excel wraps a workbook with a password: the old container, with a part that is called so."""
    name = "EncryptedPackage".encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000) + name + bytes(1_000)


def readable(good: Rows) -> dict[str, bytes]:
    """The same rows in every dress that they come in: all of them are taken."""
    text, quoted = table(good), [[f'"{cell}"' for cell in row] for row in good]
    objects = [dict(zip(good[0], row, strict=True)) for row in good[1:]]
    lines = text.splitlines()
    mixed = "".join(line + end for line, end in zip(lines, ["\r\n", "\n", "\r"] * len(lines), strict=False))
    return {
        "UTF-8": text.encode(),
        "UTF-8 with a mark": text.encode("utf-8-sig"),
        "UTF-16 with a mark": text.encode("utf-16"),
        "UTF-16 little-endian without a mark": text.encode("utf-16-le"),
        "UTF-16 big-endian without a mark": text.encode("utf-16-be"),
        "UTF-32": text.encode("utf-32"),
        "Latin-1": text.encode("latin-1"),
        "Windows-1252": text.encode("cp1252"),
        "old Mac": text.encode("mac-roman"),
        "DOS": text.encode("cp850"),
        "semicolons": table(good, ";").encode(),
        "commas": table(quoted, ",").encode(),
        "tabs": table(good, "\t").encode(),
        "bars": table(good, "|").encode(),
        "Windows line ends": table(good, ";", "\r\n").encode(),
        "old Mac line ends": table(good, ";", "\r").encode(),
        "mixed line ends": mixed.encode(),
        "no last line end": text.rstrip("\n").encode(),
        "blank lines between": text.replace("\n", "\n\n").encode(),
        "Excel's line of the separator": ("sep=;\n" + text).encode(),
        "a workbook": workbook(good),
        "a JSON array": json.dumps(objects, ensure_ascii=False).encode(),
        "JSON within an object": json.dumps({"rows": objects}).encode(),
        "JSON lines": "\n".join(json.dumps(one) for one in objects).encode(),
    }
