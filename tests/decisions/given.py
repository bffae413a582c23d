"""What tests about choosing start from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from promises.decisions import actions, counting
from promises.decisions.tables import Round
from promises.proposals.actions import current
from tests.conftest import NOON
from tests.proposals.given import proposal

OPENS = NOON
CLOSES = NOON + timedelta(days=7)
SECOND = timedelta(seconds=1)
LONG_REASON = "Konttorit ovat kokeilleet tätä kuukauden ja tulos puhuu puolestaan."

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "promise": "palvelu-vartissa",
    "name": {"fi": "Palvelu vartissa", "en": "Served in a quarter"},
    "starts": "2026-06-20",
    "measure": {"from": "arrived", "to": "served", "limit": "15 min"},
    "remedy": {"pays": [{"amount": "10.00"}]},
}


def opened(
    session: Session,
    by: int,
    proposals: list[int],
    *,
    quorum: int = 1,
    opens: datetime = OPENS,
    closes: datetime = CLOSES,
    as_of: datetime = NOON,
) -> Round:
    """A round over the current texts of *proposals*."""
    return actions.open_round(
        session,
        title="Kesän kierros",
        versions=[current(session, one).id or 0 for one in proposals],
        opens_at=opens,
        closes_at=closes,
        quorum=quorum,
        by=by,
        as_of=as_of,
    )


def cast_vote(session: Session, round_: Round, by: int, *marks: int, as_of: datetime = NOON) -> None:
    """A ballot that gives each candidate, in order, one mark on every criterion."""
    given = dict(zip(counting.candidate_ids(session, round_.id or 0), marks, strict=True))
    actions.vote(
        session,
        round_.id or 0,
        marks={(one, criterion): mark for one, mark in given.items() for criterion in round_.criteria},
        by=by,
        as_of=as_of,
    )


def closed_round(session: Session, cast: Any, *marks: int, quorum: int = 1) -> tuple[Round, list[int]]:
    """A round over one proposal per mark, voted by the manager; and its candidates' ids."""
    proposals = [proposal(session, cast.teller, title=f"Ehdotus {n}") for n in range(1, len(marks) + 1)]
    made = opened(session, cast.director, proposals, quorum=quorum)
    cast_vote(session, made, cast.manager, *marks)
    return made, counting.candidate_ids(session, made.id or 0)


def decide(session: Session, candidate: int, outcome: str, by: int, **named: Any) -> Any:
    """A decision right at the close, with a reason that suffices for anything."""
    named = {"reason": LONG_REASON, "as_of": CLOSES, **named}
    return actions.decide(session, candidate, outcome=outcome, by=by, **named)
