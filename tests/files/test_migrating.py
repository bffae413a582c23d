"""Files that were being taken when the tables changed go on where they were."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text
from sqlmodel import Session, select

from promises.database import migrations, transaction, upgrade
from promises.service.tables import CaseIntake, CaseIntakeWork
from tests.conftest import NOON

COLUMNS = "intake_id, cases, row, about, kept_file, stopped, moved_at, finished_at"


def test_how_far_files_had_come_outlives_the_upgrade(engine, cast):
    with transaction(engine) as session:
        for number in range(2):
            session.add(
                CaseIntake(
                    filename=f"{number}.csv",
                    sha256=str(number),
                    source="queue",
                    columns="",
                    mapping={},
                    taken=number,
                    known=0,
                    made_at=NOON,
                    made_by=cast.manager,
                )
            )
    with engine.begin() as connection:
        command.downgrade(migrations(connection), "0013")
        values = "(1, 40, 41, 90, true, NULL, :at, NULL), (2, 7, 8, 9, false, :why, :at, :at)"
        at = NOON.isoformat(" ")[:19] if engine.dialect.name == "sqlite" else NOON
        connection.execute(
            text(f"INSERT INTO case_intake_work ({COLUMNS}) VALUES {values}"),
            {"at": at, "why": '{"code": "cases.empty", "facts": {}}'},
        )
    upgrade(engine)
    with Session(engine) as session:
        first, second = session.exec(select(CaseIntakeWork).order_by(CaseIntakeWork.intake_id)).all()
    assert (first.seen, first.row, first.about, first.token) == (40, 41, 90, None)
    assert (first.stopped, first.moved_at, first.finished_at) == (None, NOON, None)
    assert (second.seen, second.finished_at) == (7, NOON)
    assert second.stopped == {"code": "cases.empty", "facts": {}}
