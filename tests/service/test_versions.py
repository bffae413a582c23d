"""The version that applies is that of the moment which the terms name, however a case is told."""

from datetime import timedelta

import pytest

from promises.service import judging
from promises.service.watch import tick
from promises.terms.actions import set_terms
from tests.conftest import NOON
from tests.promised import document, promise, visit
from tests.service.told import happens, in_bulk, open_sums, verdicts

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def versions(session, cast, moment, starts, **parts):
    """Ten euros for a year; twenty from *starts* on."""
    promise(session, moment=moment)
    changed = document(
        moment=moment, starts=str(starts.date()), remedy={"pays": [{"amount": "20.00"}]}, **parts
    )
    set_terms(session, document=changed, starts_at=starts, by=cast.director, as_of=NOON - DAY)


@pytest.mark.parametrize("way", ["live", "bulk", "watch"])
@pytest.mark.parametrize(("moment", "amount"), [("start", "10.00"), ("breach", "20.00"), ("end", "20.00")])
def test_the_version_of_the_moment_that_the_terms_name_applies(session, cast, engine, way, moment, amount):
    versions(session, cast, moment, NOON + 10 * MINUTE)
    told = (("arrived", NOON), ("served", NOON + HOUR))
    if way == "bulk":
        in_bulk(session, judging.Case("a", "centre", told, {"touchpoint": "branch"}))
    else:
        case = visit(session, "a", told[0], as_of=NOON)
        session.commit()
        if way == "watch":
            tick(engine, NOON + 30 * MINUTE)
        happens(session, case, told[1])
    assert open_sums(session) == [amount]
    number = 1 if moment == "start" else 2
    terms_ids = [version.terms_id for version in verdicts(session)]
    assert terms_ids == [number]


def test_the_end_decides_after_the_watch_had_broken_it_by_the_version_before(session, cast, engine):
    versions(session, cast, "end", NOON + 30 * MINUTE)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    session.commit()
    tick(engine, NOON + 20 * MINUTE)
    assert open_sums(session) == ["10.00"]
    happens(session, case, ("served", NOON + HOUR))
    assert open_sums(session) == ["10.00", "10.00"]


def test_a_stricter_version_that_begins_meanwhile_moves_the_due_time_of_open_cases(session, cast, engine):
    promise(session, moment="end", measure={"from": "arrived", "to": "served", "limit": "60 min"})
    visit(session, "a", ("arrived", NOON), as_of=NOON)
    stricter = document(moment="end", measure={"from": "arrived", "to": "served", "limit": "30 min"},
                        starts=str(NOON.date()))  # fmt: skip
    set_terms(session, document=stricter, by=cast.director, as_of=NOON + 20 * MINUTE)
    session.commit()
    assert tick(engine, NOON + 40 * MINUTE).broken == 1
    (verdict,) = verdicts(session)
    assert (verdict.status, verdict.dated_at) == ("broken", NOON + 30 * MINUTE)
