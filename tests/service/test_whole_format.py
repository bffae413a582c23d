"""Live and in bulk the whole terms format is kept: versions by moment, splits, pauses and claims told late,
caps and faults over many cases, amounts that grow, evidence, what is paid late."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from promises.compensation import actions, ledger
from promises.compensation.tables import Compensation, Entry
from promises.database import transaction
from promises.journal.tables import Event
from promises.service import judging
from promises.service.actions import add_milestone, open_case, tell
from promises.service.bulk import take_cases
from promises.service.tables import Case, Verdict
from promises.service.watch import tick
from promises.terms.actions import set_terms
from promises.terms.reading import write_terms
from promises.terms.templates import template
from tests.conftest import NOON
from tests.promised import LONG_AGO, at_once, branch_of, document, promise, visit

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LATER = NOON + 20 * DAY


def happens(session, case, *milestones, as_of=LATER, **attributes):
    return tell(session, case, branch_of(session), milestones, attributes, by=None, as_of=as_of)


def fault(session, reference, *milestones, as_of=LATER, branch="centre", **attributes):
    customer = attributes.pop("customer", "")
    return open_case(
        session, branch=branch_of(session, branch), touchpoint="branch", source="test", reference=reference,
        milestones=milestones, attributes=attributes, customer=customer, by=None, as_of=as_of,
    )  # fmt: skip


def in_bulk(session, *cases, as_of=LATER):
    return take_cases(session, cases, source="file", by=None, as_of=as_of)


def verdicts(session, case=None):
    query = select(Verdict).order_by(Verdict.case_id, Verdict.promise_id, Verdict.part)
    if case is not None:
        query = query.where(Verdict.case_id == case.id)
    session.expire_all()
    return session.exec(query).all()


def standings(session, case=None):
    return [(one.status, one.reason) for one in verdicts(session, case)]


def open_sums(session):
    """What is owed and not reversed, compensation by compensation."""
    owed = session.exec(select(Compensation).order_by(Compensation.dated_at, Compensation.part)).all()
    return [str(left) for one in owed if (left := ledger.open_amount(session, one))]


# An amount that grows while the case is open

HOURLY = {"pays": [{"amount": "10.00"}, {"amount": "5.00", "per": "1 h", "counting": "complete"}]}


@pytest.fixture
def growing(session, cast, engine):
    """Fifteen minutes, then ten euros and five more for each full hour; the watch found it after an hour."""
    promise(session, remedy=HOURLY)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    session.commit()
    tick(engine, NOON + 80 * MINUTE)
    assert open_sums(session) == ["15.00"]
    return case


def test_an_amount_that_grew_until_the_end_is_owed_by_its_difference_exactly_once(session, growing):
    served = NOON + 15 * MINUTE + 3 * HOUR
    assert happens(session, growing, ("served", served))
    assert open_sums(session) == ["15.00", "10.00"]
    first, second = session.exec(select(Compensation).order_by(Compensation.part)).all()
    assert (first.dated_at, second.dated_at) == (NOON + 15 * MINUTE, served)
    assert (second.verdict_id, second.part) == (first.id, 2)
    assert not happens(session, growing, ("served", served))
    assert happens(session, growing, hint="nothing new of the time")
    assert open_sums(session) == ["15.00", "10.00"]


def test_what_was_paid_before_it_ended_stays_and_the_rest_is_paid_too(session, cast, growing):
    (first,) = session.exec(select(Compensation)).all()
    pay = {"receiver": "", "by": cast.teller, "as_of": LATER}
    actions.pay_at_counter(session, first.branch_id, first.id, **pay)
    happens(session, growing, ("served", NOON + 15 * MINUTE + 2 * HOUR))
    assert open_sums(session) == ["5.00"]
    second = session.exec(select(Compensation).where(Compensation.part == 2)).one()
    actions.pay_at_counter(session, second.branch_id, second.id, **pay)
    assert open_sums(session) == []


# Told late


def test_a_pause_told_late_moves_the_due_time_and_takes_an_unpaid_breach_back(session, cast, engine):
    promise(
        session,
        measure={"from": "arrived", "to": "served", "limit": "15 min",
                 "pauses": [{"from": "parked", "to": "resumed"}]},
    )  # fmt: skip
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    session.commit()
    tick(engine, NOON + 20 * MINUTE)
    assert open_sums(session) == ["10.00"]
    happens(session, case, ("parked", NOON + 5 * MINUTE), ("resumed", NOON + 18 * MINUTE),
            as_of=NOON + 21 * MINUTE)  # fmt: skip
    (verdict,) = verdicts(session)
    assert (verdict.status, verdict.due_at, verdict.dated_at) == ("pending", NOON + 28 * MINUTE, None)
    assert open_sums(session) == []
    session.commit()
    tick(engine, NOON + 30 * MINUTE)
    assert standings(session) == [("broken", "still_open")]
    assert open_sums(session) == ["10.00"]
    kinds = session.exec(select(Entry.kind).order_by(Entry.made_at)).all()
    assert sorted(kinds) == ["owed", "owed", "reversed"]


CLAIMED = {"pays": [{"amount": "10.00"}], "claim": {"milestone": "claimed", "within": "14 calendar days"},
           "pay_within": "1 month", "pay_from": "claimed"}  # fmt: skip


def test_what_must_be_claimed_is_owed_from_the_claim_on_and_not_after_its_time(session, cast):
    promise(session, remedy=CLAIMED)
    late = (("arrived", NOON), ("served", NOON + HOUR))
    in_time, too_late = visit(session, "a", *late, as_of=LATER), visit(session, "b", *late, as_of=LATER)
    assert open_sums(session) == []
    happens(session, in_time, ("claimed", NOON + 2 * DAY))
    happens(session, too_late, ("claimed", NOON + 15 * DAY))
    assert open_sums(session) == ["10.00"]
    (owed,) = session.exec(select(Compensation)).all()
    assert owed.pay_by.isoformat() == "2026-07-11T21:00:00+00:00"  # the whole 11 July in Helsinki


def test_evidence_told_late_excuses_and_reverses_what_is_unpaid(session, cast):
    outage = {"reason": "outage", "when": {"attribute": "outage", "is": True}, "evidence": "record"}
    promise(session, excluded=[outage])
    late = (("arrived", NOON), ("served", NOON + HOUR))
    case = fault(session, "a", *late, outage=True)
    assert standings(session) == [("broken", "late")]
    happens(session, case, record="ticket 7 of the operator")
    assert standings(session) == [("excluded", "outage")]
    assert open_sums(session) == []


def test_an_attribute_told_otherwise_is_judged_anew_and_the_journal_keeps_it(session, cast):
    right = {"from": "arrived", "to": "served", "must": {"attribute": "right", "is": True}}
    promise(session, measure=right)
    case = fault(session, "a", ("arrived", NOON), ("served", NOON + HOUR), right=True)
    assert standings(session) == [("kept", "met")]
    happens(session, case, right=False)
    assert standings(session) == [("broken", "not_met")]
    assert open_sums(session) == ["10.00"]
    assert "case.told_otherwise" in session.exec(select(Event.verb)).all()


def test_a_file_that_tells_more_of_known_cases_is_learned_from(session, cast):
    outage = {"reason": "outage", "when": {"attribute": "outage", "is": True}}
    promise(session, excluded=[outage])
    late = (("arrived", NOON), ("served", NOON + HOUR))
    one = judging.Case("a", "centre", late, {"touchpoint": "branch"})
    in_bulk(session, one)
    assert open_sums(session) == ["10.00"]
    more = judging.Case("a", "centre", late, {"touchpoint": "branch", "outage": True})
    taken = in_bulk(session, more)
    assert (taken.new, taken.known, taken.grown) == (0, 1, 1)
    assert open_sums(session) == []
    assert in_bulk(session, more).grown == 0


def test_a_promise_whose_time_has_not_begun_says_nothing_yet(session, cast):
    promise(session, measure={"from": "called", "to": "served", "limit": "15 min"})
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    assert verdicts(session) == []
    happens(session, case, ("called", NOON + HOUR), as_of=NOON + HOUR)
    assert [one.due_at for one in verdicts(session)] == [NOON + HOUR + 15 * MINUTE]


# Splits


POWER = write_terms(template("fi-power-cut")) | {"promise": "power", "starts": str(LONG_AGO.date())}


@pytest.fixture
def power(session, cast):
    set_terms(session, document=POWER, starts_at=LONG_AGO, by=None, as_of=LONG_AGO)


def hours(number):
    return NOON + number * HOUR


@pytest.mark.parametrize("way", ["live", "bulk"])
def test_a_cut_that_is_split_has_a_verdict_for_each_stretch(session, power, way):
    told = (("lost", hours(0)), ("restored", hours(13)), ("lost", hours(15)), ("restored", hours(40)))
    known = {"annual-fee": "100", "customer": "C"}
    if way == "live":
        fault(session, "a", *told, **known)
    else:
        in_bulk(session, judging.Case("a", "centre", told, {"touchpoint": "branch", **known}))
    assert [(one.part, one.status) for one in verdicts(session)] == [(1, "broken"), (2, "broken")]
    assert open_sums(session) == ["10.00", "25.00"]


def test_power_lost_again_within_two_hours_joins_the_cut_that_had_been_kept(session, power, engine):
    case = fault(session, "a", ("lost", hours(0)), ("restored", hours(11)), **{"annual-fee": "100"})
    assert standings(session) == [("kept", "in_time")]
    happens(session, case, ("lost", hours(12)))
    assert standings(session) == [("broken", "still_open")]
    assert open_sums(session) == []  # the time for paying counts from the end of the cut
    happens(session, case, ("restored", hours(25)))
    assert standings(session) == [("broken", "late")]
    assert open_sums(session) == ["25.00"]


def test_stretches_joined_by_what_is_told_late_owe_once(session, power):
    case = fault(session, "a", ("lost", hours(0)), ("restored", hours(13)), ("lost", hours(16)),
                 ("restored", hours(29)), **{"annual-fee": "100"})  # fmt: skip
    assert open_sums(session) == ["10.00", "10.00"]
    happens(session, case, ("lost", hours(14)), ("restored", hours(15)))
    assert standings(session, case) == [("broken", "late"), ("excluded", "joined")]
    assert open_sums(session) == ["10.00", "15.00"]  # 29 hours: 25 %, of which 10 were owed


# Caps by customer and one payment for one fault


CAPPED = {"pays": [{"amount": "10.00"}], "caps": [{"amount": "25.00", "per": "year", "by": "customer"}]}
LATE = (("arrived", NOON), ("served", NOON + HOUR))


def test_a_customers_cap_counts_what_is_owed_at_every_branch_and_in_every_way(session, cast):
    promise(session, remedy=CAPPED)
    fault(session, "a", *LATE, customer="C")
    fault(session, "b", *LATE, customer="C", branch="harbour")
    known = {"touchpoint": "branch", "customer": "C"}
    in_bulk(session, *[judging.Case(name, "centre", LATE, known) for name in "cd"])
    fault(session, "e", *LATE, customer="D")
    assert sorted(open_sums(session)) == ["10.00", "10.00", "10.00", "5.00"]


def test_judging_a_capped_case_again_changes_nothing(session, cast):
    promise(session, remedy=CAPPED)
    cases = [fault(session, name, *LATE, customer="C") for name in "abc"]
    before = open_sums(session)
    assert before == ["10.00", "10.00", "5.00"]
    for case in cases:
        happens(session, case, hint="nothing that matters")
    assert open_sums(session) == before


def test_what_was_reversed_leaves_the_cap_again(session, cast):
    outage = {"reason": "outage", "when": {"attribute": "outage", "is": True}}
    promise(session, remedy=CAPPED, excluded=[outage])
    first, *_ = [fault(session, name, *LATE, customer="C") for name in "ab"]
    happens(session, first, outage=True)
    fault(session, "c", *LATE, customer="C")
    assert sorted(open_sums(session)) == ["10.00", "10.00"]


OUTAGE = {"reason": "outage", "when": {"attribute": "outage", "is": True}}


@pytest.mark.parametrize("way", ["live", "bulk"])
def test_what_a_cap_had_cut_is_owed_at_once_when_an_earlier_one_is_reversed(session, cast, way):
    """25 euros a month: three cases of a customer are owed 10, 10 and 5, a fourth nothing."""
    promise(session, remedy=CAPPED, excluded=[OUTAGE])
    waits = [[(name, at + place * MINUTE) for name, at in LATE] for place in range(4)]
    cases = [fault(session, name, *wait, customer="C") for name, wait in zip("abcd", waits, strict=True)]
    assert open_sums(session) == ["10.00", "10.00", "5.00"]
    if way == "live":
        happens(session, cases[0], outage=True)
    else:
        told = {"touchpoint": "branch", "customer": "C", "outage": True}
        take_cases(
            session, [judging.Case("a", "centre", tuple(waits[0]), told)], source="test", by=None, as_of=LATER
        )
    by_case = {
        case.reference: sum(
            ledger.open_amount(session, one)
            for one in session.exec(select(Compensation).where(Compensation.case_id == case.id))
        )
        for case in cases
    }
    assert by_case == {"a": 0, "b": 10, "c": 10, "d": 5}
    before = open_sums(session)
    for case in cases:
        happens(session, case, hint="nothing that matters")
    assert open_sums(session) == before


def test_a_fault_that_was_paid_for_one_case_is_paid_for_another_when_the_first_is_excused(session, cast):
    once = {"pays": [{"amount": "10.00"}], "once_per": "fault"}
    promise(session, remedy=once, excluded=[OUTAGE])
    first = fault(session, "a", *LATE, fault="F1")
    second = fault(session, "b", *LATE, fault="F1")
    fault(session, "c", *LATE, fault="F2")
    happens(session, first, outage=True)
    (owed,) = session.exec(select(Compensation).where(Compensation.case_id == second.id)).all()
    assert ledger.open_amount(session, owed) == Decimal("10.00")
    assert open_sums(session) == ["10.00", "10.00"]


def test_two_cases_of_one_customer_told_at_once_keep_the_cap(engine, cast):
    with transaction(engine) as session:
        promise(session, remedy=CAPPED)

    def take(name):
        with transaction(engine) as own:
            return fault(own, name, *LATE, customer="C").id

    at_once(*[lambda name=name: take(name) for name in ("a", "b", "c", "d")])
    with transaction(engine) as session:
        assert sorted(open_sums(session)) == ["10.00", "10.00", "5.00"]


def test_several_cases_of_one_fault_pay_once_and_of_two_promises_the_one_of_lower_rank(session, cast):
    once = {"pays": [{"amount": "10.00"}], "once_per": "fault"}
    promise(session, "a-later-one", remedy=once, rank=2)
    promise(session, "z-first", remedy=once | {"pays": [{"amount": "7.00"}]}, rank=1)
    fault(session, "a", *LATE, fault="F1")
    fault(session, "b", *LATE, fault="F1")
    in_bulk(session, judging.Case("c", "centre", LATE, {"touchpoint": "branch", "fault": "F1"}))
    assert open_sums(session) == ["7.00"]
    assert {one.status for one in verdicts(session)} == {"broken"}
    assert len(verdicts(session)) == 6


def ranked(session, early="10.00", late="7.00"):
    """Of one fault, the promise that ranks behind breaks after a quarter, the one before it after an hour."""
    once = {"once_per": "fault"}
    hour = {"from": "arrived", "to": "served", "limit": "60 min"}
    promise(session, "behind", remedy=once | {"pays": [{"amount": early}]}, rank=2)
    promise(session, "before", remedy=once | {"pays": [{"amount": late}]}, rank=1, measure=hour)


@pytest.mark.parametrize(
    ("behind", "before", "owed"),
    [("5.00", "12.00", ["5.00", "7.00"]), ("12.00", "5.00", ["12.00"]), ("5.00", "5.00", ["5.00"])],
)
def test_what_is_owed_for_a_fault_stands_and_a_promise_that_ranks_before_owes_what_it_pays_beyond(
    session, cast, engine, behind, before, owed
):
    """The customer gets what the better-ranking promise pays, and never less than was owed already."""
    ranked(session, behind, before)
    case = fault(session, "a", ("arrived", NOON), as_of=NOON, fault="F1")
    session.commit()
    tick(engine, NOON + 20 * MINUTE)
    assert open_sums(session) == [behind]
    session.commit()
    tick(engine, NOON + 70 * MINUTE)
    assert open_sums(session) == owed
    happens(session, case, ("served", NOON + 2 * HOUR))
    happens(session, case, hint="nothing that matters")
    assert open_sums(session) == owed


def test_of_two_promises_broken_at_once_only_the_one_that_ranks_before_pays(session, cast):
    ranked(session, "12.00", "5.00")
    fault(session, "a", ("arrived", NOON), ("served", NOON + 2 * HOUR), fault="F1")
    fault(session, "b", ("arrived", NOON), ("served", NOON + 2 * HOUR), fault="F1")
    assert open_sums(session) == ["5.00"]


def test_when_the_earlier_payment_of_a_fault_is_reversed_the_better_promise_pays_in_full(
    session, cast, engine
):
    ranked(session, "5.00", "12.00")
    case = fault(session, "a", ("arrived", NOON), as_of=NOON, fault="F1")
    other = fault(session, "b", ("arrived", NOON), as_of=NOON, fault="F1")
    session.commit()
    tick(engine, NOON + 70 * MINUTE)
    assert sum(Decimal(one) for one in open_sums(session)) == Decimal("12.00")
    for one in (case, other):
        happens(session, one, ("served", NOON + 2 * HOUR))
    assert sum(Decimal(one) for one in open_sums(session)) == Decimal("12.00")


# Versions by the moment that the terms name


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


# What is paid late


def test_what_is_paid_late_is_paid_with_what_the_terms_add(session, cast):
    remedy = {"pays": [{"amount": "40.00"}], "pay_within": "10 calendar days", "late": {"pays": "40.00"}}
    promise(session, remedy=remedy)
    visit(session, "a", *LATE, as_of=NOON + DAY)
    visit(session, "b", *LATE, as_of=NOON + DAY)
    first, second = session.exec(select(Compensation)).all()
    for owed, when in ((first, NOON + 9 * DAY), (second, NOON + 11 * DAY)):
        actions.pay_at_counter(session, owed.branch_id, owed.id, receiver="", by=cast.teller, as_of=when)
    assert (ledger.paid(session, first), ledger.paid(session, second)) == (Decimal(40), Decimal(80))
    assert open_sums(session) == []


def test_a_case_that_cannot_be_judged_is_excluded_and_owes_nothing(session, cast):
    promise(session, remedy={"pays": [{"amount": {"percent": "25", "of": "fare"}}]})
    fares = {"a": {"fare": "-3.00"}, "b": {}, "c": {"fare": "40.00"}}
    cases = [fault(session, name, *LATE, **known) for name, known in fares.items()]
    assert [standings(session, case)[0] for case in cases] == [
        ("excluded", "attribute_negative"),
        ("excluded", "attribute_missing"),
        ("broken", "late"),
    ]
    assert open_sums(session) == ["10.00"]


def test_many_at_once_are_what_they_are_one_by_one_whatever_the_terms(session, cast):
    promise(session, "growing", remedy=HOURLY)
    promise(session, "capped", remedy=CAPPED)
    set_terms(session, document=POWER, starts_at=LONG_AGO, by=None, as_of=LONG_AGO)
    told = [
        (("arrived", hours(0)), ("served", hours(2))),
        (("arrived", hours(1)), ("left", hours(4))),
        (("lost", hours(0)), ("restored", hours(14)), ("lost", hours(17)), ("restored", hours(50))),
        (("arrived", hours(2)), ("lost", hours(3))),
    ]
    known = {"annual-fee": "100"}
    for number, milestones in enumerate(told):
        fault(session, f"one{number}", *milestones, branch="harbour", **{**known, "customer": f"A{number}"})
    own = {"touchpoint": "branch", **known}
    in_bulk(
        session,
        *[
            judging.Case(f"one{number}", "centre", milestones, {**own, "customer": f"C{number}"})
            for number, milestones in enumerate(told)
        ],
    )

    def outcome(branch):
        rows = session.exec(
            select(Case.reference, Verdict)
            .join(Verdict, (Verdict.branch_id == Case.branch_id) & (Verdict.case_id == Case.id))
            .where(Case.branch_id == branch)
        )
        owed = session.exec(select(Compensation.amount).where(Compensation.branch_id == branch)).all()
        found = {
            (name, one.promise_id, one.part, one.status, one.reason, one.due_at, one.dated_at, one.ended_at)
            for name, one in rows
        }
        return found, sorted(owed)

    assert outcome(cast.harbour) == outcome(cast.centre)
    assert len(outcome(cast.centre)[0]) == 9


def test_milestones_told_one_after_another_end_where_those_told_at_once_do(session, cast):
    promise(session, remedy=HOURLY)
    case = visit(session, "a", ("arrived", NOON), as_of=NOON)
    add_milestone(session, case, branch_of(session), "served", NOON + 3 * HOUR, by=None, as_of=LATER)
    visit(session, "b", ("arrived", NOON), ("served", NOON + 3 * HOUR), as_of=LATER)
    one, other = verdicts(session)
    assert (one.status, one.elapsed_s, one.dated_at) == (other.status, other.elapsed_s, other.dated_at)
    assert open_sums(session) == ["20.00", "20.00"]
