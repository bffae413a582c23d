"""What pages about follow-ups show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlmodel import Session, col

from promises.feedback.board.facts import HIGHEST_DETRACTOR, LOWEST_PROMOTER
from promises.feedback.tables import Feedback
from promises.followup.codes import REACHED
from promises.followup.tables import Asked, Closing, FollowUp, Rule, Step
from promises.people.tables import Branch, Person
from promises.shares import Interval, wilson
from promises.surveys.kinds import NPS
from promises.surveys.tables import Invitation, Reply, Survey

PAGE = 50
VIEWS = ("mine", "open", "late", "closed")
FEWEST = 10


@dataclass(frozen=True)
class Line:
    """One follow-up in a list. ``late`` is whether its time ran out before anybody reached the customer."""

    follow_up: FollowUp
    feedback: Feedback
    rule: Rule
    branch: Branch | None
    owner: Person | None
    closing: Closing | None
    late: bool
    reached: bool


@dataclass(frozen=True)
class Turned:
    """Of *n* who had given 0-6 and answered again, how many gave 9-10."""

    n: int
    turned: int

    @property
    def share(self) -> float | None:
        return self.turned / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.turned, self.n) if self.n else None

    @property
    def enough(self) -> bool:
        return self.n >= FEWEST


@dataclass(frozen=True)
class Effect:
    """How many of the worst turned: those who were followed up, and those who answered again untouched."""

    followed: Turned
    untouched: Turned
    opened: int
    in_time: int
    late: int


def listing(
    session: Session,
    view: str,
    person_id: int,
    branch_ids: Sequence[int] | None,
    page: int,
) -> tuple[list[Line], int]:
    """One page of follow-ups, the most urgent first (closed ones: the newest first), and how many there are.

    :param branch_ids: only those of these branches and those of no branch; None for all.
    """
    where = _view(view, person_id)
    if branch_ids is not None:
        where.append(col(FollowUp.branch_id).in_(branch_ids) | (col(FollowUp.owner_id) == person_id))
    base = select(FollowUp).outerjoin(Closing, col(Closing.follow_up_id) == col(FollowUp.id)).where(*where)
    total = session.execute(select(func.count()).select_from(base.subquery())).scalar_one()
    order = col(Closing.at).desc() if view == "closed" else col(FollowUp.due_at)
    rows = base.order_by(order, col(FollowUp.id)).limit(PAGE).offset((page - 1) * PAGE)
    return _lines(session, list(session.execute(rows).scalars())), total


def counts(session: Session, person_id: int, branch_ids: Sequence[int] | None) -> dict[str, int]:
    """How many follow-ups each view holds."""
    return {view: listing(session, view, person_id, branch_ids, 1)[1] for view in VIEWS}


def _view(view: str, person_id: int) -> list[ColumnElement[bool]]:
    open_ones = col(Closing.follow_up_id).is_(None)
    if view == "closed":
        return [col(Closing.follow_up_id).is_not(None)]
    if view == "mine":
        return [open_ones, col(FollowUp.owner_id) == person_id]
    if view == "late":
        return [open_ones, _ran_out()]
    return [open_ones]


def _ran_out() -> ColumnElement[bool]:
    return exists().where(col(Step.follow_up_id) == col(FollowUp.id), col(Step.kind) == "late")


def line_of(session: Session, follow_up: FollowUp) -> Line:
    """One follow-up with all that belongs to it."""
    return _lines(session, [follow_up])[0]


def _lines(session: Session, follow_ups: Sequence[FollowUp]) -> list[Line]:
    ids = [one.id for one in follow_ups]
    query = (
        select(FollowUp, Feedback, Rule, Branch, Person, Closing)
        .join(Feedback, col(Feedback.id) == col(FollowUp.feedback_id))
        .join(Rule, col(Rule.id) == col(FollowUp.rule_id))
        .outerjoin(Branch, col(Branch.id) == col(FollowUp.branch_id))
        .outerjoin(Person, col(Person.id) == col(FollowUp.owner_id))
        .outerjoin(Closing, col(Closing.follow_up_id) == col(FollowUp.id))
        .where(col(FollowUp.id).in_(ids))
    )
    kinds: dict[int, set[str]] = {}
    for follow_up_id, kind in session.execute(
        select(col(Step.follow_up_id), col(Step.kind)).where(col(Step.follow_up_id).in_(ids))
    ):
        kinds.setdefault(follow_up_id, set()).add(kind)
    found = {}
    for one, said, rule, branch, owner, closing in session.execute(query):
        done = kinds.get(one.id, set())
        reached = not done.isdisjoint(REACHED)
        found[one.id] = Line(one, said, rule, branch, owner, closing, "late" in done, reached)
    return [found[number] for number in ids]


def history(session: Session, follow_up: FollowUp) -> list[tuple[Step, Person | None]]:
    """Everything that happened, in its order."""
    query = (
        select(Step, Person)
        .outerjoin(Person, col(Person.id) == col(Step.made_by))
        .where(col(Step.follow_up_id) == follow_up.id)
        .order_by(col(Step.at), col(Step.id))
    )
    return [(step, person) for step, person in session.execute(query)]


def rules(session: Session) -> list[tuple[Rule, int, int]]:
    """Every rule with the number of follow-ups it opened and of those that ran late; those in force first."""
    late = func.count(col(Step.id))
    query = (
        select(Rule, func.count(func.distinct(col(FollowUp.id))), late)
        .outerjoin(FollowUp, col(FollowUp.rule_id) == col(Rule.id))
        .outerjoin(Step, and_(col(Step.follow_up_id) == col(FollowUp.id), col(Step.kind) == "late"))
        .group_by(col(Rule.id))
        .order_by(col(Rule.ended_at).is_not(None), col(Rule.id))
    )
    return [(rule, opened, ran_late) for rule, opened, ran_late in session.execute(query)]


def again(session: Session, follow_up: FollowUp) -> tuple[datetime | None, int | None] | None:
    """When the customer is or was asked again, and what they then gave; nothing where nobody asks."""
    query = (
        select(Invitation, Reply)
        .join(Asked, col(Asked.invitation_id) == col(Invitation.id))
        .outerjoin(Reply, col(Reply.invitation_id) == col(Invitation.id))
        .where(col(Asked.follow_up_id) == follow_up.id)
    )
    found = session.execute(query).first()
    if found is None:
        return None
    invitation, reply = found
    return invitation.sent_at or invitation.due_at, reply.value if reply else None


def effect(session: Session, since: datetime) -> Effect:
    """What following up did to those who had given 0-6, of follow-ups opened from *since* on.

    Whoever gave the worst scores gives better ones the next time even if nobody does anything: extremes are
    followed by something nearer the mean. So those who answered again *without* a follow-up stand beside.
    """
    followed = session.execute(
        select(func.count(), func.count().filter(col(Reply.value) >= LOWEST_PROMOTER))
        .select_from(Asked)
        .join(FollowUp, col(FollowUp.id) == col(Asked.follow_up_id))
        .join(Feedback, col(Feedback.id) == col(FollowUp.feedback_id))
        .join(Reply, col(Reply.invitation_id) == col(Asked.invitation_id))
        .join(Survey, col(Survey.id) == col(Reply.survey_id))
        .where(
            col(Feedback.score) <= HIGHEST_DETRACTOR,
            col(Survey.kind) == NPS,
            col(FollowUp.opened_at) >= since,
        )
    ).one()
    opened = _count(session, col(FollowUp.opened_at) >= since)
    late = _count(session, col(FollowUp.opened_at) >= since, _ran_out())
    waiting = _count(session, col(FollowUp.opened_at) >= since, col(FollowUp.watch_at).is_not(None))
    return Effect(
        followed=Turned(*followed),
        untouched=_untouched(session, since),
        opened=opened,
        in_time=opened - late - waiting,
        late=late,
    )


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(FollowUp).where(*where)).scalar_one())


def _untouched(session: Session, since: datetime) -> Turned:
    scored = (
        select(
            col(Feedback.id).label("id"),
            col(Feedback.score).label("score"),
            col(Feedback.given_at).label("given_at"),
            func.lead(col(Feedback.score))
            .over(partition_by=col(Feedback.customer), order_by=(col(Feedback.given_at), col(Feedback.id)))
            .label("next"),
        )
        .where(col(Feedback.customer) != "", col(Feedback.score).is_not(None))
        .subquery()
    )
    query = select(func.count(), func.count().filter(scored.c.next >= LOWEST_PROMOTER)).where(
        scored.c.score <= HIGHEST_DETRACTOR,
        scored.c.next.is_not(None),
        scored.c.given_at >= since,
        ~exists().where(col(FollowUp.feedback_id) == scored.c.id),
    )
    n, turned = session.execute(query).one()
    return Turned(int(n), int(turned))


def waiting_for(session: Session, person_id: int) -> tuple[int, int]:
    """How many open follow-ups the person owns, and how many of those have run out."""
    owned = [col(Closing.follow_up_id).is_(None), col(FollowUp.owner_id) == person_id]
    base = select(func.count(col(FollowUp.id))).outerjoin(
        Closing, col(Closing.follow_up_id) == col(FollowUp.id)
    )
    every = session.execute(base.where(*owned)).scalar_one()
    late = session.execute(base.where(*owned, _ran_out())).scalar_one()
    return int(every), int(late)
