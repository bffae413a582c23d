"""The score by branch, touchpoint, source and period, its reasons, and what looks begged for: gathered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from promises.feedback.board.figures import Figures
from promises.feedback.board.seeing import seen
from promises.feedback.nps import Nps, apart, nps, without
from promises.feedback.nps_trend import Period, Trend, trend
from promises.feedback.queries import Wanted, conditions, distribution
from promises.feedback.tables import Feedback, Problem
from promises.people.tables import Branch
from promises.surveys.kinds import NPS
from promises.surveys.queries import Rate
from promises.surveys.signs import Heard, Sign, Week, signs
from promises.surveys.tables import Door, Invitation, Reply, Survey

BY = ("branch", "touchpoint", "source")
REASONS = 5
WEEKS = 26
LOOKED_BACK = timedelta(weeks=WEEKS)
MOST_HEARD = 200_000


@dataclass(frozen=True)
class Part:
    """The score of one branch, touchpoint or source.

    ``than_rest`` is 1 or -1 where its interval lies wholly above or below that of all the others, else 0:
    only then may anybody say that it does better or worse.
    """

    key: str
    name: str
    nps: Nps
    counts: tuple[int, ...]
    rate: Rate | None
    than_rest: int


@dataclass(frozen=True)
class Reason:
    """A problem beside the number: how many of the scores name it, and what it does to them, in points."""

    problem: Problem
    figures: Figures
    impact: float


@dataclass(frozen=True)
class Scores:
    counts: tuple[int, ...]
    nps: Nps
    rate: Rate
    parts: list[Part]
    trend: Trend | None
    reasons: list[Reason]
    signs: list[Sign]


def scores(
    session: Session,
    wanted: Wanted,
    by: str,
    as_of: datetime,
    zone: ZoneInfo,
) -> Scores:
    """Everything that the page about the score shows, under the reader's filters.

    :param by: one of :data:`BY`.
    """
    counts = distribution(session, wanted)
    return Scores(
        counts=counts,
        nps=nps(counts),
        rate=rate(session, wanted).get(None, Rate(0, 0)),
        parts=parts(session, wanted, by),
        trend=trend(periods(session, wanted, as_of, zone)),
        reasons=reasons(session, wanted, counts),
        signs=begged(session, wanted, as_of),
    )


def parts(session: Session, wanted: Wanted, by: str) -> list[Part]:
    """The score of each branch, touchpoint or source, by name; there is no order of merit."""
    column: Any = {
        "branch": col(Feedback.branch_id),
        "touchpoint": col(Feedback.touchpoint),
        "source": col(Feedback.source),
    }[by]
    score = col(Feedback.score)
    query = select(column, score, func.count()).where(score.is_not(None), *conditions(wanted))
    found: defaultdict[Any, list[int]] = defaultdict(lambda: [0] * 11)
    for key, value, number in session.execute(query.group_by(column, score)):
        found[key][value] = number
    # Answers that name no branch are not another branch to be compared with.
    known = [counts for key, counts in found.items() if key not in {None, ""}]
    whole = [sum(numbers) for numbers in zip(*known, strict=True)] if known else [0] * 11
    names = (
        {b.id: (b.code, b.name) for b in session.execute(select(Branch)).scalars()} if by == "branch" else {}
    )
    rates = rate(session, wanted, by)
    told = []
    for key, counts in found.items():
        code, name = names.get(key, ("", "")) if by == "branch" else (key, key)
        own, rest = nps(counts), nps([max(w - c, 0) for w, c in zip(whole, counts, strict=True)])
        clear = bool(code) and own.enough and rest.enough and apart(own, rest)
        than_rest = 0 if not clear else 1 if (own.score or 0) > (rest.score or 0) else -1
        told.append(Part(code, name, own, tuple(counts), rates.get(key), than_rest))
    return sorted(told, key=lambda part: (not part.key, part.name))


def rate(session: Session, wanted: Wanted, by: str = "") -> dict[Any, Rate]:
    """Invitations to surveys of this kind that have left, and their answers: in all (key None), or by *by*.

    Sources other than our own surveys have no rate that we know.
    """
    column: Any = {"branch": col(Invitation.branch_id), "touchpoint": col(Survey.touchpoint)}.get(by)
    if by and column is None:
        return {}
    if wanted.source and wanted.source != "survey":
        return {}
    columns = [column] if by else []
    query = (
        select(*columns, func.count(col(Invitation.id)), func.count(col(Reply.id)))
        .select_from(Invitation)
        .join(Survey, col(Survey.id) == col(Invitation.survey_id))
        .outerjoin(Reply, col(Reply.invitation_id) == col(Invitation.id))
        .where(col(Survey.kind) == NPS, col(Invitation.sent_at).is_not(None))
    )
    if wanted.branch_id is not None:
        query = query.where(col(Invitation.branch_id) == wanted.branch_id)
    if wanted.touchpoint:
        query = query.where(col(Survey.touchpoint) == wanted.touchpoint)
    if wanted.since:
        query = query.where(col(Invitation.sent_at) >= wanted.since)
    if wanted.until:
        query = query.where(col(Invitation.sent_at) < wanted.until)
    if by:
        query = query.group_by(column)
    return {
        (row[0] if by else None): Rate(int(row[-2]), int(row[-1]))
        for row in session.execute(query)
        if row[-2]
    }


def periods(session: Session, wanted: Wanted, as_of: datetime, zone: ZoneInfo) -> list[Period]:
    """The weeks of the time that is wanted, the last 26 at most, each from Monday in *zone*."""
    end = min(wanted.until or as_of, as_of)
    last = _monday(end, zone)
    first = last - timedelta(weeks=WEEKS - 1)
    if wanted.since:
        first = max(first, _monday(wanted.since, zone))
    found = []
    day = first
    while day <= last:
        begin, over = _at(day, zone), _at(day + timedelta(days=7), zone)
        narrowed = replace(
            wanted,
            since=max(begin, wanted.since) if wanted.since else begin,
            until=min(over, wanted.until) if wanted.until else over,
        )
        found.append(Period(day, day + timedelta(days=7), distribution(session, narrowed)))
        day += timedelta(days=7)
    return found


def _monday(moment: datetime, zone: ZoneInfo) -> date:
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _at(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def reasons(session: Session, wanted: Wanted, counts: Sequence[int]) -> list[Reason]:
    """The problems that pull the score down most, among the answers that are wanted."""
    open_ones = col(Problem.state).in_(("found", "accepted"))
    found = seen(session, wanted, open_ones).totals
    problems = session.execute(select(Problem).where(col(Problem.id).in_(found))).scalars()
    told = []
    for problem in problems:
        figures = found[problem.id or 0]
        impact = without(counts, figures.distribution)
        if impact is not None and impact < 0:
            told.append(Reason(problem, figures, impact))
    return sorted(told, key=lambda reason: (reason.impact, reason.problem.id or 0))[:REASONS]


def begged(session: Session, wanted: Wanted, as_of: datetime) -> list[Sign]:
    """Signs among the answers to our own surveys of the last half year; the reader's branch narrows them."""
    since = as_of - LOOKED_BACK
    found = signs(_heard(session, since), _weeks(session, since))
    if wanted.branch_id is None:
        return found
    doors = set(
        session.execute(select(col(Door.id)).where(col(Door.branch_id) == wanted.branch_id)).scalars()
    )
    clerks = set(
        session.execute(
            select(func.coalesce(col(Invitation.served_by), col(Door.person_id)))
            .select_from(Reply)
            .outerjoin(Invitation, col(Invitation.id) == col(Reply.invitation_id))
            .outerjoin(Door, col(Door.id) == col(Reply.door_id))
            .where(col(Reply.branch_id) == wanted.branch_id)
            .distinct()
        ).scalars()
    )
    return [
        sign
        for sign in found
        if sign.branch_id == wanted.branch_id
        or (sign.door is not None and sign.door in doors)
        or (sign.clerk is not None and sign.clerk in clerks)
    ]


