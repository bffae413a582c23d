"""A company from its TOML file: regions, branches and their opening hours."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import holidays
from sqlmodel import Session

from promises.journal.actions import record
from promises.people.tables import Branch, Company, OpeningHours, Region
from promises.refusal import Refusal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
INTERVAL = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class BranchPlan:
    """One branch of the file. ``hours``: (weekday from Monday 0, opens, closes) in minutes."""

    code: str
    name: str
    region: str
    zone: str
    hours: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class CompanyPlan:
    name: str
    country: str
    zone: str
    currency: str
    regions: Mapping[str, str]
    branches: tuple[BranchPlan, ...]


def read_company(path: Path) -> CompanyPlan:
    """The company of a file like ``seed_data/company.toml``.

    :raises Refusal: ``company.*`` with where in the file and what was found.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Refusal("company.no_file", found=str(path)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as broken:
        raise Refusal("company.not_toml", found=str(path), why=str(broken)) from None
    zone = _zone(told.get("zone", "Europe/Helsinki"), "zone")
    regions = {
        _code(one, f"region[{n}]"): _text(one, "name", f"region[{n}]")
        for n, one in enumerate(_tables(told, "region"), 1)
    }
    branches = tuple(
        _branch(one, f"branch[{n}]", regions, zone) for n, one in enumerate(_tables(told, "branch"), 1)
    )
    codes = [branch.code for branch in branches]
    for code in codes:
        if codes.count(code) > 1:
            _wrong("branch.code", code)
    country = _text(told, "country", "") if "country" in told else "FI"
    if country not in holidays.list_supported_countries():
        _wrong("country", country)
    currency = told.get("currency", "EUR")
    if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
        _wrong("currency", currency)
    return CompanyPlan(_text(told, "name", ""), country, zone, currency, regions, branches)


def _branch(told: dict[str, Any], where: str, regions: Mapping[str, str], zone: str) -> BranchPlan:
    region = _text(told, "region", where)
    if region not in regions:
        _wrong(f"{where}.region", region)
    hours = told.get("hours", {})
    if not isinstance(hours, dict):
        _wrong(f"{where}.hours", hours)
    intervals = [
        (day, *interval)
        for days, texts in hours.items()
        for day in _days(days, f"{where}.hours")
        for interval in _intervals(texts, f"{where}.hours.{days}")
    ]
    return BranchPlan(
        _code(told, where),
        _text(told, "name", where),
        region,
        _zone(told["zone"], f"{where}.zone") if "zone" in told else zone,
        tuple(sorted(intervals)),
    )


def _days(text: str, where: str) -> range:
    first, _, last = text.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
        _wrong(where, text)
    days = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
    if not days:
        _wrong(where, text)
    return days


def _intervals(texts: object, where: str) -> list[tuple[int, int]]:
    found = []
    for text in texts if isinstance(texts, list) else [texts]:
        match = INTERVAL.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            _wrong(where, text)
        opens, closes = (int(match[n]) * 60 + int(match[n + 1]) for n in (1, 3))
        if not opens < closes <= 24 * 60 or int(match[2]) > 59 or int(match[4]) > 59:
            _wrong(where, text)
        found.append((opens, closes))
    return found


def _tables(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    tables = told.get(name)
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables) or not tables:
        _wrong(name, tables)
    return tables


def _text(told: dict[str, Any], key: str, where: str) -> str:
    found = told.get(key)
    if not isinstance(found, str) or not 0 < len(found.strip()) <= 120:
        _wrong(f"{where}.{key}".lstrip("."), found)
    return found.strip()


def _code(told: dict[str, Any], where: str) -> str:
    code = _text(told, "code", where)
    if not CODE.fullmatch(code):
        _wrong(f"{where}.code", code)
    return code


def _zone(found: object, where: str) -> str:
    try:
        return ZoneInfo(str(found)).key
    except (ValueError, OSError, KeyError):
        _wrong(where, found)


def _wrong(where: str, found: object) -> NoReturn:
    raise Refusal("company.wrong", where=where, found="-" if found is None else str(found)[:80])


def found_company(
    session: Session, plan: CompanyPlan, *, by: int | None, as_of: datetime
) -> dict[str, Branch]:
    """Put the company into an empty installation; its branches by code.

    :raises Refusal: ``company.there_already``.
    """
    if session.get(Company, 1) is not None:
        raise Refusal("company.there_already")
    session.add(Company(name=plan.name, country=plan.country, zone=plan.zone, currency=plan.currency))
    regions = {code: Region(code=code, name=name) for code, name in plan.regions.items()}
    session.add_all(regions.values())
    session.flush()
    branches = {
        one.code: Branch(region_id=regions[one.region].id or 0, code=one.code, name=one.name, zone=one.zone)
        for one in plan.branches
    }
    session.add_all(branches.values())
    session.flush()
    for one in plan.branches:
        for weekday, opens, closes in one.hours:
            session.add(
                OpeningHours(
                    branch_id=branches[one.code].id or 0, weekday=weekday, opens=opens, closes=closes
                )
            )
    session.flush()
    record(session, "company.founded", "company", 1, by=by, as_of=as_of, branches=len(branches))
    return branches
