"""Reading exclusions and awards by hand: what waits for a second person, and the history of a case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from promises.compensation.award_tables import Award, AwardDecision
from promises.people.tables import Person
from promises.service.excluded_tables import Exclusion, ExclusionDecision
from promises.service.tables import Case

Kind = Literal["exclusion", "award"]
KINDS: tuple[Kind, ...] = ("exclusion", "award")
DECIDED_SHOWN = 50
LARGEST = 2**63 - 1
_TABLES: dict[Kind, tuple[Any, Any, str]] = {
    "exclusion": (Exclusion, ExclusionDecision, "exclusion_id"),
    "award": (Award, AwardDecision, "award_id"),
}


@dataclass(frozen=True)
class Proposed:
    """An exclusion or award with its case, its maker, and what was decided."""

    kind: Kind
    made: Any
    decision: Any
    maker: str
    decider: str | None
    reference: str

    @property
    def state(self) -> str:
        """Code of the ``by_hand_state.*`` family: alone, waiting, approved, refused."""
        if self.made.alone:
            return "alone"
        return str(self.decision.outcome) if self.decision else "waiting"

    @property
    def amount(self) -> Decimal:
        return Decimal(self.made.amount)


def waiting(session: Session, branch_ids: Collection[int]) -> list[Proposed]:
    """What waits for a second person at these branches, the oldest first."""
    found = []
    for kind in KINDS:
        made, decision, _ = _TABLES[kind]
        found += _read(
            session, kind, ~col(made.alone), col(decision.outcome).is_(None),
            col(made.branch_id).in_(branch_ids), order=col(made.made_at),
        )  # fmt: skip
    return sorted(found, key=lambda one: one.made.made_at)


def decided(session: Session, branch_ids: Collection[int]) -> list[Proposed]:
    """What was decided last, with or without a second person, the newest first."""
    found = []
    for kind in KINDS:
        made, decision, _ = _TABLES[kind]
        found += _read(
            session, kind, col(made.alone) | col(decision.outcome).is_not(None),
            col(made.branch_id).in_(branch_ids), order=col(made.made_at).desc(), most=DECIDED_SHOWN,
        )  # fmt: skip
    return sorted(found, key=lambda one: one.made.made_at, reverse=True)[:DECIDED_SHOWN]


def of_case(session: Session, branch_id: int, case_id: int) -> list[Proposed]:
    """Everything that was proposed by hand for a case, the oldest first."""
    found = []
    for kind in KINDS:
        made = _TABLES[kind][0]
        found += _read(session, kind, col(made.branch_id) == branch_id, col(made.case_id) == case_id)
    return sorted(found, key=lambda one: one.made.made_at)


def one(session: Session, kind: Kind, branch_id: int, number: int) -> Proposed | None:
    """One exclusion or award of a branch."""
    made = _TABLES[kind][0]
    if number > LARGEST:
        return None
    found = _read(session, kind, col(made.branch_id) == branch_id, col(made.id) == number)
    return found[0] if found else None


def _read(
    session: Session,
    kind: Kind,
    *conditions: ColumnElement[bool],
    order: Any = None,
    most: int | None = None,
) -> list[Proposed]:
    made, decision, key = _TABLES[kind]
    maker, decider = aliased(Person), aliased(Person)
    same = and_(col(decision.branch_id) == made.branch_id, getattr(decision, key) == made.id)
    query = (
        select(made, decision, col(maker.name), col(decider.name), col(Case.reference))
        .join(maker, col(maker.id) == made.made_by)
        .join(Case, and_(col(Case.branch_id) == made.branch_id, col(Case.id) == made.case_id))
        .outerjoin(decision, same)
        .outerjoin(decider, col(decider.id) == decision.decided_by)
        .where(*conditions)
        .order_by(col(made.made_at) if order is None else order)
    )
    return [Proposed(kind, *row) for row in session.execute(query.limit(most) if most else query)]