def _heard(session: Session, since: datetime) -> list[Heard]:
    clerk = func.coalesce(col(Invitation.served_by), col(Door.person_id))
    query = (
        select(col(Reply.answered_at), col(Reply.value), col(Reply.survey_id), col(Reply.door_id), clerk)
        .join(Survey, col(Survey.id) == col(Reply.survey_id))
        .outerjoin(Invitation, col(Invitation.id) == col(Reply.invitation_id))
        .outerjoin(Door, col(Door.id) == col(Reply.door_id))
        .where(col(Survey.kind) == NPS, col(Reply.answered_at) >= since)
        .order_by(col(Reply.answered_at).desc())
        .limit(MOST_HEARD)
    )
    return [
        Heard(at, value, survey_id, door, who) for at, value, survey_id, door, who in session.execute(query)
    ]


def _weeks(session: Session, since: datetime) -> list[Week]:
    query = (
        select(col(Invitation.survey_id), col(Invitation.branch_id), col(Invitation.sent_at), col(Reply.id))
        .select_from(Invitation)
        .outerjoin(Reply, col(Reply.invitation_id) == col(Invitation.id))
        .where(col(Invitation.sent_at) >= since)
        .limit(MOST_HEARD)
    )
    asked: defaultdict[tuple[int, int | None, date], list[int]] = defaultdict(lambda: [0, 0])
    for survey_id, branch_id, sent_at, reply_id in session.execute(query):
        line = asked[survey_id, branch_id, _monday(sent_at, ZoneInfo("UTC"))]
        line[0] += 1
        line[1] += reply_id is not None
    return [
        Week(survey_id, branch_id, _at(monday, ZoneInfo("UTC")), invited, answered)
        for (survey_id, branch_id, monday), (invited, answered) in asked.items()
    ]
