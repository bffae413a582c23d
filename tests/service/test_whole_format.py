"""Live and in bulk the whole terms format is kept: splits, pauses and claims told late, amounts that grow,
evidence, what is paid late."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from promises.compensation import actions, ledger
from promises.compensation.tables import Compensation, Entry
from promises.journal.tables import Event
from promises.service import judging
from promises.service.actions import add_milestone
from promises.service.tables import Case, Verdict
from promises.service.watch import tick
from promises.terms.actions import set_terms
from promises.terms.reading import write_terms
from promises.terms.templates import template
from tests.conftest import NOON
from tests.promised import LONG_AGO, branch_of, promise, visit
from tests.service.told import CAPPED, LATE, LATER, fault, happens, in_bulk, open_sums, standings, verdicts

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


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
