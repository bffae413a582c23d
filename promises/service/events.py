"""Events as other systems send them: one or many at once, late, out of order, twice, or taken back.

All cases of a batch are found, held, told and judged together, by a number of statements that doesn't
depend on how many they are. New cases are inserted in the order of their names, and then all are held in the
order of their keys, so that two batches about the same cases wait for each other and never in a circle. What
an event says is idempotent by source, case and milestone, and by the source's own number if it has one: a
batch that is sent again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlmodel import Session

from promises.database import new_ids
from promises.journal.actions import record
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service import judging
from promises.service.findings import stand_in_line
from promises.service.many import change_rows, find_rows, insert_rows
from promises.service.rejudging import Judged, judge_told
from promises.service.tables import Case, Milestone
from promises.service.telling import Happening, Story, Told
from promises.service.told_tables import ToldOnce, Withdrawal

_branch: Table = Branch.__table__  # type: ignore[attr-defined]
_case: Table = Case.__table__  # type: ignore[attr-defined]
_milestone: Table = Milestone.__table__  # type: ignore[attr-defined]
_withdrawal: Table = Withdrawal.__table__  # type: ignore[attr-defined]
_once: Table = ToldOnce.__table__  # type: ignore[attr-defined]

Name = tuple[int, str, str]
"""What a case is known by: branch, reference and source."""
Key = tuple[int, int]
"""Branch and id of a case."""
CASE_COLUMNS = (
    "branch_id", "id", "source", "reference", "touchpoint", "started_at", "customer", "attributes",
)  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What became of one event: it was new, it was known, or it was refused and why."""

    new: bool = False
    refusal: Refusal | None = None


