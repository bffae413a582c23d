"""Which column holds what: guessed by name and content, remembered, confirmed by people."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from promises.feedback.intake.dates import Order, order_of, read_moment
from promises.feedback.intake.header import FIELDS, NAMES
from promises.feedback.intake.sheet import Record, Sheet, letter, plain
from promises.refusal import Refusal

LOOKED_AT = 500
# A column without a telling name is taken for something only if nearly all its cells say so.
NEARLY_ALL = 0.9
ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Columns:
    """Field → index of the column that holds it. ``order`` is how slashed dates are to be read.

    ``source`` is the name of the source of rows that have none of their own.
    """

    where: Mapping[str, int] = field(default_factory=dict)
    order: Order = Order.NONE
    source: str = ""

    def cell(self, name: str, cells: Sequence[str]) -> str:
        """The cell of field *name*, or nothing if there is no such column or the row ends before it."""
        index = self.where.get(name)
        return cells[index].strip() if index is not None and index < len(cells) else ""

    def check(self) -> None:
        """Whether enough is told to take feedback from a file.

        :raises Refusal: ``feedback.no_text_column``, ``feedback.no_source``.
        """
        if "text" not in self.where:
            raise Refusal("feedback.no_text_column")
        if not self.source:
            raise Refusal("feedback.no_source")

    def remembered(self, sheet: Sheet) -> dict[str, Any]:
        """What is kept of this mapping: by names, so that it shows what was meant."""
        named = {name: title(sheet, index) for name, index in self.where.items()}
        return {"columns": named, "where": dict(self.where), "order": self.order.value, "source": self.source}


def recall(kept: Mapping[str, Any], sheet: Sheet) -> Columns:
    """The mapping that :meth:`Columns.remembered` kept, for a file with the same header."""
    width = len(sheet.columns)
    where = {name: int(i) for name, i in kept["where"].items() if name in FIELDS and int(i) < width}
    return Columns(where, Order(kept["order"]), str(kept["source"]))


def title(sheet: Sheet, index: int) -> str:
    """A column's name, or its letter where it has none."""
    return sheet.columns[index] or letter(index)


def guess(sheet: Sheet, branches: Collection[str] = ()) -> Columns:
    """The columns by their names, then by what stands in them.

    :param branches: codes and names of the branches, in lower case.
    """
    # A score is taken by its name alone: many columns hold small numbers, and a wrong one tells lies.
    rows = sheet.first(LOOKED_AT)
    where = _by_name(sheet.columns)
    free = [i for i in range(len(sheet.columns)) if i not in where.values()]
    values = {i: [value for value in _column(rows, i) if value] for i in free}
    tests: dict[str, Callable[[list[str]], list[bool]]] = {
        "date": _reads_as_date,
        "branch": lambda found: [value.casefold() in branches for value in found],
    }
    for name, test in tests.items():
        if name in where:
            continue
        fitting = [i for i, found in values.items() if found and _share(test(found)) >= NEARLY_ALL]
        if fitting:
            where[name] = fitting[0]
            del values[fitting[0]]
    if "text" not in where:
        longest = max(values, key=lambda i: _prose(values[i]), default=None)
        if longest is not None and _prose(values[longest]) > 0:
            where["text"] = longest
    return Columns(dict(where), _order(rows, where))


def by_names(
    sheet: Sheet,
    named: Mapping[str, str],
    *,
    branches: Collection[str] = (),
    order: Order = Order.NONE,
    source: str = "",
) -> Columns:
    """The guessed columns, with those that a person named by title or letter in their place.

    :param named: field → column title (or letter); an empty one means: not in this file.
    :raises Refusal: ``feedback.no_such_column``.
    """
    where = dict(guess(sheet, branches).where)
    titles = {plain(title(sheet, i)): i for i in reversed(range(len(sheet.columns)))}
    letters = {plain(letter(i)): i for i in range(len(sheet.columns))}
    for name, wanted in named.items():
        where.pop(name, None)
        if not wanted:
            continue
        index = titles.get(plain(wanted), letters.get(plain(wanted)))
        if index is None:
            known = ", ".join(title(sheet, i) for i in range(len(sheet.columns)))
            raise Refusal("feedback.no_such_column", found=wanted, columns=known)
        where = {other: i for other, i in where.items() if i != index}
        where[name] = index
    return Columns(where, order or _order(sheet.first(LOOKED_AT), where), source)


def with_order(columns: Columns, sheet: Sheet) -> Columns:
    """*columns* with the date order that the whole file tells, unless a person has said it."""
    index = columns.where.get("date")
    if index is None or columns.order in {Order.DAY, Order.MONTH}:
        return columns
    return looked_through(columns, sheet)[0]


def looked_through(columns: Columns, sheet: Sheet) -> tuple[Columns, int]:
    """The same, and how many rows the file has. It is read once from end to end, so that what makes it
    unreadable is known before anything is done with it."""
    count = 0

    def dates() -> Iterator[str]:
        nonlocal count
        for _, cells in sheet.records():
            count += 1
            yield columns.cell("date", cells)

    told = order_of(dates())
    asked = "date" in columns.where and columns.order not in {Order.DAY, Order.MONTH}
    return replace(columns, order=told) if asked else columns, count


def _by_name(columns: Sequence[str]) -> dict[str, int]:
    names = [plain(name) for name in columns]
    where: dict[str, int] = {}
    for name in FIELDS:
        for known in NAMES[name]:
            if known in names and names.index(known) not in where.values():
                where[name] = names.index(known)
                break
    return where


def _column(rows: Sequence[Record], index: int) -> list[str]:
    return [cells[index].strip() for _, cells in rows if index < len(cells)]


def _order(rows: Sequence[Record], where: Mapping[str, int]) -> Order:
    return order_of(_column(rows, where["date"])) if "date" in where else Order.NONE


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def _reads_as_date(found: list[str]) -> list[bool]:
    order = order_of(found)
    return [_is_date(value, Order.DAY if order is Order.UNCLEAR else order) for value in found]


def _is_date(value: str, order: Order) -> bool:
    try:
        read_moment(value, order, ZONE)
    except (ValueError, OverflowError):
        return False
    return True


def _prose(found: Sequence[str]) -> float:
    """How much this looks like people's words: the mean length of its cells that hold a space."""
    words = [value for value in found if " " in value and any(c.isalpha() for c in value)]
    return sum(map(len, words)) / len(found) if found else 0.0
