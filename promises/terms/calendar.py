"""The opening hours of branches, from the register to the value that clocks run on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Table,
    Text,
    bindparam,
    cast,
    null,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlmodel import Session

from promises.people.tables import Branch, Company, SpecialDay
from promises.people.tables import OpeningHours as Row
from promises.plain import Remembered, plain_rows
from promises.refusal import Refusal
from promises.terms.hours import Interval, OpeningHours, known_holidays, read_week
from promises.terms.tables import HoursChange

_branch: Table = Branch.__table__  # type: ignore[attr-defined]
_company: Table = Company.__table__  # type: ignore[attr-defined]
_week: Table = Row.__table__  # type: ignore[attr-defined]
_special: Table = SpecialDay.__table__  # type: ignore[attr-defined]
_change: Table = HoursChange.__table__  # type: ignore[attr-defined]


def branch_hours(session: Session, codes: Collection[str] | None = None) -> dict[str, OpeningHours]:
    """Opening hours by branch code, of all branches or of some.

    Public holidays of the company's country are closed unless the register has hours for the date.
    A branch without any hours in the register isn't in the answer: its hours are unknown, not none.
    Each date has the hours that were valid on it, so a case is judged by those of its own time.
    """
    if codes is None:
        return _branch_hours(session, None)
    asked = tuple(sorted(codes))
    rows = tuple(plain_rows(session, statement, asked) for statement in _PLAIN)
    return dict(_hours.get((asked, rows), lambda: _branch_hours(session, asked)))


def _branch_hours(session: Session, codes: Collection[str] | None) -> dict[str, OpeningHours]:
    every = codes is None
    asked = {} if codes is None else {"codes": list(codes)}
    session.flush()
    changes: defaultdict[tuple[str, str], list[tuple[date, str]]] = defaultdict(list)
    for code, zone, valid_from, written in session.execute(_LATER if every else _CHOSEN_LATER, asked):
        changes[code, zone].append((valid_from, written))
    rows: defaultdict[tuple[str, str], list[_Hours]] = defaultdict(list)
    for code, zone, *hours in session.execute(_EVERY if every else _CHOSEN, asked):
        rows[code, zone].append(tuple(hours))
    known = rows.keys() | changes.keys()
    holidays = holiday_calendar(session) if known else ""
    return {
        code: _read(zone, holidays, frozenset(rows[code, zone]), tuple(changes[code, zone]))
        for code, zone in known
    }


_NAMED = (_branch.c.code, _branch.c.zone)


def _lines(*which: ColumnElement[bool]) -> CompoundSelect[Any]:
    """The lines of the register: code, zone, weekday or date, opening and closing."""
    usual = select(
        *_NAMED, _week.c.weekday, type_coerce(null(), _special.c.day.type), _week.c.opens, _week.c.closes
    ).join(_week, _week.c.branch_id == _branch.c.id)
    differing = select(
        *_NAMED,
        type_coerce(null(), _week.c.weekday.type),
        _special.c.day,
        _special.c.opens,
        _special.c.closes,
    ).join(_special, _special.c.branch_id == _branch.c.id)
    return union_all(usual.where(*which), differing.where(*which))


_AMONG = _branch.c.code.in_(bindparam("codes", expanding=True))
_EVERY, _CHOSEN = _lines(true()), _lines(_AMONG)
_LATER = (
    select(*_NAMED, _change.c.valid_from, cast(_change.c.week, Text))
    .join(_change, _change.c.branch_id == _branch.c.id)
    .order_by(_change.c.id)
)
_CHOSEN_LATER = _LATER.where(_AMONG)
_COUNTRY = select(_company.c.country).where(_company.c.id == 1)

# The same register for some branches, as it stands: what opening hours are remembered by.
_PLAIN = (
    "SELECT b.code, b.zone, w.weekday, w.opens, w.closes FROM branch AS b "
    "JOIN opening_hours AS w ON w.branch_id = b.id WHERE b.code {among} ORDER BY w.id",
    "SELECT b.code, b.zone, s.day, s.opens, s.closes FROM branch AS b "
    "JOIN special_day AS s ON s.branch_id = b.id WHERE b.code {among} ORDER BY s.id",
    "SELECT b.code, h.valid_from, CAST(h.week AS TEXT) FROM branch AS b "
    "JOIN hours_change AS h ON h.branch_id = b.id WHERE b.code {among} ORDER BY h.id",
    "SELECT country FROM company",
)
_hours: Remembered[dict[str, OpeningHours]] = Remembered()

_Hours = tuple[int | None, date | None, int | None, int | None]
"""Weekday or date, opening and closing: one line of the register."""


@lru_cache(maxsize=4096)
def _read(
    zone: str, holidays: str, rows: frozenset[_Hours], changes: tuple[tuple[date, str], ...]
) -> OpeningHours:
    """The same lines of the register are the same hours, so they are put together once."""
    week = [(day, opens, closes) for day, _, opens, closes in rows if day is not None]
    special: defaultdict[date, list[Interval]] = defaultdict(list)
    for weekday, differs, opens, closes in rows:
        if weekday is None and differs is not None:
            own = special[differs]
            if opens is not None and closes is not None:
                own.append((opens, closes))
    return OpeningHours.of(
        zone,
        [(day, opens or 0, closes or 0) for day, opens, closes in week],
        special,
        holidays,
        {valid_from: read_week(json.loads(written)) for valid_from, written in changes},
    )


def holiday_calendar(session: Session) -> str:
    """The calendar of the company's country, or none where it isn't known."""
    country = session.execute(_COUNTRY).scalar()
    return _known(country or "")


@lru_cache
def _known(country: str) -> str:
    try:
        return known_holidays(country)
    except Refusal:
        return ""
