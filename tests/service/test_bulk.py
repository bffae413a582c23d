"""Many cases at once: the same verdicts and sums as one by one, nothing twice, bad rows set aside."""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import func, select

from promises.compensation.tables import Compensation, Deadline, Entry
from promises.service import judging
from promises.service.actions import add_milestone, open_case
from promises.service.bulk import take_cases
from promises.service.counts import settle
from promises.service.counts_table import hourly_count
from promises.service.recount import recount
from promises.service.tables import WAIT_BINS, Case, Milestone, Verdict, hourly_wait
from promises.service.watch import tick
from promises.terms.actions import set_terms
from tests.conftest import NOON
from tests.promised import branch_of, document, promise

LATER = NOON + timedelta(hours=8)


def case(number, *milestones, branch="centre", **attributes):
    return judging.Case(f"c{number}", branch, milestones, {"touchpoint": "branch", **attributes})


def take(session, *cases, as_of=LATER):
    return take_cases(session, cases, source="file", by=None, as_of=as_of)


def some_cases(seed, count=300):
    """Customers of a day, many at the very same moments, some unserved, some gone."""
    chance = random.Random(seed)
    for number in range(count):
        arrived = NOON + timedelta(minutes=chance.randrange(30))
        milestones = [("arrived", arrived)]
        end = chance.choice(["served", "served", "served", "left", "no_show", None])
        if end:
            milestones.append((end, arrived + timedelta(seconds=chance.choice([60, 900, 901, 3000]))))
        yield case(number, *milestones, branch=chance.choice(["centre", "harbour"]))


