"""A taking of a file of feedback that was begun: by which choices, how far it has come, letting it go."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from promises.database import transaction
from promises.feedback.actions import LONGEST_SOURCE, against
from promises.feedback.intake.checking import Against
from promises.feedback.intake.mapping import Columns, recall
from promises.feedback.intake.sheet import Reading, Sheet
from promises.feedback.tables import Feedback, Intake, IntakeSetAside, IntakeWork
from promises.files.staging import confirmed, file_name
from promises.files.taking import LEASE, end
from promises.refusal import Refusal


def begin(
    session: Session,
    sheet: Sheet,
    columns: Columns,
    *,
    filename: str,
    by: int | None,
    as_of: datetime,
    default_at: datetime | None = None,
    reading: Reading | None = None,
    token: str | None = None,
    at_it: bool = True,
) -> Intake:
    """A taking that is to be done; the one that was begun with the same file and choices, if it isn't over.

    :param default_at: the moment of rows that have no date; now by default.
    :param reading: what was said of how to read the file.
    :param token: the staged file, if the taking may go on in the background.
    :param at_it: whether the caller takes it at once; otherwise whoever comes may.
    :raises Refusal: ``feedback.day_in_future``, ``feedback.no_text_column``, ``feedback.no_source``.
    """
    columns = replace(columns, source=columns.source.strip()[:LONGEST_SOURCE])
    if default_at is not None and default_at > as_of:
        raise Refusal("feedback.day_in_future")
    columns.check()
    mapping = columns.remembered(sheet) | {
        "day": default_at.isoformat() if default_at else "",
        "reading": asdict(reading or Reading()),
    }
    moved_at = as_of if at_it else as_of - LEASE
    if token is not None:
        confirmed(session, token, as_of)
    known = _unfinished(session, sheet, mapping)
    if known is not None:
        work = session.get_one(IntakeWork, known.id)
        work.token, work.moved_at = token or work.token, moved_at
        session.add(work)
        return known
    intake = Intake(
        filename=file_name(filename),
        sha256=sheet.fingerprint,
        source=columns.source,
        columns=sheet.key(),
        mapping=mapping,
        taken=0,
        known=0,
        made_at=as_of,
        made_by=by,
    )
    session.add(intake)
    session.flush()
    session.add(IntakeWork(intake_id=intake.id or 0, about=sheet.estimate, token=token, moved_at=moved_at))
    session.flush()
    return intake


def _unfinished(session: Session, sheet: Sheet, mapping: dict[str, Any]) -> Intake | None:
    if not sheet.fingerprint:
        return None
    query = (
        select(Intake)
        .join(IntakeWork, col(IntakeWork.intake_id) == Intake.id)
        .where(Intake.sha256 == sheet.fingerprint, col(IntakeWork.finished_at).is_(None))
    )
    begun = session.exec(query.order_by(col(Intake.id).desc()))
    return next((one for one in begun if one.mapping == mapping), None)


def refused(engine: Engine, intake_id: int, refusal: Refusal, now: datetime) -> None:
    """A taking that somebody waits for was refused: what has taken nothing is as if nobody had begun it."""
    if refusal.code == "files.taken_elsewhere":
        return
    with transaction(engine) as session:
        if session.get_one(Intake, intake_id).taken:
            end(session, IntakeWork, intake_id, now, refusal)
        else:
            give_up(session, intake_id)


def give_up(session: Session, intake_id: int) -> None:
    """Let go of a taking that was refused before it took anything: as if nobody had begun it."""
    for table in (IntakeSetAside, IntakeWork):
        session.execute(delete(table).where(col(table.intake_id) == intake_id))
    session.execute(delete(Intake).where(col(Intake.id) == intake_id, col(Intake.taken) == 0))


@dataclass(frozen=True)
class Begun:
    """What is known of a taking as it begins or goes on.

    :param seen: rows that were seen before, the last of them number *row*.
    :param places: rows that were taken from this very file by earlier intakes.
    """

    intake_id: int
    columns: Columns
    against: Against
    seen: int
    row: int
    earlier: Intake | None
    places: frozenset[int]

    @classmethod
    def of(cls, session: Session, intake_id: int, sheet: Sheet) -> Begun:
        intake, work = session.get_one(Intake, intake_id), session.get_one(IntakeWork, intake_id)
        day = intake.mapping["day"]
        # What held when it was begun holds to its end, so that it ends as if it had never been cut short.
        checked = against(
            session,
            default_at=datetime.fromisoformat(day) if day else None,
            as_of=intake.made_at,
        )
        earlier = _earlier(session, intake)
        places = select(Feedback.row).where(col(Feedback.intake_id).in_([one.id for one in earlier]))
        return cls(
            intake_id,
            recall(intake.mapping, sheet),
            checked,
            work.seen,
            work.row,
            earlier[0] if earlier else None,
            frozenset(session.exec(places)) if earlier else frozenset(),
        )


def _earlier(session: Session, intake: Intake) -> list[Intake]:
    """Earlier intakes of this very file, the newest first."""
    if not intake.sha256:
        return []
    query = select(Intake).where(Intake.sha256 == intake.sha256, col(Intake.id) < intake.id)
    return list(session.exec(query.order_by(col(Intake.id).desc())))
