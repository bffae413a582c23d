"""Follow-ups are opened by rules, watched, and carried through to their end by a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Table, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from promises.database import transaction
from promises.feedback.actions import branch_names
from promises.feedback.masking import mask
from promises.feedback.queries import holds
from promises.feedback.tables import Feedback, Mention
from promises.followup.codes import BY_HAND, REACHED
from promises.followup.rules import Condition, Words, due_at, needs_person
from promises.followup.tables import Closing, FollowUp, Rule, Step
from promises.journal.actions import record
from promises.outbox.actions import notify
from promises.people.roles import Role
from promises.people.tables import Branch, Membership, Person
from promises.refusal import Refusal
from promises.surveys.signals import answered
from promises.surveys.tables import Contact, Reply
from promises.terms.calendar import branch_hours

# A rule looks at nothing older: whoever wrote two weeks ago and was not called back isn't waiting any more.
RECENT = timedelta(days=14)
MOST_AT_ONCE = 500
_follow_up: Table = FollowUp.__table__  # type: ignore[attr-defined]


def make_rule(
    session: Session,
    *,
    name: str,
    highest_score: int | None,
    problem_id: int | None,
    words: str,
    wish: bool,
    hours: int,
    owner_id: int | None,
    reask_days: int | None,
    by: int | None,
    as_of: datetime,
) -> Rule:
    """A new rule, for answers given from now on.

    :raises Refusal: ``followup.no_condition``.
    """
    words = ", ".join(word.strip() for word in words.split(",") if word.strip())
    if highest_score is None and problem_id is None and not words and not wish:
        raise Refusal("followup.no_condition")
    rule = Rule(
        name=name.strip(),
        highest_score=highest_score,
        problem_id=problem_id,
        words=words,
        wish=wish,
        hours=hours,
        owner_id=owner_id,
        reask_days=reask_days,
        made_at=as_of,
        made_by=by,
    )
    session.add(rule)
    session.flush()
    record(session, "followup.rule_made", "followup_rule", rule.id, by=by, as_of=as_of)
    return rule


def end_rule(session: Session, rule: Rule, *, by: int, as_of: datetime) -> None:
    """Open no more follow-ups by *rule*; those that are open go on. Twice changes nothing."""
    ended = update(Rule).where(col(Rule.id) == rule.id, col(Rule.ended_at).is_(None)).values(ended_at=as_of)
    if session.execute(ended).rowcount == 1:  # type: ignore[attr-defined]
        session.refresh(rule)
        record(session, "followup.rule_ended", "followup_rule", rule.id, by=by, as_of=as_of)


def watch(engine: Engine, *, as_of: datetime) -> tuple[int, int]:
    """Open what rules ask for, and notice what has become late; how many of each."""
    with transaction(engine) as session:
        return len(consider(session, as_of=as_of)), notice_late(session, as_of=as_of)


def consider(session: Session, *, as_of: datetime, feedback_id: int | None = None) -> list[int]:
    """Open a follow-up for every recent answer that a rule says needs a person, the first rule that fits.

    Only for customers who can be reached: by a number that the company knows them by, by what they left, or
    because they were asked by mail. Calling it again changes nothing: an answer has one follow-up at most.

    :param feedback_id: look at this one only.
    :returns: ids of the follow-ups that were opened.
    """
    rules = session.execute(select(Rule).where(col(Rule.ended_at).is_(None)).order_by(col(Rule.id))).scalars()
    opened: list[int] = []
    for rule in rules:
        condition = Condition(rule.highest_score, rule.problem_id, rule.words, rule.wish)
        for feedback, wish, reply_id in _candidates(session, rule, as_of, feedback_id):
            said = Words(feedback.text, feedback.score, _problems(session, feedback.id or 0), wish)
            if needs_person(condition, said):
                # What we heard ourselves is dated when it was said; what came in a file, when it came.
                at = feedback.given_at if reply_id is not None else as_of
                opened += _open(session, rule, feedback, at, as_of)
    return opened


def _candidates(
    session: Session, rule: Rule, as_of: datetime, feedback_id: int | None
) -> list[tuple[Feedback, bool, int | None]]:
    query = (
        select(Feedback, col(Contact.wish), col(Reply.id))
        .outerjoin(Reply, col(Reply.feedback_id) == col(Feedback.id))
        .outerjoin(Contact, col(Contact.reply_id) == col(Reply.id))
        .where(
            col(Feedback.given_at) >= max(rule.made_at, as_of - RECENT),
            ~exists().where(col(FollowUp.feedback_id) == col(Feedback.id)),
            # Whoever left neither a number nor a way to be reached can't be got back to.
            or_(
                col(Feedback.customer) != "",
                col(Contact.reply_id).is_not(None),
                col(Reply.invitation_id).is_not(None),
            ),
        )
    )
    if feedback_id is not None:
        query = query.where(col(Feedback.id) == feedback_id)
    if rule.highest_score is not None:
        query = query.where(col(Feedback.score) <= rule.highest_score)
    if rule.problem_id is not None:
        query = query.where(
            exists().where(
                col(Mention.feedback_id) == col(Feedback.id), col(Mention.problem_id) == rule.problem_id
            )
        )
    if rule.wish:
        query = query.where(col(Contact.wish))
    if rule.words:
        query = query.where(or_(*(holds(col(Feedback.text), word) for word in rule.words.split(", "))))
    found = session.execute(query.order_by(col(Feedback.id)).limit(MOST_AT_ONCE))
    return [(feedback, bool(wish), reply_id) for feedback, wish, reply_id in found]


def _problems(session: Session, feedback_id: int) -> set[int]:
    query = select(col(Mention.problem_id)).where(col(Mention.feedback_id) == feedback_id)
    return set(session.execute(query).scalars())


def _open(session: Session, rule: Rule, feedback: Feedback, at: datetime, as_of: datetime) -> list[int]:
    branch = session.get(Branch, feedback.branch_id) if feedback.branch_id is not None else None
    hours = branch_hours(session, [branch.code]).get(branch.code) if branch else None
    due = due_at(at, rule.hours, hours)
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    row: dict[str, Any] = {
        "feedback_id": feedback.id,
        "rule_id": rule.id,
        "branch_id": feedback.branch_id,
        "owner_id": rule.owner_id or _manager(session, feedback.branch_id),
        "opened_at": at,
        "due_at": due,
        "watch_at": due,
    }
    claimed = insert(_follow_up).values(row).on_conflict_do_nothing().returning(_follow_up.c.id)
    opened = [int(number) for number in session.execute(claimed).scalars()]
    for number in opened:
        session.add(Step(follow_up_id=number, at=at, kind="opened", words=rule.name))
        record(session, "followup.opened", "follow_up", number, by=None, as_of=as_of)
    session.flush()
    return opened


def _manager(session: Session, branch_id: int | None) -> int | None:
    """The manager of a branch; of several the one who has been there longest."""
    query = (
        select(col(Person.id))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.branch_id) == branch_id,
            col(Person.role) == Role.BRANCH_MANAGER,
            col(Person.left_at).is_(None),
        )
        .order_by(col(Person.id))
        .limit(1)
    )
    return session.execute(query).scalar_one_or_none()


def notice_late(session: Session, *, as_of: datetime) -> int:
    """Note every follow-up whose time has run out, dated when it did, and tell of it; how many there were."""
    due = select(FollowUp).where(col(FollowUp.watch_at) <= as_of).order_by(col(FollowUp.watch_at))
    late = 0
    for follow_up in session.execute(due.limit(MOST_AT_ONCE)).scalars().all():
        if not _unwatch(session, follow_up):
            continue
        late += 1
        session.add(Step(follow_up_id=follow_up.id or 0, at=follow_up.due_at, kind="late"))
        facts = {"follow_up_id": follow_up.id, "due_at": follow_up.due_at.isoformat()}
        notify(session, "followup.late", facts, follow_up.branch_id, as_of)
    session.flush()
    return late


def _unwatch(session: Session, follow_up: FollowUp) -> bool:
    """Let *follow_up* become late no more; whether this changed anything."""
    claim = (
        update(FollowUp)
        .where(col(FollowUp.id) == follow_up.id, col(FollowUp.watch_at).is_not(None))
        .values(watch_at=None)
    )
    changed: bool = session.execute(claim).rowcount == 1  # type: ignore[attr-defined]
    session.refresh(follow_up)
    return changed


def give(session: Session, follow_up: FollowUp, owner: Person, *, by: int, as_of: datetime) -> None:
    """Make *owner* the one who gets back to the customer. The deadline stays.

    :raises Refusal: ``followup.closed``, ``followup.left`` for somebody who has left the company.
    """
    _still_open(session, follow_up)
    if owner.left_at is not None:
        raise Refusal("followup.left")
    if follow_up.owner_id == owner.id:
        return
    follow_up.owner_id = owner.id
    session.add(follow_up)
    session.add(Step(follow_up_id=follow_up.id or 0, at=as_of, made_by=by, kind="given", words=owner.name))
    record(session, "followup.given", "follow_up", follow_up.id, by=by, as_of=as_of, to=owner.id)
    session.flush()


def note(session: Session, follow_up: FollowUp, kind: str, words: str, *, by: int, as_of: datetime) -> None:
    """Write down what was done by hand (``called``, ``not_reached``, ``note``). Personal data are masked.

    Once the customer has been reached, the follow-up can't become late any more.

    :raises Refusal: ``followup.closed``, ``followup.no_words`` for a note that says nothing.
    """
    if kind not in BY_HAND:
        raise KeyError(kind)
    if kind == "note" and not words.strip():
        raise Refusal("followup.no_words")
    add_step(session, follow_up, kind, words, by=by, as_of=as_of)


def add_step(
    session: Session, follow_up: FollowUp, kind: str, words: str, *, by: int | None, as_of: datetime
) -> None:
    """One more line of the history, masked.

    :raises Refusal: ``followup.closed``.
    """
    _still_open(session, follow_up)
    kept = mask(words.strip(), kept=branch_names(session)).text[:4000]
    session.add(Step(follow_up_id=follow_up.id or 0, at=as_of, made_by=by, kind=kind, words=kept))
    if kind in REACHED:
        _unwatch(session, follow_up)
    session.flush()


def close(
    session: Session, follow_up: FollowUp, outcome: str, words: str, *, by: int, as_of: datetime
) -> bool:
    """End a follow-up with its *outcome*; whether this did it. Twice changes nothing."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table: Table = Closing.__table__  # type: ignore[attr-defined]
    row = {"follow_up_id": follow_up.id, "at": as_of, "made_by": by, "outcome": outcome}
    claimed = insert(table).values(row).on_conflict_do_nothing().returning(table.c.follow_up_id)
    if session.execute(claimed).first() is None:
        return False
    _unwatch(session, follow_up)
    kept = mask(words.strip(), kept=branch_names(session)).text[:4000]
    session.add(Step(follow_up_id=follow_up.id or 0, at=as_of, made_by=by, kind="closed", words=kept))
    record(session, "followup.closed", "follow_up", follow_up.id, by=by, as_of=as_of, outcome=outcome)
    session.flush()
    return True


def contact_of(session: Session, feedback_id: int) -> Contact | None:
    """How the customer behind a piece of feedback wants to be reached, if that is still kept."""
    query = select(Contact).join(Reply, col(Reply.id) == col(Contact.reply_id))
    return session.execute(query.where(col(Reply.feedback_id) == feedback_id)).scalar_one_or_none()


def _still_open(session: Session, follow_up: FollowUp) -> None:
    if session.get(Closing, follow_up.id) is not None:
        raise Refusal("followup.closed")


@answered.connect
def _hear(session: Session, reply: Reply, as_of: datetime) -> None:
    consider(session, as_of=as_of, feedback_id=reply.feedback_id)
