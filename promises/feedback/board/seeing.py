"""What is left under a reader's filters: from kept counts where they tell it, else from the rows.

Counts are kept for filters that name one place at most, and a time from some Monday on; anything else is
counted from the rows, which takes longer the more there are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from promises.feedback.board.facts import ALL, week_begun
from promises.feedback.board.figures import Seen
from promises.feedback.board.kept import Kept
from promises.feedback.board.walked import Walked
from promises.feedback.queries import Wanted
from promises.people.queries import company_zone


def seen(session: Session, wanted: Wanted, which: Any, zone: ZoneInfo | None = None) -> Seen:
    """What *wanted* leaves of all feedback, and of the problems that the condition *which* picks."""
    zone = zone or company_zone(session)
    place = _place(wanted, zone)
    if place is None:
        return Walked(session, wanted, which, zone)
    return Kept(session, *place, which, wanted)


def _place(wanted: Wanted, zone: ZoneInfo) -> tuple[str, str, int | None] | None:
    """Facet, value and first week of what *wanted* asks for, if counts of that are kept."""
    narrow = replace(wanted, branch_id=None, touchpoint="", source="", language="", since=None)
    named = [
        (facet, str(value))
        for facet, value in (
            ("branch", wanted.branch_id),
            ("touchpoint", wanted.touchpoint),
            ("source", wanted.source),
            ("language", wanted.language),
        )
        if value
    ]
    week = week_begun(wanted.since, zone) if wanted.since else None
    if narrow != Wanted() or len(named) > 1 or (wanted.since and week is None):
        return None
    return (*(named[0] if named else (ALL, "")), week)
