"""What breaks is told: by mail to the branch's manager, by webhook to others, once, and only as news."""

from datetime import timedelta

from sqlmodel import select

from promises.database import transaction
from promises.outbox.tables import Notice
from promises.outbox.webhooks import add_webhook
from promises.service.actions import add_milestone
from promises.service.bulk import take_cases
from promises.service.judging import Case as PlainCase
from promises.service.watch import tick
from tests.conftest import NOON
from tests.promised import branch_of, promise, visit

LATER = NOON + timedelta(hours=1)


def hears(session):
    return add_webhook(
        session,
        name="Other",
        address="https://other.example/",
        kinds=["case.broken", "compensation.owed"],
        branch_ids=[],
        private=False,
        by=None,
        as_of=NOON,
    )


def notices(engine):
    with transaction(engine) as session:
        return {one.kind: one for one in session.exec(select(Notice).order_by(Notice.id))}


def test_what_the_watch_breaks_is_told_with_its_case_and_money(engine, cast):
    with transaction(engine) as session:
        promise(session)
        hears(session)
        for number in range(30):
            visit(session, f"A {number}", ("arrived", NOON), as_of=NOON)
    tick(engine, LATER)
    tick(engine, LATER + timedelta(minutes=1))
    told = notices(engine)
    assert {kind: one.count for kind, one in told.items()} == {"case.broken": 30, "compensation.owed": 30}
    assert told["compensation.owed"].total == 300
    first = told["case.broken"].facts[0]
    assert (first["source"], first["promise"]) == ("test", "served-in-15")
    assert first["at"] == (NOON + timedelta(minutes=15)).isoformat()
    assert {one["reference"] for one in told["case.broken"].facts} == {f"A {n}" for n in range(30)}


def test_a_case_that_is_told_late_breaks_and_is_told_as_well(engine, cast):
    with transaction(engine) as session:
        promise(session)
        case = visit(session, "A 1", ("arrived", NOON), as_of=NOON)
        add_milestone(
            session, case, branch_of(session), "served", NOON + timedelta(minutes=20), by=None, as_of=LATER
        )
    assert notices(engine)["case.broken"].count == 1
    with transaction(engine) as session:
        case = session.get_one(type(case), (case.branch_id, case.id))
        add_milestone(session, case, branch_of(session), "left", LATER, by=None, as_of=LATER)
    with transaction(engine) as session:
        assert len(session.exec(select(Notice)).all()) == 2


def test_a_file_tells_of_last_week_and_not_of_last_year(engine, cast):
    def broken_at(number, days):
        arrived = NOON - timedelta(days=days)
        served = arrived + timedelta(minutes=30)
        return PlainCase(
            f"case {number}", "centre", (("arrived", arrived), ("served", served)), {"touchpoint": "branch"}
        )

    with transaction(engine) as session:
        promise(session)
        cases = [broken_at(n, days) for n, days in enumerate((1, 6, 8, 200))]
        take_cases(session, cases, source="file", by=None, as_of=NOON)
    assert {kind: one.count for kind, one in notices(engine).items()} == {
        "case.broken": 2,
        "compensation.owed": 2,
    }
