"""Deciding on a case by hand: proposed with a reason and evidence, decided by a second person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.service.actions import find_case
from promises.service.findings import stand_in_line
from promises.service.tables import Case


def hold_case(session: Session, branch: Branch, case_id: int) -> Case:
    """A case of *branch*, held until the transaction ends: one act by hand on it at a time.

    :raises Refusal: ``cases.unknown``.
    """
    stand_in_line(session)
    if find_case(session, branch, case_id) is None:
        raise Refusal("cases.unknown")
    held = select(Case).where(Case.branch_id == branch.id, Case.id == case_id)
    held = held.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.exec(held).one()


def check_words(reason: str, evidence: str, reference: str) -> None:
    """:raises Refusal: ``by_hand.no_reason``, ``by_hand.no_evidence``."""
    if not reason.strip():
        raise Refusal("by_hand.no_reason")
    if not (evidence.strip() or reference.strip()):
        raise Refusal("by_hand.no_evidence")


def decision_row(proposed: Any, *, approve: bool, reason: str, by: int, as_of: datetime) -> dict[str, Any]:
    """The values of *by*'s decision on the exclusion or award *proposed*, if they may decide so. Who proposed
    it may take it back (refuse it), and not approve it.

    :raises Refusal: ``by_hand.decided_already``, ``by_hand.second_person``, ``by_hand.no_reason`` for a
        refusal.
    """
    if proposed.alone:
        raise Refusal("by_hand.decided_already")
    if approve and proposed.made_by == by:
        raise Refusal("by_hand.second_person")
    if not approve and not reason.strip():
        raise Refusal("by_hand.no_reason")
    return {
        "branch_id": proposed.branch_id,
        f"{proposed.__tablename__}_id": proposed.id,
        "made_by": proposed.made_by,
        "outcome": "approved" if approve else "refused",
        "reason": reason.strip(),
        "decided_at": as_of,
        "decided_by": by,
    }
