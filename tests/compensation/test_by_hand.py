"""Exclusions and awards by hand: with reason and evidence, and a second person where it matters."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from promises.audit.verify import verify
from promises.compensation import actions, ledger
from promises.compensation.awards import awarded, decide_award, make_award
from promises.compensation.exclusions import decide_exclusion, propose_exclusion
from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import transaction
from promises.journal.tables import Event
from promises.refusal import Refusal
from promises.service.actions import add_milestone
from promises.service.watch import tick
from tests.compensation.owing import set_promise
from tests.conftest import NOON
from tests.promised import at_once, branch_of, verdict_of, visit

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
TEN = Decimal("10.00")
WHY = {"reason": "The customer had gone out for a walk.", "evidence": "Told by the customer."}
BY_HAND = {
    "pays": [{"amount": "10.00"}],
    "by_hand": {"at_most": "50.00", "second_person_above": "20.00"},
    "pay_within": "7 calendar days",
}


@pytest.fixture
def late(session, cast):
    """A customer of the centre who was served too late, under terms that foresee awards."""
    set_promise(session, remedy=BY_HAND)
    case = visit(session, "a", ("arrived", NOON - HOUR), ("served", NOON), as_of=NOON)
    session.commit()
    return case


def promise_of(session, case):
    return verdict_of(session, case).promise_id


def exclude(session, case, by, **parts):
    asked = {**WHY, "by": by, "as_of": LATER, **parts}
    return propose_exclusion(session, branch_of(session), case.id, promise_of(session, case), **asked)


def award(session, case, by, amount="10.00", **parts):
    asked = {**WHY, "amount": Decimal(amount), "by": by, "as_of": LATER, **parts}
    return make_award(session, branch_of(session), case.id, promise_of(session, case), **asked)


def decide(session, proposed, by, approve=True, reason=""):
    verb = decide_award if type(proposed).__name__ == "Award" else decide_exclusion
    return verb(
        session, branch_of(session), proposed.id, approve=approve, reason=reason, by=by, as_of=LATER + HOUR
    )


def entries(session, case):
    query = select(Entry.kind, Entry.amount).join(
        Compensation,
        (col(Compensation.branch_id) == Entry.branch_id) & (col(Compensation.id) == Entry.compensation_id),
    )
    return session.exec(query.where(Compensation.case_id == case.id).order_by(col(Entry.made_at))).all()


def verbs(session):
    query = select(Event.verb).where(col(Event.subject).in_(("award", "exclusion")))
    return session.exec(query.order_by(col(Event.id))).all()


def whole(engine, session):
    session.commit()
    return verify(engine, as_of=LATER + 2 * HOUR).faults == []


# -- exclusions


def test_an_exclusion_waits_for_another_person_and_changes_nothing_until_then(session, cast, late):
    proposed = exclude(session, late, cast.teller)
    assert (proposed.alone, proposed.amount) == (False, TEN)
    assert verdict_of(session, late).status == "broken"
    decide(session, proposed, cast.manager)
    verdict = verdict_of(session, late)
    assert (verdict.status, verdict.reason) == ("excluded", "by_hand")
    assert entries(session, late) == [("owed", TEN), ("reversed", TEN)]
    assert verbs(session) == ["case.exclusion_proposed", "case.excluded"]


def test_what_was_paid_before_stays_with_the_customer(engine, session, cast, late):
    proposed = exclude(session, late, cast.teller)
    owed = session.exec(select(Compensation)).one()
    actions.pay_at_counter(session, owed.branch_id, owed.id, receiver="", by=cast.teller, as_of=LATER)
    decide(session, proposed, cast.manager)
    assert verdict_of(session, late).status == "excluded"
    assert entries(session, late) == [("owed", TEN), ("paid", TEN)]
    assert whole(engine, session)


def test_a_limit_lets_one_person_exclude_what_is_no_more_than_it(session, cast, late):
    assert exclude(session, late, cast.teller, alone_up_to=TEN).alone
    assert verdict_of(session, late).status == "excluded"
    assert entries(session, late) == [("owed", TEN), ("reversed", TEN)]


def test_a_cent_above_the_limit_needs_the_second_person(session, cast, late):
    assert not exclude(session, late, cast.teller, alone_up_to=TEN - Decimal("0.01")).alone


def test_a_case_that_is_still_open_needs_the_second_person_whatever_the_limit(session, cast):
    set_promise(session)
    case = visit(session, "open", ("arrived", NOON), as_of=NOON)
    proposed = exclude(session, case, cast.teller, alone_up_to=TEN)
    assert (proposed.alone, proposed.amount) == (False, 0)


def test_an_open_case_that_was_excluded_is_not_broken_by_the_watch_or_by_what_is_told_later(
    engine, session, cast
):
    set_promise(session)
    case = visit(session, "open", ("arrived", NOON), as_of=NOON)
    decide(session, exclude(session, case, cast.teller, as_of=NOON), cast.manager)
    session.commit()
    tick(engine, LATER)
    add_milestone(session, case, branch_of(session), "served", LATER, by=None, as_of=LATER)
    assert verdict_of(session, case).status == "excluded"
    assert session.exec(select(Compensation)).all() == []
    assert whole(engine, session)


def test_nobody_approves_their_own_proposal(session, cast, late):
    proposed = exclude(session, late, cast.manager)
    with pytest.raises(Refusal, match=r"by_hand\.second_person"):
        decide(session, proposed, cast.manager)
    assert verdict_of(session, late).status == "broken"


@pytest.mark.parametrize(
    ("table", "key"), [("exclusion_decision", "exclusion_id"), ("award_decision", "award_id")]
)
def test_the_database_itself_refuses_the_same_person_twice(session, cast, late, table, key):
    make = exclude if table == "exclusion_decision" else award
    proposed = make(session, late, cast.manager, **({} if make is exclude else {"amount": "30.00"}))
    statement = (
        f"INSERT INTO {table} (branch_id, {key}, made_by, outcome, reason, decided_at, decided_by)"
        " VALUES (:branch, :id, :maker, 'approved', '', :at, :decider)"
    )
    facts = {"branch": proposed.branch_id, "id": proposed.id, "at": str(NOON)}
    for maker, decider in ((cast.manager, cast.manager), (cast.teller, cast.manager)):
        # The second pretends that somebody else had made it.
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement), {**facts, "maker": maker, "decider": decider})


def test_a_refusal_says_why_and_leaves_the_verdict(session, cast, late):
    proposed = exclude(session, late, cast.teller)
    with pytest.raises(Refusal, match=r"by_hand\.no_reason"):
        decide(session, proposed, cast.manager, approve=False)
    decide(session, proposed, cast.manager, approve=False, reason="The camera shows them waiting.")
    assert verdict_of(session, late).status == "broken"
    with pytest.raises(Refusal, match=r"by_hand\.decided_already"):
        decide(session, proposed, cast.director)
    assert exclude(session, late, cast.teller).id != proposed.id


def test_a_case_is_excluded_from_a_promise_once(session, cast, late):
    exclude(session, late, cast.teller)
    with pytest.raises(Refusal, match=r"exclusion\.already"):
        exclude(session, late, cast.colleague)


def test_a_kept_promise_has_nothing_to_exclude(session, cast):
    set_promise(session)
    case = visit(session, "k", ("arrived", NOON), ("served", NOON), as_of=NOON)
    with pytest.raises(Refusal, match=r"exclusion\.nothing"):
        exclude(session, case, cast.teller)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"reason": "  "}, "by_hand.no_reason"),
        ({"evidence": ""}, "by_hand.no_evidence"),
        ({"evidence": " ", "reference": " "}, "by_hand.no_evidence"),
    ],
)
def test_there_is_no_exclusion_and_no_award_without_reason_and_evidence(session, cast, late, words, code):
    for act in (exclude, award):
        with pytest.raises(Refusal, match=code):
            act(session, late, cast.manager, **words)


def test_two_managers_who_decide_at_once_decide_once(engine, session, cast, late):
    proposed = exclude(session, late, cast.teller)
    session.commit()

    def act(person, approve):
        with transaction(engine) as own:
            return decide(own, proposed, person, approve=approve, reason="No.")

    found = at_once(lambda: act(cast.manager, True), lambda: act(cast.director, False))
    assert sorted(type(one).__name__ for one in found) == ["Exclusion", "Refusal"]
    assert whole(engine, session)


# -- awards


def test_a_small_award_is_owed_at_once_beside_what_the_terms_pay(engine, session, cast, late):
    made = award(session, late, cast.manager, "20.00")
    assert made.alone
    owed = session.get_one(Compensation, (made.branch_id, made.id))
    assert (owed.amount, owed.part, owed.dated_at) == (Decimal("20.00"), 2, LATER)
    assert owed.pay_by > LATER + timedelta(days=6)
    (entry,) = ledger.entries(session, owed)
    assert (entry.debit, entry.credit, entry.made_by) == ("remedies", "customers", cast.manager)
    assert whole(engine, session)


def test_a_cent_above_the_limit_is_owed_when_another_person_agrees_and_once(engine, session, cast, late):
    made = award(session, late, cast.manager, "20.01")
    assert not made.alone
    assert session.get(Compensation, (made.branch_id, made.id)) is None
    decide(session, made, cast.director)
    assert session.get_one(Compensation, (made.branch_id, made.id)).amount == Decimal("20.01")
    with pytest.raises(Refusal, match=r"by_hand\.decided_already"):
        decide(session, made, cast.director)
    assert verbs(session) == ["award.proposed", "award.approved"]
    assert whole(engine, session)


def test_small_awards_together_above_the_limit_need_the_second_person(session, cast, late):
    assert award(session, late, cast.manager, "15.00").alone
    assert not award(session, late, cast.manager, "5.01").alone


def test_all_awards_of_a_case_together_stay_within_the_most(session, cast, late):
    award(session, late, cast.manager, "30.00")
    with pytest.raises(Refusal, match=r"award\.in_all"):
        award(session, late, cast.manager, "20.01")
    assert awarded(session, late, promise_of(session, late)) == Decimal("30.00")
    with pytest.raises(Refusal, match=r"award\.amount"):
        award(session, late, cast.manager, "50.01")


def test_a_refused_award_leaves_room_for_another(session, cast, late):
    refused = award(session, late, cast.manager, "50.00")
    decide(session, refused, cast.director, approve=False, reason="Too much.")
    assert award(session, late, cast.manager, "50.00").id != refused.id


def test_terms_that_foresee_no_awards_allow_none(session, cast):
    set_promise(session)
    case = visit(session, "a", ("arrived", NOON - HOUR), ("served", NOON), as_of=NOON)
    with pytest.raises(Refusal, match=r"award\.not_foreseen"):
        award(session, case, cast.manager)


def test_an_award_stays_when_the_verdict_turns_out_wrong_and_when_the_case_is_excluded(
    engine, session, cast, late
):
    made = award(session, late, cast.manager)
    add_milestone(session, late, branch_of(session), "served", NOON - HOUR, by=None, as_of=LATER)
    decided = exclude(session, late, cast.teller) if verdict_of(session, late).status == "broken" else None
    if decided:
        decide(session, decided, cast.manager)
    kept = session.get_one(Compensation, (made.branch_id, made.id))
    assert ledger.open_amount(session, kept) == TEN
    assert sum(balance.open for balance in ledger.balances(session)) == TEN
    assert whole(engine, session)


def test_an_award_before_the_promise_breaks_doesnt_stand_in_the_way_of_what_the_terms_pay(
    engine, session, cast
):
    set_promise(session, remedy=BY_HAND)
    case = visit(session, "open", ("arrived", NOON), as_of=NOON)
    award(session, case, cast.manager, as_of=NOON)
    session.commit()
    tick(engine, LATER)
    session.rollback()
    parts = session.exec(
        select(Compensation.part, Compensation.amount).order_by(col(Compensation.part))
    ).all()
    assert parts == [(1, TEN), (2, TEN)]
    assert whole(engine, session)


def test_an_award_is_paid_like_any_other(engine, session, cast, late):
    made = award(session, late, cast.manager)
    actions.pay_at_counter(session, made.branch_id, made.id, receiver="", by=cast.teller, as_of=LATER)
    assert session.exec(select(Payout.compensation_id)).all() == [made.id]
    assert whole(engine, session)


def test_two_who_approve_at_once_owe_once(engine, session, cast, late):
    made = award(session, late, cast.manager, "30.00")
    session.commit()

    def act(person):
        with transaction(engine) as own:
            return decide(own, made, person)

    found = at_once(lambda: act(cast.director), lambda: act(cast.colleague))
    assert sorted(type(one).__name__ for one in found) == ["Award", "Refusal"]
    session.rollback()
    assert len(session.exec(select(Compensation)).all()) == 2
    assert whole(engine, session)