@dataclass(slots=True)
class _Case:
    """One case of a batch: what is known of it, and what of that is new."""

    key: Key
    touchpoint: str
    started_at: datetime
    customer: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    is_new: bool = False
    learned: bool = False
    otherwise: set[str] = field(default_factory=set)
    story: Story = field(default_factory=Story)
    happened: list[Happening] = field(default_factory=list)
    withdrawn: list[Happening] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything new was told of it."""
        return bool(self.is_new or self.learned or self.happened or self.withdrawn)

    def hear(self, told: Told) -> bool:
        """Take in one event; whether it said anything new.

        :raises Refusal: see :meth:`Story.take`.
        """
        happened, withdrawn = self.story.take(told)
        self.happened += happened
        self.withdrawn += withdrawn
        return self._learn(told) or bool(happened or withdrawn)

    def _learn(self, told: Told) -> bool:
        """Keep attributes that are new or told otherwise; whether there were any."""
        if not told.attributes and (not told.customer or told.customer == self.customer):
            return False
        more = dict(told.attributes) | ({"customer": told.customer} if told.customer else {})
        known = {**self.attributes, "customer": self.customer}
        new = {name: value for name, value in more.items() if known.get(name, "") != value}
        if not new:
            return False
        self.otherwise |= {name for name in new if known.get(name, "") != ""}
        self.customer = str(new.pop("customer", self.customer))
        self.attributes = {**self.attributes, **new}
        self.learned = True
        return True


def take_events(session: Session, events: Sequence[Told], *, as_of: datetime) -> list[Outcome]:
    """Take *events* in and judge every case of which they tell something new; what became of each, in order.

    Events of one case are taken in their order. One that can't be taken is refused by itself, with
    ``cases.unknown_branch``, ``cases.in_future``, ``events.no_touchpoint``, ``events.unknown_case``,
    ``events.number_used`` or what :meth:`Story.take` refuses; the others are kept.
    """
    stand_in_line(session)
    outcomes = [Outcome() for _ in events]
    found = find_rows(session, _branch, ("code",), ((told.branch,) for told in events))
    branches = {row.code: row.id for row in found}
    rows = _usable(events, outcomes, branches, as_of)
    rows = _not_numbered_before(session, events, outcomes, rows, branches)
    by_name: defaultdict[Name, list[int]] = defaultdict(list)
    for row in rows:
        told = events[row]
        by_name[branches[told.branch], told.reference, told.source].append(row)
    cases = _held(session, {name: [events[row] for row in own] for name, own in by_name.items()})
    for name, own in by_name.items():
        _tell(cases.get(name), events, outcomes, own)
    changed = {name: case for name, case in cases.items() if case.changed}
    _write(session, changed, as_of)
    _remember(session, events, outcomes, rows, branches, as_of)
    codes = {number: code for code, number in branches.items()}
    judge_told(session, [_judged(case, codes) for case in changed.values()], as_of)
    return outcomes


def _usable(
    events: Sequence[Told], outcomes: list[Outcome], branches: Mapping[str, int], as_of: datetime
) -> list[int]:
    """Rows of known branches that are about the past."""
    usable = []
    for row, told in enumerate(events):
        if told.branch not in branches:
            outcomes[row].refusal = Refusal("cases.unknown_branch", field="branch", found=told.branch)
        elif told.at is not None and told.at > as_of:
            outcomes[row].refusal = Refusal("cases.in_future", field="at", found=told.at.isoformat())
        else:
            usable.append(row)
    return usable


def _not_numbered_before(
    session: Session,
    events: Sequence[Told],
    outcomes: list[Outcome],
    rows: list[int],
    branches: Mapping[str, int],
) -> list[int]:
    """Rows without a number of their source's, or with one that hasn't been taken yet."""
    numbers = {
        row: (branches[events[row].branch], events[row].source, events[row].event)
        for row in rows
        if events[row].event
    }
    contents = {
        (one.branch_id, one.source, one.event): one.content
        for one in find_rows(session, _once, ("branch_id", "source", "event"), numbers.values())
    }
    new = []
    for row in rows:
        if row not in numbers or numbers[row] not in contents:
            new.append(row)
        if row in numbers and contents.setdefault(numbers[row], events[row].content) != events[row].content:
            outcomes[row].refusal = Refusal("events.number_used", field="event", found=events[row].event)
    return new


def _held(session: Session, told: Mapping[Name, Sequence[Told]]) -> dict[Name, _Case]:
    """The cases that are told of, new ones inserted, all held until the transaction ends, with what was
    known of them. Those of which too little is told to begin them are left out."""
    there = _there(session, told)
    mine: dict[Name, _Case] = {}
    drawn: set[Key] = set()
    while new := _beginnings(told, there.keys() | mine.keys()):
        values: list[tuple[Any, ...]] = [
            (*case.key, name[2], name[1], case.touchpoint, case.started_at, "", {})
            for name, case in new.items()
        ]
        if insert_rows(session, _case, CASE_COLUMNS, values, unless_there=True) == len(new):
            mine |= new
        else:
            # A key was taken by chance, or a case came from elsewhere meanwhile: then it is looked for.
            drawn |= {case.key for case in new.values()}
            there = _there(session, told.keys() - mine.keys())
    if session.get_bind().dialect.name == "postgresql":
        there = _there(session, there, hold=True)
    for case in there.values():
        case.is_new = case.key in drawn
    for case in mine.values():
        case.is_new = True
    _recall(session, {case.key: case.story for case in there.values() if not case.is_new})
    return there | mine


def _beginnings(told: Mapping[Name, Sequence[Told]], known: Collection[Name]) -> dict[Name, _Case]:
    """The cases that begin, in the order of their names."""
    begun = [(name, _begun(told[name])) for name in sorted(told) if name not in known]
    found = [(name, *case) for name, case in begun if case is not None]
    ids = new_ids([int(started_at.timestamp() * 1000) for _, started_at, _ in found])
    return {
        name: _Case((name[0], number), touchpoint, started_at)
        for number, (name, started_at, touchpoint) in zip(ids, found, strict=True)
    }


def _there(session: Session, names: Iterable[Name], hold: bool = False) -> dict[Name, _Case]:
    rows = find_rows(session, _case, ("branch_id", "reference", "source"), names, hold=hold)
    return {
        (row.branch_id, row.reference, row.source): _Case(
            (row.branch_id, row.id), row.touchpoint, row.started_at, row.customer, row.attributes
        )
        for row in rows
    }


def _begun(told: Sequence[Told]) -> tuple[datetime, str] | None:
    """When and where a new case began, if it is told that something happened to it and where."""
    happened = [one.at for one in told if one.at is not None and one.begins]
    touchpoint = next((one.touchpoint for one in told if one.touchpoint), "")
    if not happened or not touchpoint:
        return None
    return min(happened), touchpoint


def _recall(session: Session, stories: Mapping[Key, Story]) -> None:
    """What was told of known cases, and what was taken back."""
    names = ("branch_id", "case_id", "name", "at")
    for row in find_rows(session, _milestone, ("branch_id", "case_id"), stories, names=names):
        stories[row.branch_id, row.case_id].happened.add((row.name, row.at))
    for row in find_rows(session, _withdrawal, ("branch_id", "case_id"), stories, names=names):
        stories[row.branch_id, row.case_id].withdrawn.add((row.name, row.at))


def _tell(case: _Case | None, events: Sequence[Told], outcomes: list[Outcome], rows: Sequence[int]) -> None:
    """Let a case hear its events in their order."""
    for row in rows:
        outcome, told = outcomes[row], events[row]
        if outcome.refusal is not None:
            continue
        if case is None:
            begins = any(events[one].begins for one in rows)
            outcome.refusal = (
                Refusal("events.no_touchpoint", field="touchpoint")
                if begins
                else Refusal("events.unknown_case", field="case", found=told.reference)
            )
            continue
        try:
            outcome.new = case.hear(told)
        except Refusal as refusal:
            outcome.refusal = refusal


def _write(session: Session, cases: Mapping[Name, _Case], as_of: datetime) -> None:
    """Store what is new of *cases*."""
    happened = [(*case.key, *one, None) for case in cases.values() for one in case.happened]
    insert_rows(session, _milestone, ("branch_id", "case_id", "name", "at", "by"), happened)
    withdrawn = [(*case.key, *one, name[2], as_of) for name, case in cases.items() for one in case.withdrawn]
    columns = ("branch_id", "case_id", "name", "at", "source", "told_at")
    insert_rows(session, _withdrawal, columns, withdrawn)
    learned = [(case.customer, case.attributes, *case.key) for case in cases.values() if case.learned]
    change_rows(session, _case, ("branch_id", "id"), ("customer", "attributes"), learned)
    for case in cases.values():
        number = case.key[1]
        for name, at in case.withdrawn:
            facts = {"milestone": name, "happened": at.isoformat()}
            record(session, "case.withdrawn", "case", number, by=None, as_of=as_of, **facts)
        if case.otherwise:
            names = ", ".join(sorted(case.otherwise))
            record(session, "case.told_otherwise", "case", number, by=None, as_of=as_of, names=names)


def _remember(
    session: Session,
    events: Sequence[Told],
    outcomes: Sequence[Outcome],
    rows: Sequence[int],
    branches: Mapping[str, int],
    as_of: datetime,
) -> None:
    """Keep the sources' own numbers of what was taken."""
    taken = [events[row] for row in rows if events[row].event and outcomes[row].refusal is None]
    values = [(branches[told.branch], told.source, told.event, told.content, as_of) for told in taken]
    columns = ("branch_id", "source", "event", "content", "told_at")
    insert_rows(session, _once, columns, sorted(values), unless_there=True)


def _judged(case: _Case, codes: Mapping[int, str]) -> Judged:
    known = {**case.attributes, "touchpoint": case.touchpoint}
    if case.customer:
        known["customer"] = case.customer
    plain = judging.Case(str(case.key[1]), codes[case.key[0]], tuple(case.story.counting()), known)
    return Judged(case.key, case.started_at, plain, case.is_new)
