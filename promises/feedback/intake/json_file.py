"""JSON: a list of objects, an object that holds one, or an object in each line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from promises.feedback.intake.decoding import check_encoding, encoding_of
from promises.feedback.intake.sheet import TWICE, Reading, Record, Sheet, check_width
from promises.refusal import Refusal

DEEPEST = 4
_HALF_LETTERS = re.compile("[\ud800-\udfff]")


def open_json(data: bytes, reading: Reading) -> Sheet:
    """Understand *data* as JSON: each object is a row, each of its names a column ("customer.id" in others).

    Numbers stay as they are written, whatever their size. A name that an object has twice tells nothing.

    :raises Refusal: ``feedback.not_json`` with line and place, ``feedback.json_no_rows``,
        ``feedback.json_deep``, ``feedback.not_text``, ``feedback.wrong_encoding``, ``feedback.too_wide``.
    """
    encoding = check_encoding(data, reading.encoding) if reading.encoding else encoding_of(data)
    found = _objects(data.decode(encoding).lstrip("\N{ZERO WIDTH NO-BREAK SPACE}"))
    if not found:
        raise Refusal("feedback.json_no_rows")
    rows = [dict(_cells(one)) for one in found]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    check_width(len(columns))

    def records() -> Iterator[Record]:
        for number, row in enumerate(rows, start=2):
            if any(row.values()):
                yield number, [row.get(name, "") for name in columns]

    return Sheet("json", columns, records, encoding=encoding, estimate=len(rows))


def _objects(text: str) -> list[dict[str, Any]]:
    try:
        whole = _loaded(text)
    except json.JSONDecodeError as fault:
        lines = _lines(text)
        if lines is None:
            raise Refusal("feedback.not_json", line=fault.lineno, place=fault.colno) from None
        whole = lines
    except RecursionError:
        raise Refusal("feedback.json_deep", most=DEEPEST) from None
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
        return [_loaded(line) for line in lines]
    except (ValueError, RecursionError):
        return None


def _loaded(text: str) -> Any:
    return json.loads(
        text, parse_int=str, parse_float=str, parse_constant=lambda _word: "", object_pairs_hook=_object
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found |= dict.fromkeys((name for name in found if names.count(name) > 1), TWICE)
    return found


def _cells(value: dict[str, Any], within: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    for name, found in value.items():
        key = f"{within}{name}"
        if isinstance(found, dict) and depth < DEEPEST:
            yield from _cells(found, f"{key}.", depth + 1)
        elif isinstance(found, list) and all(isinstance(one, str | bool) for one in found):
            yield key, ", ".join(_cell(one) for one in found)
        else:
            yield key, _cell(found)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    # Half of a pair of letters is no letter; its row is set aside later.
    return _HALF_LETTERS.sub("\N{REPLACEMENT CHARACTER}", value)
