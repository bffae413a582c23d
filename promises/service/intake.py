"""Bringing in a file of cases: what its columns hold, and what became of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from sqlmodel import Session, col, select

from promises import language
from promises.feedback.intake.sheet import Sheet, plain
from promises.refusal import Refusal
from promises.service.bulk_rows import CUSTOMER, TOUCHPOINT
from promises.service.casefile import Layout, Needs, read_cases
from promises.service.filetimes import Texts, read_times, time_shape
from promises.service.judging.cases import Cases
from promises.service.sourcefile import SourceFile
from promises.service.tablefile import FileFaults
from promises.service.tables import CaseIntake
from promises.terms.columns import MISSING, Coded
from promises.terms.queries import promises
from promises.terms.words import worded

CASE, BRANCH, MILESTONE, AT = "case", "branch", "milestone", "at"
OUR_COLUMNS = (CASE, BRANCH, TOUCHPOINT, CUSTOMER, MILESTONE, AT)
USUAL_MILESTONES = ("arrived", "called", "served", "ended", "left", "no_show", "cancelled")
TIME_FORMATS = (
    "",  # ISO 8601
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H.%M", "%d.%m.%Y %H.%M.%S",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M",
)  # fmt: skip
LOOKED_AT = 200
LONGEST_SOURCE = 64


@dataclass(frozen=True)
class Columns:
    """What a file's columns hold, and what it doesn't tell.

    :param where: our name → the file's column: ``case``, ``branch``, ``touchpoint``, ``customer``, a
        milestone's or an attribute's name; or ``milestone`` and ``at`` for a row per milestone.
    :param milestones: which of these names are milestones.
    :param branch: the branch code of all rows, where no column tells it; *touchpoint* likewise.
    :param time_format: strptime's directives, or empty for ISO 8601.
    """

    where: Mapping[str, str]
    milestones: tuple[str, ...]
    branch: str = ""
    touchpoint: str = ""
    time_format: str = ""
    zone: str = "Europe/Helsinki"

    @property
    def long(self) -> bool:
        """Whether the file has a row per milestone instead of one per case."""
        return MILESTONE in self.where and AT in self.where

    def check(self) -> None:
        """Whether enough is told to take cases from the file.

        :raises Refusal: ``cases.unmapped_case``, ``cases.unmapped_branch``,
            ``cases.unmapped_touchpoint`` or ``cases.unmapped_milestones``.
        """
        if CASE not in self.where:
            raise Refusal("cases.unmapped_case")
        if BRANCH not in self.where and not self.branch:
            raise Refusal("cases.unmapped_branch")
        if TOUCHPOINT not in self.where and not self.touchpoint:
            raise Refusal("cases.unmapped_touchpoint")
        if not self.long and not any(name in self.where for name in self.milestones):
            raise Refusal("cases.unmapped_milestones")


def known_milestones(session: Session) -> tuple[str, ...]:
    """The milestones that any promise's terms ask for, and the usual ones."""
    terms = [version.terms for dated in promises(session) for version in dated.versions]
    return tuple(dict.fromkeys([*USUAL_MILESTONES, *Needs.of(terms).milestones]))


def propose(sheet: Sheet, milestones: Iterable[str], zone: str) -> Columns:
    """What the columns seem to hold, by their titles in any of our languages and by their values."""
    where: dict[str, str] = {}
    for title in sheet.columns:
        name = _name_of(title, [*OUR_COLUMNS, *milestones])
        if name and name not in where:
            where[name] = title
    named = tuple(milestones)
    times = [where[name] for name in (*named, AT) if name in where]
    return Columns(where, named, time_format=guess_format(sheet, times), zone=zone)


def _name_of(title: str, names: Iterable[str]) -> str | None:
    """Which of our names a column's title means."""
    return next((name for name in names if plain(title) in _titles_of(name)), None)


def _titles_of(name: str) -> set[str]:
    """How a column that holds *name* may be titled, in any of our languages."""
    titles = {plain(name)}
    for spoken in language.LANGUAGES:
        with language.spoken(spoken):
            titles.add(plain(worded("milestone", name)))
            titles |= {plain(title) for title in worded("column_titles", name).split(",")}
    return titles


def guess_format(sheet: Sheet, titles: Iterable[str]) -> str:
    """The format in which most of the times under *titles* can be read."""
    places = [sheet.columns.index(title) for title in titles]
    rows = [cells for _, cells in sheet.first(LOOKED_AT)]
    texts = Texts.of([cells[place] for cells in rows for place in places if place < len(cells)])

    def readable(time_format: str) -> int:
        times, _ = read_times(texts, time_shape(time_format or None), "UTC")
        return int((times != MISSING).sum())

    return max(TIME_FORMATS, key=readable)


def attribute_name(title: str) -> str:
    """A column's title as the name of an attribute."""
    return re.sub("[^a-z0-9]+", "_", plain(title)).strip("_")[:60] or "column"


def remembered(session: Session, sheet: Sheet) -> Columns | None:
    """The columns of the last file that had the same header."""
    query = select(CaseIntake).where(CaseIntake.columns == sheet.key()).order_by(col(CaseIntake.id).desc())
    found = session.exec(query).first() if sheet.key() else None
    return Columns(**{**found.mapping, "milestones": tuple(found.mapping["milestones"])}) if found else None


@dataclass
class Reading:
    """A file as it is read: how many cases so far, and the faults of its rows."""

    count: int = 0
    faults: FileFaults = field(default_factory=FileFaults)


def read(file: SourceFile, columns: Columns, reading: Reading) -> Iterator[Cases]:
    """The cases of a file, some at a time.

    :raises Refusal: if the file can't be read as a whole.
    """
    columns.check()
    with file.as_path() as path:
        for cases in read_cases(path, needs_of(columns), layout_of(columns), reading.faults):
            reading.count += len(cases)
            yield with_what_is_not_told(cases, columns)


def needs_of(columns: Columns) -> Needs:
    """What is to be read of a file: all that its columns are said to hold."""
    milestones = [name for name in columns.milestones if columns.long or name in columns.where]
    others = [name for name in columns.where if name not in (CASE, BRANCH, MILESTONE, AT, *milestones)]
    return Needs(milestones, list(dict.fromkeys([*others, TOUCHPOINT])), {CASE})


def layout_of(columns: Columns) -> Layout:
    """How the file tells it."""
    return Layout(dict(columns.where), columns.time_format or None, columns.zone)


def with_what_is_not_told(cases: Cases, columns: Columns) -> Cases:
    """*cases* with the branch and touchpoint that the file doesn't tell."""
    everywhere = np.zeros(len(cases), np.int32)
    if BRANCH not in columns.where:
        cases = replace(cases, branches=Coded((columns.branch,), everywhere))
    if TOUCHPOINT not in columns.where:
        touchpoint = Coded((columns.touchpoint,), everywhere)
        cases = replace(cases, attributes={**cases.attributes, TOUCHPOINT: touchpoint})
    return cases
