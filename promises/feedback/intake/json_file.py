"""JSON: a list of objects, an object that holds one, or an object in each line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from promises.feedback.intake.decoding import check_encoding, encoding_of
from promises.feedback.intake.sheet import Reading, Record, Sheet
from promises.refusal import Refusal

DEEPEST = 4
MOST_COLUMNS = 500


def open_json(data: bytes, reading: Reading) -> Sheet:
    """Understand *data* as JSON: each object is a row, each of its names a column ("customer.id" in others).

    :raises Refusal: ``feedback.not_json`` with line and place, ``feedback.json_no_rows``,
        ``feedback.not_text``, ``feedback.wrong_encoding``.
    """
    encoding = check_encoding(data, reading.encoding) if reading.encoding else encoding_of(data)
    found = _objects(data.decode(encoding).lstrip("\N{ZERO WIDTH NO-BREAK SPACE}"))
    if not found:
        raise Refusal("feedback.json_no_rows")
    rows = [dict(_cells(one)) for one in found]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))[:MOST_COLUMNS]

    def records() -> Iterator[Record]:
        for number, row in enumerate(rows, start=2):
            if any(row.values()):
                yield number, [row.get(name, "") for name in columns]

    return Sheet("json", columns, records, encoding=encoding, estimate=len(rows))


def _objects(text: str) -> list[dict[str, Any]]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError as fault:
        lines = _lines(text)
        if lines is None:
            raise Refusal("feedback.not_json", line=fault.lineno, place=fault.colno) from None
        whole = lines
    except (RecursionError, ValueError):
        # Nested without end, or a number of thousands of digits: nobody's answers.
        raise Refusal("feedback.json_no_rows") from None
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if isinstance(value, list)]
        whole = max(lists, key=len, default=[whole])
    return [one for one in whole if isinstance(one, dict)] if isinstance(whole, list) else []


def _lines(text: str) -> list[Any] | None:
    """An object in each line, or None if it is anything else."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return None
    try:
        return [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        return None


def _cells(value: dict[str, Any], within: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    for name, found in value.items():
        key = f"{within}{name}"
        if isinstance(found, dict) and depth < DEEPEST:
            yield from _cells(found, f"{key}.", depth + 1)
        elif isinstance(found, list) and all(isinstance(one, str | int | float) for one in found):
            yield key, ", ".join(str(one) for one in found)
        else:
            yield key, _cell(found)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
