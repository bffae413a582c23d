"""What the proposals room is told: where each proposal stands in choosing."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, func, select

from promises.decisions.tables import Candidate, Decision, Launch
from promises.proposals.standing import State, tells_where_proposals_stand
from promises.proposals.tables import Version


@tells_where_proposals_stand
def where_they_stand(session: Session, proposals: Collection[int]) -> dict[int, State]:
    """States of those of *proposals* that have ever stood in a round; the latest candidacy counts.

    One that was sent back is open again as soon as it has a newer text.
    """
    newest = (
        select(Version.proposal_id, func.max(Version.number).label("number"))
        .group_by(col(Version.proposal_id))
        .subquery()
    )
    candidacies = (
        select(Version.proposal_id, Decision.outcome, Launch.promise_id, newest.c.number > Version.number)
        .join(Candidate, col(Candidate.version_id) == Version.id)
        .join(newest, newest.c.proposal_id == Version.proposal_id)
        .outerjoin(Decision, col(Decision.candidate_id) == Candidate.id)
        .outerjoin(Launch, col(Launch.decision_id) == Decision.id)
        .where(col(Version.proposal_id).in_(proposals))
        .order_by(col(Candidate.id))
    )
    return {
        proposal: _state(outcome, promise is not None, revised)
        for proposal, outcome, promise, revised in session.exec(candidacies)
    }


def _state(outcome: str | None, launched: bool, revised: bool) -> State:
    if outcome is None:
        return "standing"
    if outcome == "chosen":
        return "live" if launched else "chosen"
    if outcome == "rejected":
        return "rejected"
    return "open" if revised else "sent_back"
