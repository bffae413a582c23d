"""What people do with problems: name, accept, dismiss, restore, merge, and say which quotes belong where.

Whatever they say stays, however often problems are looked for again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, update
from sqlmodel import Session, col, or_, select

from promises.feedback.board.counts import changing, recounting
from promises.feedback.curation.tables import Handed, Merging, Parting
from promises.feedback.tables import Denial, Feedback, Mention, Problem
from promises.journal.actions import record
from promises.refusal import Refusal

OPEN = ("found", "accepted")
# What a person says is certain; a found mention's strength stays below it.
CERTAIN = 1.0


def name(session: Session, problem: Problem, fi: str, en: str, *, by: int | None, as_of: datetime) -> None:
    """Give *problem* a name in each language; an empty one shows the found label again.

    :raises Refusal: ``problems.name_taken`` when another problem that is open bears it.
    """
    free(session, problem.id, fi, en)
    problem.given_fi, problem.given_en = fi.strip(), en.strip()
    session.add(problem)
    record(session, "problems.named", "problem", problem.id, by=by, as_of=as_of, fi=fi, en=en)
    session.flush()


def accept(session: Session, problem: Problem, *, by: int | None, as_of: datetime) -> None:
    """Say that this is a problem indeed.

    :raises Refusal: ``problems.changed_meanwhile``.
    """
    _claim(session, problem, ("found",), state="accepted")
    record(session, "problems.accepted", "problem", problem.id, by=by, as_of=as_of)


def dismiss(session: Session, problem: Problem, reason: str, *, by: int | None, as_of: datetime) -> None:
    """Take *problem* off the board; feedback goes on joining it, so it does not come back as a new one.

    :raises Refusal: ``problems.reason_missing``, ``problems.changed_meanwhile``.
    """
    if not reason.strip():
        raise Refusal("problems.reason_missing")
    _claim(session, problem, OPEN, state="dismissed", reason=reason.strip())
    record(session, "problems.dismissed", "problem", problem.id, by=by, as_of=as_of, reason=reason.strip())


def restore(session: Session, problem: Problem, *, by: int | None, as_of: datetime) -> None:
    """Bring a dismissed problem back to the board.

    :raises Refusal: ``problems.changed_meanwhile``.
    """
    _claim(session, problem, ("dismissed",), state="accepted", reason="")
    record(session, "problems.restored", "problem", problem.id, by=by, as_of=as_of)


def merge(session: Session, problem: Problem, into: Problem, *, by: int | None, as_of: datetime) -> None:
    """Make *problem* part of *into*: its quotes move there, and so will whatever would have joined it.

    :raises Refusal: ``problems.merge_itself``, ``problems.merge_closed``, ``problems.changed_meanwhile``.
    """
    if problem.id == into.id:
        raise Refusal("problems.merge_itself")
    if into.state not in OPEN:
        raise Refusal("problems.merge_closed")
    with recounting(session, (problem.id or 0, into.id or 0)):
        _claim(session, problem, OPEN, state="merged", merged_into_id=into.id, merged_by=by)
        take_back_split(session, problem.id or 0, into.id or 0)
        hand_over(session, problem.id or 0, into.id or 0, by=by, as_of=as_of)
    record(session, "problems.merged", "problem", problem.id, by=by, as_of=as_of, into=into.id)


def hand_over(session: Session, problem_id: int, into_id: int, *, by: int | None, as_of: datetime) -> None:
    """Move the mentions of one problem to another, but for feedback that is there already or was denied.

    What came this way is noted, so that the two can be parted again.
    """
    there = select(Mention.feedback_id).where(Mention.problem_id == into_id)
    denied = select(Denial.feedback_id).where(Denial.problem_id == into_id)
    own = col(Mention.problem_id) == problem_id
    shared = col(Mention.feedback_id).in_(there)
    came = select(Mention.problem_id, Mention.feedback_id, shared)
    came = came.where(own, or_(shared, col(Mention.feedback_id).not_in(denied)))
    session.execute(insert(Handed).from_select(["problem_id", "feedback_id", "shared"], came))
    session.add(Merging(problem_id=problem_id, into_id=into_id, made_at=as_of, made_by=by))
    taken = or_(shared, col(Mention.feedback_id).in_(denied))
    found = session.exec(select(Mention.id).where(own, taken)).all()
    session.execute(delete(Mention).where(col(Mention.id).in_(found)))
    session.execute(update(Mention).where(own).values(problem_id=into_id))
    session.execute(
        update(Problem).where(col(Problem.merged_into_id) == problem_id).values(merged_into_id=into_id)
    )
    session.expire_all()


def take_back_split(session: Session, problem_id: int, from_id: int) -> None:
    """Forget that *problem_id* was split off *from_id*, where it was: what was marked fits there again."""
    parted = session.get(Parting, (problem_id, from_id)), session.get(Parting, (from_id, problem_id))
    for parting in filter(None, parted):
        session.delete(parting)
    if parted[0] is not None:
        theirs = select(Mention.feedback_id).where(Mention.problem_id == problem_id)
        marked = col(Denial.made_at) == parted[0].made_at
        session.execute(
            delete(Denial).where(
                col(Denial.problem_id) == from_id, marked, col(Denial.feedback_id).in_(theirs)
            )
        )
    session.flush()


def deny(session: Session, mention: Mention, *, by: int | None, as_of: datetime) -> None:
    """Say that this feedback does not speak of this problem."""
    problem_id, feedback_id = mention.problem_id, mention.feedback_id
    with changing(session, [feedback_id]):
        session.delete(mention)
        session.flush()
        if session.get(Denial, (problem_id, feedback_id)) is None:
            session.add(Denial(problem_id=problem_id, feedback_id=feedback_id, made_by=by, made_at=as_of))
        feedback = session.get_one(Feedback, feedback_id)
        if session.exec(select(Mention.id).where(Mention.feedback_id == feedback_id)).first() is None:
            feedback.kind = "unplaced"
            session.add(feedback)
    record(session, "problems.quote_denied", "problem", problem_id, by=by, as_of=as_of, feedback=feedback_id)
    session.flush()


def place(
    session: Session,
    feedback: Feedback,
    problem: Problem,
    *,
    quote: str = "",
    by: int | None,
    as_of: datetime,
) -> Mention:
    """Say that *feedback* speaks of *problem*; *quote* is the part that does, else all of it.

    :raises Refusal: ``problems.merge_closed`` when the problem is not open.
    """
    if problem.state not in OPEN:
        raise Refusal("problems.merge_closed")
    key = (Mention.problem_id == problem.id, Mention.feedback_id == feedback.id)
    with changing(session, [feedback.id or 0]):
        mention = session.exec(select(Mention).where(*key)).first()
        if mention is None:
            mention = Mention(
                problem_id=problem.id or 0,
                feedback_id=feedback.id or 0,
                strength=CERTAIN,
                quote=quote or feedback.text,
            )
        mention.placed_by = by
        session.add(mention)
        denial = session.get(Denial, (problem.id, feedback.id))
        if denial is not None:
            session.delete(denial)
        feedback.kind = "trouble"
        session.add(feedback)
    record(session, "problems.quote_placed", "problem", problem.id, by=by, as_of=as_of, feedback=feedback.id)
    session.flush()
    return mention


def move(session: Session, mention: Mention, to: Problem, *, by: int | None, as_of: datetime) -> Mention:
    """Say that a quote speaks not of the problem it is with but of *to*.

    :raises Refusal: ``problems.merge_itself``, ``problems.merge_closed``.
    """
    if mention.problem_id == to.id:
        raise Refusal("problems.merge_itself")
    feedback, quote = session.get_one(Feedback, mention.feedback_id), mention.quote
    moved = place(session, feedback, to, quote=quote, by=by, as_of=as_of)
    deny(session, mention, by=by, as_of=as_of)
    return moved


def free(session: Session, problem_id: int | None, fi: str, en: str) -> None:
    """Make sure that no open problem but *problem_id* bears one of these names.

    :raises Refusal: ``problems.name_taken``.
    """
    # Compared here, since databases differ in what they take for the capital of ä.
    others = session.exec(select(Problem).where(Problem.id != problem_id, col(Problem.state).in_(OPEN))).all()
    for language, wanted in (("fi", fi.strip()), ("en", en.strip())):
        if wanted and any(one.label(language).casefold() == wanted.casefold() for one in others):
            raise Refusal("problems.name_taken", name=wanted)


def _claim(session: Session, problem: Problem, states: tuple[str, ...], **values: Any) -> None:
    """Change *problem* only if it still is in one of *states*."""
    row = (
        update(Problem).where(col(Problem.id) == problem.id, col(Problem.state).in_(states)).values(**values)
    )
    if cast("CursorResult[Any]", session.execute(row)).rowcount != 1:
        raise Refusal("problems.changed_meanwhile")
    session.refresh(problem)
