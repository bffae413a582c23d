"""From a batch as it is sent to what became of each of its rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import Engine

from promises.api import tokens
from promises.api.shapes import YEARS, Batch, Event
from promises.api.together import Together
from promises.api.tokens import Bearer
from promises.api.turn import our_turn
from promises.database import transaction
from promises.language import gettext, sentence
from promises.refusal import Refusal
from promises.service.events import take_events
from promises.service.telling import Told
from promises.sweeping import unswept

AT_ONCE = 2000
"""Events in one transaction, at most: on SQLite nobody else writes meanwhile."""
_nothing: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch that has been read: who sends it, its events, and what was refused on reading, by row."""

    engine: Engine
    bearer: Bearer
    told: Sequence[tuple[int, Told]]
    refused: dict[int, Refusal]
    as_of: datetime


class TooMany(Exception):
    """More events than a batch may have."""


class Unreadable(Exception):
    """Nothing could be taken from what was sent.

    :param rows: why, by row; empty if it isn't a batch at all.
    """

    def __init__(self, rows: dict[int, Refusal], where: str = "") -> None:
        super().__init__(where)
        self.rows, self.where = rows, where


def read_batch(body: bytes, bearer: Bearer, engine: Engine, most: int, as_of: datetime) -> Sent:
    """The events of *body*, apart from those rows that can't be read.

    :raises TooMany: and :class:`Unreadable`, if it is no batch or no row of it can be read.
    """
    refused: dict[int, Refusal] = {}
    try:
        events = list(enumerate(Batch.model_validate_json(body).events))
    except ValidationError as invalid:
        refused = _by_row(invalid)
        rows = from_json(body)["events"]
        if len(rows) > most:
            raise TooMany from None
        if len(refused) == len(rows):
            raise Unreadable(refused) from None
        kept = [place for place in range(len(rows)) if place not in refused]
        again = Batch.model_validate_json(json.dumps({"events": [rows[place] for place in kept]}))
        events = list(zip(kept, again.events, strict=True))
    if len(events) > most:
        raise TooMany
    told = []
    for place, event in events:
        refusal = _beside_the_shape(event, bearer)
        if refusal is None:
            told.append((place, _told(event, bearer.source)))
        else:
            refused[place] = refusal
    return Sent(engine, bearer, told, refused, as_of)


def _by_row(invalid: ValidationError) -> dict[int, Refusal]:
    """The first fault of each row.

    :raises Unreadable: if the faults are of the batch itself.
    """
    found: dict[int, Refusal] = {}
    for error in invalid.errors(include_url=False, include_context=False):
        where = error["loc"]
        if len(where) < 2 or where[0] != "events" or not isinstance(where[1], int):
            raise Unreadable({}, ".".join(map(str, where)))
        if where[1] not in found:
            field = str(where[2]) if len(where) > 2 else ""
            code = {
                "extra_forbidden": "shape.unknown_key",
                "missing": "shape.missing",
                "timezone_aware": "shape.no_zone",
            }.get(error["type"], "shape.not_so")
            found[where[1]] = Refusal(code, field=field)
    return found


def _beside_the_shape(event: Event, bearer: Bearer) -> Refusal | None:
    """What can be said against an event without looking anything up."""
    if not bearer.reaches(event.branch):
        return Refusal("tokens.not_your_branch", field="branch", found=event.branch)
    if event.at is None and event.operation != "withdrawn":
        return Refusal("shape.missing", field="at")
    for field, at in (("at", event.at), ("was", event.was)):
        if at is not None and at.year not in YEARS:
            return Refusal("shape.not_so", field=field)
    return None


def _told(event: Event, source: str) -> Told:
    return Told(
        source,
        event.branch,
        event.case,
        event.milestone,
        None if event.at is None else event.at.astimezone(UTC),
        event.operation,
        None if event.was is None else event.was.astimezone(UTC),
        event.touchpoint or "",
        event.customer or "",
        event.attributes or _nothing,
        event.event or "",
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows of one batch, told only to a token that still holds."""

    holds: bool
    rows: list[tuple[int, bool, Refusal | None]]


def _take(sent: Sequence[Sent]) -> list[Taken]:
    """Take several batches in by one transaction."""
    with unswept(), transaction(sent[0].engine) as session:
        holding = tokens.standing(session, {one.bearer.id for one in sent})
        told = [event for one in sent if one.bearer.id in holding for _, event in one.told]
        outcomes = iter(take_events(session, told, as_of=max(one.as_of for one in sent)) if told else ())
        return [
            Taken(True, [(place, (found := next(outcomes)).new, found.refusal) for place, _ in one.told])
            if one.bearer.id in holding
            else Taken(False, [])
            for one in sent
        ]


take_together: Together[Sent, Taken] = Together(
    _take, lambda one: max(len(one.told), 1), AT_ONCE, lambda one: our_turn(one.engine)
)


def report(taken: Taken, refused: dict[int, Refusal]) -> dict[str, Any]:
    """The answer to a batch."""
    rows = [(place, new, refusal) for place, new, refusal in taken.rows]
    rows += [(place, False, refusal) for place, refusal in refused.items()]
    told = [_row(*row) for row in sorted(rows, key=lambda row: row[0])]
    return {
        "taken": sum(row["result"] == "taken" for row in told),
        "known": sum(row["result"] == "known" for row in told),
        "refused": sum(row["result"] == "refused" for row in told),
        "rows": told,
    }


def _row(place: int, new: bool, refusal: Refusal | None) -> dict[str, Any]:
    if refusal is None:
        return {"row": place, "result": "taken" if new else "known"}
    return refused_row(place, refusal)


def refused_row(place: int, refusal: Refusal) -> dict[str, Any]:
    """A row that was refused, in the reader's language."""
    told = {"row": place, "result": "refused", "code": refusal.code, "detail": sentence(refusal)}
    return {**told, "field": refusal.facts["field"]} if refusal.facts.get("field") else told


def wrong_batch(where: str) -> str:
    """Why something isn't a batch."""
    return gettext("shape.no_batch", where=where or "-")
