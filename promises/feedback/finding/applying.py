"""What mining found is written into the tables, around what people have said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy
from sqlalchemy import Table, delete, insert, update
from sqlmodel import Session, col, select

from promises.feedback.curation.actions import hand_over
from promises.feedback.curation.tables import Handed, Parting, Steadiness, Turn
from promises.feedback.finding.looking import COMPARED, Row
from promises.feedback.finding.standing import carry_over
from promises.feedback.tables import Denial, Feedback, Finding, Meaning, Mention, Problem
from promises.journal.actions import record

if TYPE_CHECKING:
    from promises.feedback.mining.results import Found, Joined, Member
    from promises.feedback.mining.results import Problem as Group

CHUNK = 1_000
TROUBLE, UNPLACED = "trouble", "unplaced"
Item = TypeVar("Item")
LONGEST_LABEL = 120
_mention: Table = Mention.__table__  # type: ignore[attr-defined]
_handed: Table = Handed.__table__  # type: ignore[attr-defined]
_meaning: Table = Meaning.__table__  # type: ignore[attr-defined]


def join_standing(session: Session, rows: Sequence[Row], joined: Joined) -> None:
    """New feedback joins the problems that stand; one that was merged takes it into its heir."""
    heirs = _heirs(session)
    mentions, handed = [], []
    for member in joined.members:
        own = int(member.problem)
        if own in heirs:
            mentions.append(row_of(rows[member.text], heirs[own], member))
            if heirs[own] != own:
                handed.append((own, rows[member.text].id))
    add(session, mentions)
    note_handed(session, handed)
    note_kinds(session, zip((r.id for r in rows), joined.kinds, joined.languages, strict=True))


def find_anew(
    session: Session, rows: Sequence[Row], found: Found, *, by: int | None, as_of: datetime
) -> list[Problem]:
    """Match the groups of a look over everything to the standing problems; the problems that are new.

    The quotes of problems that people touched stay where they are, and only new ones are added.
    """
    heirs = _heirs(session)
    firm = touched(session)
    held: defaultdict[int, set[int]] = defaultdict(set)
    for problem_id, feedback_id in session.exec(select(Mention.problem_id, Mention.feedback_id)):
        held[problem_id].add(feedback_id)
    groups: defaultdict[str, set[int]] = defaultdict(set)
    for member in found.members:
        groups[member.problem].add(rows[member.text].id)
    problems = {p.id or 0: p for p in session.exec(select(Problem)).all()}
    own = {p.code: id_ for id_, p in problems.items()}
    same = {code: heirs[id_] for code, id_ in own.items()}
    carried = carry_over(groups, held, firm, same)

    finding = Finding(made_at=as_of, made_by=by, texts=len(rows), space=found.space)
    session.add(finding)
    session.flush()
    new = new_problems(session, [g for g in found.problems if g.id not in carried.of], as_of)
    of = {**carried.of, **{group: problem.id or 0 for group, problem in new.items()}}
    changing = (set(carried.of.values()) | set(carried.gone)) - firm
    _forget(session, changing)
    frozen = {text for problem in firm for text in held.get(problem, ())}
    mentions, handed = [], []
    for member in found.members:
        row, problem_id = rows[member.text], of[member.problem]
        # What a problem holds that people touched has its place, by their word or by what was learned of it.
        if row.id in frozen and row.id not in held.get(problem_id, ()):
            continue
        mentions.append(row_of(row, problem_id, member))
        if own.get(member.problem, problem_id) != problem_id:
            handed.append((own[member.problem], row.id))
    add(session, mentions)
    note_handed(session, handed)
    for problem_id, group in carried.gone.items():
        problem = problems[problem_id]
        problem.state, problem.merged_into_id = "merged", of[group]
        session.add(problem)
        session.flush()
        hand_over(session, problem_id, of[group], by=None, as_of=as_of)
        record(session, "problems.merged", "problem", problem_id, by=None, as_of=as_of, into=of[group])
    _centre(session, finding, found, {**of, **{code: own[code] for code in of if code in own}})
    note_kinds(session, zip((r.id for r in rows), found.kinds, found.languages, strict=True))
    if problems:
        for problem in new.values():
            record(session, "problems.emerged", "problem", problem.id, by=None, as_of=as_of)
    session.flush()
    return list(new.values())


def note_kinds(session: Session, kinds: Iterable[tuple[int, str, str]]) -> None:
    """Write down (feedback id, kind, language) after the mentions, which decide whether it has a problem.

    A language that nobody could tell leaves what the file told.
    """
    for chunk in _chunks(list(kinds)):
        ids = [feedback_id for feedback_id, _, _ in chunk]
        query = select(Mention.feedback_id).where(col(Mention.feedback_id).in_(ids))
        mentioned = set(session.exec(query).all())
        told: list[dict[str, Any]] = []
        untold: list[dict[str, Any]] = []
        for feedback_id, kind, language in chunk:
            placed = TROUBLE if feedback_id in mentioned else UNPLACED if kind == TROUBLE else kind
            row = {"id": feedback_id, "kind": placed}
            if language in {"", "und"}:
                untold.append(row)
            else:
                told.append({**row, "language": language})
        for rows in filter(None, (told, untold)):
            session.execute(update(Feedback), rows)


def _heirs(session: Session) -> dict[int, int]:
    """Every problem → itself, or the one that it was merged into."""
    return {
        problem.id or 0: problem.merged_into_id or problem.id or 0
        for problem in session.exec(select(Problem)).all()
    }


def touched(session: Session) -> set[int]:
    """The problems about which people have said something, or been told that they emerged."""
    problems = session.exec(select(Problem)).all()
    said = {p.id or 0 for p in problems if p.state in {"accepted", "dismissed"} or p.given_fi or p.given_en}
    said |= {p.merged_into_id for p in problems if p.merged_into_id and p.merged_by}
    for parting in session.exec(select(Parting)).all():
        said |= {parting.problem_id, parting.from_id}
    said |= set(session.exec(select(Mention.problem_id).where(col(Mention.placed_by).is_not(None))).all())
    said |= set(session.exec(select(Turn.problem_id).where(Turn.kind == "emerged")).all())
    return said | set(session.exec(select(Denial.problem_id)).all())


def new_problems(session: Session, groups: Sequence[Group], as_of: datetime) -> dict[str, Problem]:
    codes = set(session.exec(select(Problem.code)).all())
    new = {}
    for group in groups:
        code = group.id
        while code in codes:
            code += "x"
        codes.add(code)
        new[group.id] = Problem(
            code=code,
            found_fi=group.label.fi[:LONGEST_LABEL],
            found_en=group.label.en[:LONGEST_LABEL],
            made_at=as_of,
        )
    session.add_all(new.values())
    session.flush()
    return new


def _forget(session: Session, problems: set[int]) -> None:
    # The words of an erased customer can't be looked at again, so what was found in them stays a figure.
    erased = col(Mention.quote) == ""
    session.execute(
        delete(Mention).where(
            col(Mention.problem_id).in_(problems), col(Mention.placed_by).is_(None), ~erased
        )
    )


def _centre(session: Session, finding: Finding, found: Found, of: dict[str, int]) -> None:
    """Every problem that goes on has its centre in the new space: that of its largest group. A group that
    bears the code of a merged problem is that one's still, should the two be parted again.

    One that no group continues keeps its old centre in the old space, and so goes on drawing feedback.
    Spaces that no problem needs any more are forgotten.
    """
    seen: set[int] = set()
    for group in found.problems:
        problem_id = of.get(group.id)
        if problem_id is None or problem_id in seen:
            continue
        seen.add(problem_id)
        values = {"centroid": group.centre, "reach": group.reach, "finding_id": finding.id}
        session.execute(update(Problem).where(col(Problem.id) == problem_id).values(values))
    session.expire_all()
    needed = select(Problem.finding_id).where(col(Problem.finding_id).is_not(None))
    old = col(Finding.id).not_in(needed) & (col(Finding.id) != finding.id)
    session.execute(update(Finding).where(old).values(space=b""))


def row_of(row: Row, problem_id: int, member: Member) -> dict[str, Any]:
    return {
        "problem_id": problem_id,
        "feedback_id": row.id,
        "strength": member.strength,
        "quote": row.text[member.start : member.end] or row.text,
    }


def add(session: Session, mentions: list[dict[str, Any]]) -> None:
    """Add what is neither there nor denied; of several in one problem the strongest."""
    wanted: dict[tuple[int, int], dict[str, Any]] = {}
    for mention in mentions:
        key = (mention["problem_id"], mention["feedback_id"])
        if key not in wanted or mention["strength"] > wanted[key]["strength"]:
            wanted[key] = mention
    for chunk in _chunks(list(wanted.items())):
        ids = {feedback_id for (_, feedback_id), _ in chunk}
        pairs: set[tuple[int, int]] = set()
        for table in (Mention, Denial):
            query = sqlalchemy.select(table.problem_id, table.feedback_id)  # type: ignore[call-overload]
            pairs |= {tuple(row) for row in session.execute(query.where(col(table.feedback_id).in_(ids)))}
        rows = [mention for key, mention in chunk if key not in pairs]
        if rows:
            session.execute(insert(_mention), rows)


def note_handed(session: Session, handed: Sequence[tuple[int, int]]) -> None:
    """Note the (merged problem, feedback) by way of which feedback came to that problem's heir."""
    wanted = sorted(set(handed))
    for chunk in _chunks(wanted):
        ids = {feedback_id for _, feedback_id in chunk}
        query = select(Handed.problem_id, Handed.feedback_id).where(col(Handed.feedback_id).in_(ids))
        known = set(session.exec(query).all())
        rows = [(problem, feedback) for problem, feedback in chunk if (problem, feedback) not in known]
        if rows:
            named = [{"problem_id": one, "feedback_id": other, "shared": False} for one, other in rows]
            session.execute(insert(_handed), named)


def note_meanings(session: Session, said: Mapping[int, bytes]) -> None:
    """Keep what feedback says, by its id, and no more of it than is compared."""
    there = set(session.exec(select(Meaning.feedback_id).where(col(Meaning.feedback_id) >= min(said))))
    rows = [{"feedback_id": one, "vector": vector} for one, vector in said.items() if one not in there]
    for chunk in _chunks(rows):
        session.execute(insert(_meaning), chunk)
    newest = sqlalchemy.select(_meaning.c.feedback_id).order_by(_meaning.c.feedback_id.desc())
    beyond = newest.offset(COMPARED).limit(1).scalar_subquery()
    session.execute(delete(_meaning).where(_meaning.c.feedback_id <= beyond))


def note_steadiness(session: Session, found: Mapping[str, tuple[float, int]], *, as_of: datetime) -> None:
    """Write down how sure each problem is, by its code: its share and from how many looks."""
    session.execute(delete(Steadiness))
    problems = session.exec(select(Problem).where(col(Problem.code).in_(found))).all()
    for problem in problems:
        share, looks = found[problem.code]
        session.add(Steadiness(problem_id=problem.id or 0, share=share, looks=looks, made_at=as_of))


def _chunks(rows: list[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
