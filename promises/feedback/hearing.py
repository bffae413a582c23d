"""Words that come one by one, not in a file: answers to our own surveys, quotes of an interview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from promises.feedback.actions import against, insert_pieces, row_of
from promises.feedback.board.counts import changing
from promises.feedback.intake.checking import Against, Piece, SetAside, check, pseudonym
from promises.feedback.intake.mapping import Columns
from promises.feedback.intake.sheet import of_rows
from promises.feedback.keeping import Originals, drop, keep
from promises.feedback.tables import Denial, Feedback, Intake, Mention
from promises.files.staging import file_name
from promises.refusal import Refusal

FIELDS = ("text", "score", "branch", "customer", "touchpoint", "language")
LONGEST_KEY = 200


@dataclass(frozen=True)
class Said:
    """One customer's words. ``key`` is what makes them known again within their source.

    :param branch: code of the branch, empty where none is known.
    :param score: 0-10, only where the question was how likely the customer is to recommend.
    """

    key: str
    text: str
    given_at: datetime
    score: int | None = None
    branch: str = ""
    customer: str = ""
    touchpoint: str = ""
    language: str = ""


def open_source(session: Session, name: str, source: str, *, by: int | None, as_of: datetime) -> Intake:
    """An intake that is no file: words keep coming into it, each as its next row."""
    intake = Intake(
        filename=file_name(name),
        sha256="",
        source=source,
        mapping={},
        taken=0,
        known=0,
        made_at=as_of,
        made_by=by,
    )
    session.add(intake)
    session.flush()
    return intake


def hear(
    session: Session,
    intake: Intake,
    said: Sequence[Said],
    *,
    as_of: datetime,
    originals: Originals | None = None,
) -> list[Feedback]:
    """Take words that nobody has taken yet, masked and checked as the rows of a file are.

    :returns: one piece of feedback for each of *said*, in order; what is known already as it is.
    :raises Refusal: ``fault.*`` (a code of what files' rows are set aside for), with ``found``.
    """
    found = _by_print(session, [_print(intake, one) for one in said])
    new = [one for one in said if _print(intake, one) not in found]
    if new:
        first = _next_row(session, intake, len(new))
        pieces = [
            replace(piece, row=first + n, fingerprint=_print(intake, one), given_at=one.given_at)
            for n, (piece, one) in enumerate(zip(_pieces(session, intake, new, as_of), new, strict=True))
        ]
        insert_pieces(session, intake.id or 0, pieces, originals, as_of=as_of)
        found |= _by_print(session, [piece.fingerprint for piece in pieces])
    return [found[_print(intake, one)] for one in said]


def hear_anew(
    session: Session,
    feedback: Feedback,
    said: Said,
    *,
    as_of: datetime,
    originals: Originals | None = None,
) -> None:
    """The customer has changed their answer: what was found in the old words is forgotten with them.

    :raises Refusal: as :func:`hear`.
    """
    intake = session.get_one(Intake, feedback.intake_id)
    piece = replace(
        _pieces(session, intake, [said], as_of)[0],
        row=feedback.row,
        fingerprint=feedback.fingerprint,
        given_at=said.given_at,
    )
    ids = [feedback.id or 0]
    drop(session, ids)
    with changing(session, ids, [piece.customer]):
        for table in (Mention, Denial):
            session.execute(delete(table).where(col(table.feedback_id).in_(ids)))  # type: ignore[attr-defined]
        for name, value in row_of(piece, feedback.intake_id).items():
            setattr(feedback, name, value)
        session.add(feedback)
    keep(session, {piece.fingerprint: ids[0]}, [piece], originals, as_of)


def _pieces(session: Session, intake: Intake, said: Sequence[Said], as_of: datetime) -> list[Piece]:
    rows = [
        [
            one.text,
            "" if one.score is None else str(one.score),
            one.branch,
            one.customer,
            one.touchpoint,
            one.language,
        ]
        for one in said
    ]
    columns = Columns({name: n for n, name in enumerate(FIELDS)}, source=intake.source)
    found: list[Piece] = []
    checked = check(of_rows(FIELDS, rows), columns, against(session, default_at=None, as_of=as_of))
    for one, row in zip(said, checked, strict=True):
        if isinstance(row, SetAside):
            faults = [fault for fault in row.faults if fault.reason != "text"]
            if faults:
                raise Refusal(f"fault.{faults[0].reason}", found=faults[0].found)
            row = _wordless(intake, one, against(session, default_at=None, as_of=as_of))
        found.append(row)
    return found


def _wordless(intake: Intake, said: Said, checked: Against) -> Piece:
    """An answer on another scale than 0-10 may come without words; it is an answer all the same."""
    return Piece(
        row=0,
        fingerprint="",
        text="",
        score=None,
        given_at=said.given_at,
        branch_id=checked.branches.get(said.branch.casefold()),
        customer=pseudonym(said.customer, checked.mask),
        source=intake.source,
        touchpoint=checked.plain(said.touchpoint),
        language=said.language,
    )


def _print(intake: Intake, said: Said) -> str:
    return sha256(f"{intake.id}\x1f{said.key[:LONGEST_KEY]}".encode()).hexdigest()


def _by_print(session: Session, prints: Sequence[str]) -> dict[str, Feedback]:
    query = select(Feedback).where(col(Feedback.fingerprint).in_(prints))
    return {one.fingerprint: one for one in session.exec(query)}


def _next_row(session: Session, intake: Intake, many: int) -> int:
    """Claim the next *many* rows of *intake*, and count them as taken; the first of them."""
    taken = session.execute(
        update(Intake)
        .where(col(Intake.id) == intake.id)
        .values(taken=col(Intake.taken) + many)
        .returning(col(Intake.taken))
    ).scalar_one()
    return int(taken) - many + 1
