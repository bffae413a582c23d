"""People label a sample of feedback, each by themselves, and their agreement is measured."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import combinations

from sqlalchemy import func, select
from sqlmodel import Session, col

from promises.feedback.curation.agreement import Agreement, Answers, alpha, kappa
from promises.feedback.curation.tables import RatedText, Rating, RatingRound
from promises.feedback.tables import Feedback, Mention, Problem
from promises.journal.actions import record
from promises.people.tables import Person
from promises.refusal import Refusal

SAMPLE = 50
# The sample is drawn by lot from so many of the newest texts of a year that tell of trouble.
POOL, YEAR = 5_000, timedelta(days=365)
NONE = "none"


@dataclass(frozen=True)
class Progress:
    """One sample: how many texts, and how many of them each person has labelled."""

    round: RatingRound
    texts: int
    people: tuple[tuple[Person, int], ...]


@dataclass(frozen=True)
class Results:
    """What the labels of a sample show.

    :ivar pairs: of each two people their kappa.
    :ivar product: of each person the kappa with what the product says.
    """

    pairs: tuple[tuple[Person, Person, Agreement], ...]
    everybody: Agreement | None
    product: tuple[tuple[Person, Agreement], ...]


def begin(session: Session, *, by: int | None, as_of: datetime, size: int = SAMPLE) -> RatingRound:
    """Draw a sample to be labelled.

    :raises Refusal: ``rating.nothing`` when there is no feedback that tells of trouble.
    """
    pool = (
        select(col(Feedback.id))
        .where(col(Feedback.kind).in_(("trouble", "unplaced")), col(Feedback.text) != "")
        .where(col(Feedback.given_at) > as_of - YEAR)
        .order_by(col(Feedback.given_at).desc(), col(Feedback.id).desc())
        .limit(POOL)
    )
    ids = [number or 0 for number in session.execute(pool).scalars()]
    if not ids:
        raise Refusal("rating.nothing")
    made = RatingRound(made_at=as_of, made_by=by)
    session.add(made)
    session.flush()
    drawn = sorted(ids, key=lambda one: sha256(f"{made.id} {as_of.isoformat()} {one}".encode()).digest())
    session.add_all(
        RatedText(round_id=made.id or 0, feedback_id=one, number=n) for n, one in enumerate(drawn[:size], 1)
    )
    record(session, "rating.began", "rating", made.id, by=by, as_of=as_of, texts=len(drawn[:size]))
    session.flush()
    return made


def following(session: Session, round_id: int, person_id: int) -> tuple[int, Feedback] | None:
    """The first text of the sample that *person_id* hasn't labelled, and its number; none when all are."""
    done = select(col(Rating.feedback_id)).where(
        col(Rating.round_id) == round_id, col(Rating.person_id) == person_id
    )
    query = (
        select(col(RatedText.number), Feedback)
        .join(Feedback, col(Feedback.id) == col(RatedText.feedback_id))
        .where(col(RatedText.round_id) == round_id, col(RatedText.feedback_id).not_in(done))
        .order_by(col(RatedText.number))
        .limit(1)
    )
    found = session.execute(query).first()
    return (found[0], found[1]) if found else None


def answer(
    session: Session, round_id: int, feedback_id: int, problem_id: int | None, *, by: int, as_of: datetime
) -> None:
    """Say which problem the text is about most of all; none of them, if ``problem_id`` is empty.

    Saying it again changes one's own answer.

    :raises Refusal: ``rating.not_in_sample``, ``problems.merge_closed`` (the problem is off the board).
    """
    if session.get(RatedText, (round_id, feedback_id)) is None:
        raise Refusal("rating.not_in_sample")
    if problem_id is not None:
        problem = session.get(Problem, problem_id)
        if problem is None or problem.state not in {"found", "accepted"}:
            raise Refusal("problems.merge_closed")
    row = session.get(Rating, (round_id, feedback_id, by))
    if row is None:
        row = Rating(round_id=round_id, feedback_id=feedback_id, person_id=by, made_at=as_of)
    row.problem_id, row.made_at = problem_id, as_of
    session.add(row)
    session.flush()


def progress(session: Session) -> list[Progress]:
    """All samples, the newest first."""
    texts = select(col(RatedText.round_id), func.count()).group_by(col(RatedText.round_id))
    sizes: dict[int, int] = dict(session.execute(texts).all())
    done = (
        select(col(Rating.round_id), Person, func.count())
        .join(Person, col(Person.id) == col(Rating.person_id))
        .group_by(col(Rating.round_id), Person)  # type: ignore[arg-type]
        .order_by(col(Person.name), col(Person.id))
    )
    people: defaultdict[int, list[tuple[Person, int]]] = defaultdict(list)
    for round_id, person, count in session.execute(done):
        people[round_id].append((person, count))
    rounds = session.execute(select(RatingRound).order_by(col(RatingRound.id).desc())).scalars()
    return [Progress(one, sizes.get(one.id or 0, 0), tuple(people[one.id or 0])) for one in rounds]


def results(session: Session, round_id: int) -> Results:
    """How far those who labelled the sample agree; what was merged since counts as one."""
    heirs = {one.id: str(one.merged_into_id or one.id) for one in session.execute(select(Problem)).scalars()}
    said: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for row in session.execute(select(Rating).where(col(Rating.round_id) == round_id)).scalars():
        said[row.person_id][row.feedback_id] = heirs[row.problem_id] if row.problem_id else NONE
    found = session.execute(select(Person).where(col(Person.id).in_(said)).order_by(col(Person.id)))
    people = list(found.scalars())
    own = _product(session, round_id)
    both = [(a, b, kappa(said[a.id or 0], said[b.id or 0])) for a, b in combinations(people, 2)]
    product = [(one, kappa(said[one.id or 0], own)) for one in people]
    return Results(
        pairs=tuple((a, b, agreed) for a, b, agreed in both if agreed is not None),
        everybody=alpha([said[one.id or 0] for one in people]) if len(people) > 2 else None,
        product=tuple((one, agreed) for one, agreed in product if agreed is not None),
    )


def _product(session: Session, round_id: int) -> Answers:
    """What the product says: the surest problem of each text on the board, or none."""
    query = (
        select(col(RatedText.feedback_id), col(Problem.id))
        .outerjoin(Mention, col(Mention.feedback_id) == col(RatedText.feedback_id))
        .outerjoin(
            Problem,
            (col(Problem.id) == col(Mention.problem_id)) & col(Problem.state).in_(("found", "accepted")),
        )
        .where(col(RatedText.round_id) == round_id)
        .order_by(col(Problem.id).is_(None), col(Mention.strength).desc(), col(Mention.id))
    )
    found: dict[int, str] = {}
    for feedback_id, problem_id in session.execute(query):
        found.setdefault(feedback_id, str(problem_id) if problem_id else NONE)
    return found