def outcome(session):
    """Every verdict with what it owes, by reference."""
    rows = session.exec(
        select(Case.reference, Verdict, Compensation)
        .join(Verdict, (Verdict.branch_id == Case.branch_id) & (Verdict.case_id == Case.id))
        .outerjoin(
            Compensation,
            (Compensation.branch_id == Verdict.branch_id) & (Compensation.verdict_id == Verdict.id),
        )
    )
    return {
        reference: (
            verdict.branch_id,
            verdict.status,
            verdict.reason,
            verdict.due_at,
            verdict.dated_at,
            verdict.ended_at,
            verdict.elapsed_s,
            owed and (owed.amount, owed.dated_at),
        )
        for reference, verdict, owed in rows
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_many_at_once_are_judged_as_one_by_one(session, cast, seed):
    promise(session)
    cases = list(some_cases(seed))
    taken = take(session, *cases)
    together = outcome(session)
    assert (taken.new, taken.known, taken.set_aside) == (300, 0, [])
    for one in cases:
        visit_alone(session, one)
    alone = {reference: found for reference, found in outcome(session).items() if reference[0] == "x"}
    assert {f"x{reference}": found for reference, found in together.items()} == alone
    statuses = [found[1] for found in together.values()]
    assert +taken.verdicts == {status: statuses.count(status) for status in set(statuses)}
    assert set(statuses) == {"kept", "broken", "excluded"}


PAID_LATE = {"pays": [{"amount": "10.00"}], "pay_within": "14 calendar days", "late": {"pays": "5.00"}}


@pytest.mark.parametrize("remedy", [{"pays": [{"amount": "10.00"}]}, PAID_LATE])
def test_many_at_once_are_counted_owed_and_entered_as_one_by_one(session, cast, remedy):
    """The same cases again, one by one under other references: everything is there twice then."""
    promise(session, remedy=remedy)
    cases = list(some_cases(4))
    take(session, *cases)
    together = everything(session)
    for one in cases:
        visit_alone(session, one)
    assert everything(session) == {key: 2 * n for key, n in together.items()}
    assert {key[0] for key in together} == {"count", "wait", "compensation", "entry", "milestone"} | (
        {"deadline"} if remedy is PAID_LATE else set()
    )
    assert recount(session) == []


def everything(session):
    """All that came of cases, without its keys, and how often."""
    settle(session)
    found = Counter()
    for row in session.execute(select(hourly_count)):
        found["count", *row[:5]] += row.n
    for row in session.execute(select(hourly_wait)):
        for name in ("n", "elapsed_us", *WAIT_BINS):
            found["wait", *row[:4], name] += getattr(row, name)
    for kind, table, left_out in (
        ("compensation", Compensation, {"id", "verdict_id", "case_id"}),
        ("entry", Entry, {"id", "compensation_id", "seal"}),
        ("deadline", Deadline, {"compensation_id"}),
        ("milestone", Milestone, {"case_id"}),
    ):
        for row in session.exec(select(table)):
            told = row.model_dump(exclude=left_out)
            found[kind, *(told[name] for name in sorted(told))] += 1
    return +found


def visit_alone(session, one):
    open_case(
        session,
        branch=branch_of(session, one.branch),
        touchpoint="branch",
        source="alone",
        reference=f"x{one.id}",
        milestones=one.milestones,
        by=None,
        as_of=LATER,
    )


def test_the_same_cases_again_add_nothing(session, cast):
    promise(session)
    cases = list(some_cases(3))
    take(session, *cases)
    tables = (Case, Milestone, Verdict, Compensation, Entry)
    before = [session.exec(select(func.count()).select_from(table)).one() for table in tables]
    again = take(session, *cases)
    assert (again.new, again.known, again.grown) == (0, 300, 0)
    assert before == [session.exec(select(func.count()).select_from(table)).one() for table in tables]


def test_a_known_case_learns_what_has_happened_since(session, cast):
    promise(session)
    take(session, case(1, ("arrived", NOON)), as_of=NOON)
    more = take(session, case(1, ("arrived", NOON), ("served", NOON + timedelta(minutes=5))))
    assert (more.new, more.known, more.grown) == (0, 1, 1)
    assert [found[1] for found in outcome(session).values()] == ["kept"]


def test_a_thousand_cases_of_one_moment_have_a_thousand_keys(session, cast):
    promise(session)
    taken = take(session, *[case(number, ("arrived", NOON)) for number in range(1000)])
    assert taken.new == 1000
    more = take(session, *[case(number, ("arrived", NOON)) for number in range(1000, 2000)])
    assert more.new == 1000


def test_each_case_is_judged_by_the_version_in_force_when_it_began(session, cast):
    promise(session)
    set_terms(
        session,
        document=document(
            measure={"from": "arrived", "to": "served", "limit": "5 min"}, starts=str(NOON.date())
        ),
        by=cast.director,
        as_of=NOON,
    )
    ten = timedelta(minutes=10)
    before = NOON - timedelta(seconds=1)
    take(
        session,
        case(1, ("arrived", before), ("served", before + ten)),
        case(2, ("arrived", NOON), ("served", NOON + ten)),
    )
    assert {reference: found[1] for reference, found in outcome(session).items()} == {
        "c1": "kept",
        "c2": "broken",
    }


def test_cases_from_before_the_promise_are_kept_without_a_verdict(session, cast):
    promise(session)
    long_before = NOON - timedelta(days=800)
    taken = take(session, case(1, ("arrived", long_before), ("served", LATER)))
    assert taken.new == 1
    assert outcome(session) == {}


def test_what_is_still_open_waits_for_the_watch(session, cast, engine):
    promise(session)
    take(session, case(1, ("arrived", NOON)), as_of=NOON)
    session.commit()
    assert tick(engine, LATER).broken == 1


def test_bad_rows_are_set_aside_with_row_field_and_what_was_found(session, cast):
    promise(session)
    taken = take_cases(
        session,
        [
            case(1, ("arrived", NOON), branch="nowhere"),
            case(2),
            judging.Case("c3", "centre", (("arrived", NOON),)),
            case(4, ("arrived", NOON), ("served", LATER + timedelta(seconds=1))),
            case(5, ("arrived", NOON)),
        ],
        source="file",
        by=None,
        as_of=LATER,
        row_of=lambda place: place + 2,
    )
    assert taken.new == 1
    assert [(refusal.code, refusal.facts["row"]) for refusal in taken.set_aside] == [
        ("cases.unknown_branch", 2),
        ("cases.no_touchpoint", 4),
        ("cases.no_milestones", 3),
        ("cases.in_future", 5),
    ]
    assert taken.set_aside[0].facts["found"] == "nowhere"
    assert taken.set_aside[3].facts["field"] == "served"


def test_the_same_reference_at_two_branches_is_two_cases(session, cast):
    promise(session)
    taken = take(session, case(1, ("arrived", NOON)), case(1, ("arrived", NOON), branch="harbour"))
    assert taken.new == 2


def test_attributes_and_customer_are_kept(session, cast):
    promise(session)
    take(session, case(1, ("arrived", NOON), customer="c100", service="loan"))
    found = session.exec(select(Case)).one()
    assert (found.customer, found.attributes) == ("c100", {"service": "loan"})


def test_many_at_once_owe_what_the_ledger_sums(session, cast):
    promise(session)
    taken = take(session, *some_cases(4))
    owed = session.exec(select(func.sum(Entry.amount)).where(Entry.kind == "owed")).one()
    assert owed == Decimal("10.00") * taken.verdicts["broken"]


def test_a_case_taken_in_bulk_goes_on_live(session, cast):
    promise(session)
    take(session, case(1, ("arrived", NOON)), as_of=NOON)
    found = session.exec(select(Case)).one()
    served = NOON + timedelta(minutes=3)
    assert add_milestone(session, found, branch_of(session), "served", served, by=None, as_of=served)
    assert [one[1] for one in outcome(session).values()] == ["kept"]
