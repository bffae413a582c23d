"""The count of a round, from the database; nobody sees it before the close."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlmodel import Session, col, select

from promises.decisions.tables import Ballot, Candidate, Decision, Mark, Round
from promises.decisions.tally import Count, count
from promises.refusal import Refusal


def candidate_ids(session: Session, round_id: int) -> list[int]:
    """The candidates of a round in the order in which they stand on the ballot."""
    query = select(Candidate.id).where(Candidate.round_id == round_id).order_by(col(Candidate.id))
    return [candidate for candidate in session.exec(query) if candidate is not None]


def count_of(session: Session, round_: Round, *, as_of: datetime) -> Count:
    """The count of a closed round.

    :raises Refusal: ``decisions.still_open`` before the close, whoever asks.
    """
    if as_of < round_.closes_at:
        raise Refusal("decisions.still_open")
    ballots: defaultdict[int, dict[tuple[int, str], int]] = defaultdict(dict)
    marks = select(Mark).join(Ballot).where(Ballot.round_id == round_.id)
    for mark in session.exec(marks):
        ballots[mark.ballot_id][mark.candidate_id, mark.criterion] = mark.mark
    candidates = candidate_ids(session, round_.id or 0)
    return count(candidates, round_.criteria, list(ballots.values()), quorum=round_.quorum)


def outcomes(session: Session, round_id: int) -> dict[int, str]:
    """What has been decided in a round: outcome by candidate."""
    query = select(Decision.candidate_id, Decision.outcome).join(Candidate)
    return dict(session.exec(query.where(Candidate.round_id == round_id)).all())
