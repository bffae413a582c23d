"""Batches: made by one, approved by another, and from then on exactly what was approved."""

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import select

from promises.compensation import actions as compensation
from promises.compensation import ledger
from promises.compensation.tables import Payout
from promises.database import open_session, transaction
from promises.journal.tables import Event
from promises.outbox.tables import Notice
from promises.payments import arriving, batches
from promises.payments.queries import whereabouts
from promises.payments.tables import Batch, BatchDecision, Choice, Payment
from promises.refusal import Refusal
from promises.reports.money import balance, to_hand_out
from tests.conftest import NOON
from tests.payments.given import (
    HOUR,
    IBAN,
    LATER,
    PAYER,
    accounts,
    answer,
    approved,
    choose,
    owed_for,
    owing,
    parts,
    payments_of,
    transfers,
)
from tests.promised import at_once

TEN = Decimal("10.00")


def test_a_batch_holds_what_waits_for_its_way_and_nothing_else(session, cast):
    bank, credit, counter, nothing = owing(session, "bank", "credit", "counter", "nothing")
    for owed, way in ((bank, "bank"), (credit, "credit"), (counter, "counter")):
        choose(session, owed, way)
    batch = batches.make(session, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=LATER)
    assert [one.compensation_id for one in payments_of(session, batch)] == [bank.id]
    assert (batch.count, batch.total, batch.currency) == (1, TEN, "EUR")
    states = [whereabouts(session, owed).state for owed in (bank, credit, counter, nothing)]
    assert states == ["in_batch", "chosen", "chosen", "open"]


def test_the_file_tells_the_bank_what_the_batch_holds(session, cast):
    batch = transfers(session, cast, "a", "b", "c")
    assert parts(batch.document, "GrpHdr/NbOfTxs") == ["3"]
    assert parts(batch.document, "GrpHdr/CtrlSum") == ["30.00"]
    assert parts(batch.document, "CdtrAcct/Id/IBAN") == [IBAN] * 3
    assert parts(batch.document, "Cdtr/Nm") == ["Maija Möttönen"] * 3
    assert parts(batch.document, "GrpHdr/MsgId") == [batch.message]
    assert set(parts(batch.document, "PmtId/EndToEndId")) == {one.name for one in payments_of(session, batch)}
    assert batch.sha256 == hashlib.sha256(batch.document).hexdigest()


def test_a_transfer_is_asked_for_on_the_next_banking_day(session, cast):
    batch = transfers(session, cast, "a")
    assert batch.execute_on == date(2026, 6, 10)
    assert parts(batch.document, "ReqdExctnDt/Dt") == ["2026-06-10"]


def test_a_second_batch_finds_nothing(session, cast):
    transfers(session, cast, "a")
    with pytest.raises(Refusal, match=r"payments\.nothing_waiting"):
        batches.make(session, "bank", [cast.centre], payer=PAYER, by=cast.director, as_of=LATER)


def test_without_an_account_of_its_own_the_company_makes_no_transfers(session, cast):
    with pytest.raises(Refusal, match=r"payments\.no_payer"):
        batches.make(session, "bank", [cast.centre], payer=None, by=cast.manager, as_of=LATER)


def test_only_the_branches_asked_for_are_in_it(session, cast):
    (here,) = owing(session, "here")
    there = owed_for(session, "there", branch="harbour")
    for owed in (here, there):
        choose(session, owed, "bank")
    batch = batches.make(session, "bank", [cast.harbour], payer=PAYER, by=cast.director, as_of=LATER)
    assert [one.compensation_id for one in payments_of(session, batch)] == [there.id]


def test_what_is_in_a_batch_is_on_its_way_and_not_yet_paid(session, cast):
    transfers(session, cast, "a", "b")
    assert accounts(session) == {"remedies": Decimal(20), "on_the_way": Decimal(-20)}
    (balance,) = ledger.balances(session)
    assert (balance.owed, balance.paid, balance.open) == (Decimal(20), 0, Decimal(20))


def test_the_counter_can_not_pay_what_is_in_a_batch(session, cast):
    batch = transfers(session, cast, "a")
    (payment,) = payments_of(session, batch)
    with pytest.raises(Refusal, match=r"compensation\.on_its_way"):
        compensation.pay_at_counter(
            session, cast.centre, payment.compensation_id, receiver="", by=cast.teller, as_of=LATER
        )


def test_another_person_approves(session, cast):
    batch = transfers(session, cast, "a")
    with pytest.raises(Refusal, match=r"payments\.own_batch"):
        batches.approve(session, batch.id, by=cast.manager, as_of=LATER)
    decision = batches.approve(session, batch.id, by=cast.director, as_of=LATER)
    assert (decision.outcome, decision.decided_by) == ("approved", cast.director)
    assert accounts(session)["on_the_way"] == -TEN


def test_the_database_itself_refuses_an_approval_by_the_maker(session, cast):
    batch = transfers(session, cast, "a")
    session.add(
        BatchDecision(
            batch_id=batch.id,
            made_by=cast.manager,
            outcome="approved",
            decided_at=LATER,
            decided_by=cast.manager,
        )
    )
    with pytest.raises(IntegrityError, match="second_person"):
        session.flush()


def test_the_database_itself_refuses_an_approval_that_names_another_maker(session, cast):
    batch = transfers(session, cast, "a")
    session.add(
        BatchDecision(
            batch_id=batch.id,
            made_by=cast.teller,
            outcome="approved",
            decided_at=LATER,
            decided_by=cast.manager,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_batch_is_decided_once(session, cast):
    batch = approved(session, cast, "a")
    with pytest.raises(Refusal, match=r"payments\.decided_already"):
        batches.approve(session, batch.id, by=cast.director, as_of=LATER)
    with pytest.raises(Refusal, match=r"payments\.decided_already"):
        arriving.refuse(session, batch.id, "no", by=cast.director, as_of=LATER)


def test_a_batch_is_not_approved_once_its_day_is_over(session, cast):
    batch = transfers(session, cast, "a")
    batches_day = LATER + timedelta(days=1)
    with pytest.raises(Refusal, match=r"payments\.day_passed"):
        batches.approve(session, batch.id, by=cast.director, as_of=batches_day + timedelta(days=1))
    assert batches.approve(session, batch.id, by=cast.director, as_of=batches_day).outcome == "approved"


def test_a_refused_batch_lets_its_payments_wait_as_they_were_chosen(session, cast):
    batch = transfers(session, cast, "a")
    (payment,) = payments_of(session, batch)
    arriving.refuse(session, batch.id, "wrong day", by=cast.director, as_of=LATER)
    owed = compensation.hold(session, cast.centre, payment.compensation_id)
    assert whereabouts(session, owed).state == "chosen"
    assert session.exec(select(Choice.iban)).one() == IBAN
    assert accounts(session) == {"remedies": TEN, "customers": -TEN}
    again = batches.make(session, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=LATER + HOUR)
    assert (again.count, again.message != batch.message) == (1, True)


def test_a_refusal_has_a_reason(session, cast):
    batch = transfers(session, cast, "a")
    with pytest.raises(Refusal, match=r"payments\.no_reason"):
        arriving.refuse(session, batch.id, "  ", by=cast.director, as_of=LATER)


def test_a_file_leaves_only_when_approved_and_the_journal_keeps_each_time(session, cast):
    batch = transfers(session, cast, "a")
    with pytest.raises(Refusal, match=r"payments\.not_approved"):
        batches.download(session, batch.id, by=cast.manager, as_of=LATER)
    batches.approve(session, batch.id, by=cast.director, as_of=LATER)
    for person in (cast.manager, cast.director):
        assert batches.download(session, batch.id, by=person, as_of=LATER).document == batch.document
    session.flush()
    told = session.exec(select(Event.person_id).where(Event.verb == "batch.downloaded")).all()
    assert told == [cast.manager, cast.director]


@pytest.mark.parametrize("table", ["batch", "payment", "batch_decision", "voucher", "bank_answer"])
def test_the_database_refuses_to_change_what_was_made(session, cast, table):
    batch = approved(session, cast, "a")
    (owed,) = (owed_for(session, "v"),)
    choose(session, owed, "voucher")
    arriving.take_answer(session, answer(batch, group="ACCP"), filename="a", by=cast.manager, as_of=LATER)
    for change in ("UPDATE {} SET made_by = made_by", "DELETE FROM {}"):
        if table == "payment":
            change = change.replace("made_by", "name")
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(change.format(table)))


def test_by_hand_all_arrive_and_each_is_paid_once(session, cast):
    batch = approved(session, cast, "a", "b")
    assert arriving.confirm(session, batch.id, by=cast.manager, as_of=LATER) == 2
    assert arriving.confirm(session, batch.id, by=cast.manager, as_of=LATER) == 0
    assert accounts(session) == {"remedies": Decimal(20), "bank": Decimal(-20)}
    assert [payout.way for payout in session.exec(select(Payout))] == ["bank", "bank"]


def test_by_hand_one_comes_back_and_its_customer_chooses_anew(session, cast):
    batch = approved(session, cast, "a", "b")
    first, _ = payments_of(session, batch)
    arriving.reject(
        session, batch.id, first.branch_id, first.id, "account closed", by=cast.manager, as_of=LATER
    )
    arriving.confirm(session, batch.id, by=cast.manager, as_of=LATER)
    owed = compensation.hold(session, first.branch_id, first.compensation_id)
    found = whereabouts(session, owed)
    assert (found.state, found.rejected.told) == ("open", "account closed")
    assert accounts(session) == {"remedies": Decimal(20), "customers": -TEN, "bank": -TEN}
    with pytest.raises(Refusal, match=r"payments\.finished_already"):
        arriving.reject(session, batch.id, first.branch_id, first.id, "again", by=cast.manager, as_of=LATER)


def test_a_credit_file_names_customers_amounts_and_cases(session, cast):
    (owed,) = owing(session, "A-1")
    choose(session, owed, "credit")
    batch = batches.make(session, "credit", [cast.centre], payer=None, by=cast.manager, as_of=LATER)
    head, line = batch.document.decode().strip().split("\r\n")
    assert head == '"payment","customer","amount","currency","promise","case","broken_on"'
    (payment,) = payments_of(session, batch)
    assert line == f'"{payment.name}","c1","10.00","EUR","served-in-15","A-1","2026-06-09"'
    batches.approve(session, batch.id, by=cast.director, as_of=LATER)
    arriving.confirm(session, batch.id, by=cast.manager, as_of=LATER)
    assert accounts(session) == {"remedies": TEN, "credits": -TEN}


def test_two_who_approve_at_once_approve_once(engine, session, cast):
    batch = transfers(session, cast, "a")
    session.commit()

    def approve(person):
        with transaction(engine) as own:
            return batches.approve(own, batch.id, by=person, as_of=LATER)

    found = at_once(lambda: approve(cast.director), lambda: approve(cast.auditor))
    assert [one.code for one in found if isinstance(one, Refusal)] == ["payments.decided_already"]
    assert sum(isinstance(one, BatchDecision) for one in found) == 1


def test_two_batches_made_at_once_share_nothing(engine, session, cast):
    for owed in owing(session, *"abcdef"):
        choose(session, owed, "bank")
    session.commit()

    def make(person):
        with transaction(engine) as own:
            return batches.make(own, "bank", [cast.centre], payer=PAYER, by=person, as_of=LATER).count

    found = at_once(lambda: make(cast.manager), lambda: make(cast.director))
    counts = [one for one in found if isinstance(one, int)]
    assert sum(counts) == 6
    assert len({one.compensation_id for one in session.exec(select(Payment))}) == 6
    assert {one.code for one in found if isinstance(one, Refusal)} <= {"payments.nothing_waiting"}


def test_paid_at_the_counter_while_a_batch_is_made_it_is_paid_once(engine, session, cast):
    (owed,) = owing(session, "a")
    choose(session, owed, "bank")
    session.commit()

    def make():
        with transaction(engine) as own:
            return batches.make(own, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=LATER).count

    def pay():
        with transaction(engine) as own:
            compensation.pay_at_counter(own, cast.centre, owed.id, receiver="", by=cast.teller, as_of=LATER)
            return "paid"

    found = at_once(make, pay)
    codes = {one.code for one in found if isinstance(one, Refusal)}
    assert codes in ({"payments.nothing_waiting"}, {"compensation.on_its_way"})
    with open_session(engine, writes=False) as fresh:
        assert accounts(fresh) in (
            {"remedies": TEN, "till": -TEN},
            {"remedies": TEN, "on_the_way": -TEN},
        )


def test_a_maker_that_dies_leaves_nothing_and_an_approver_that_dies_leaves_the_file(engine, session, cast):
    for owed in owing(session, "a"):
        choose(session, owed, "bank")
    session.commit()
    with open_session(engine) as dying:
        batches.make(dying, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=LATER)
        dying.rollback()
    with transaction(engine) as own:
        assert own.exec(select(Batch)).all() == []
        made = batches.make(own, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=LATER)
    with open_session(engine) as dying:
        batches.approve(dying, made.id, by=cast.director, as_of=LATER)
        dying.rollback()
    with transaction(engine) as own:
        batches.approve(own, made.id, by=cast.director, as_of=LATER)
        assert batches.download(own, made.id, by=cast.manager, as_of=LATER).document == made.document


def test_a_payment_that_comes_back_after_its_promise_turned_out_kept_is_owed_no_more(session, cast):
    batch = approved(session, cast, "a")
    (payment,) = payments_of(session, batch)
    owed = compensation.hold(session, payment.branch_id, payment.compensation_id)
    session.execute(text("UPDATE verdict SET status = 'kept' WHERE id = :id"), {"id": owed.verdict_id})
    session.expire_all()
    arriving.reject(session, batch.id, payment.branch_id, payment.id, "closed", by=cast.manager, as_of=LATER)
    assert accounts(session) == {}
    assert whereabouts(session, owed).state == "reversed"


def test_a_batch_waits_for_approval_and_somebody_is_told(session, cast):
    transfers(session, cast, "a")
    session.flush()
    assert "batch.waiting" in session.exec(select(Notice.kind)).all()


def test_nothing_of_the_account_stands_in_the_journal(session, cast):
    batch = approved(session, cast, "a")
    arriving.confirm(session, batch.id, by=cast.manager, as_of=NOON + 3 * HOUR)
    session.flush()
    written = " ".join(str((event.facts, event.subject_id)) for event in session.exec(select(Event)))
    assert IBAN not in written
    assert "Möttönen" not in written


def test_reports_count_what_the_bank_paid_as_paid_and_what_is_on_its_way_as_owed(session, cast):
    batch = approved(session, cast, "a", "b")
    (before,) = balance(session, [cast.centre])
    assert (before.owed, before.paid, to_hand_out(session, [cast.centre])) == (Decimal(20), 0, 0)
    first, _ = payments_of(session, batch)
    arriving.reject(session, batch.id, cast.centre, first.id, "closed", by=cast.manager, as_of=LATER)
    arriving.confirm(session, batch.id, by=cast.manager, as_of=LATER)
    (after,) = balance(session, [cast.centre])
    assert (after.owed, after.paid, to_hand_out(session, [cast.centre])) == (Decimal(20), TEN, 1)


def test_what_does_not_fit_waits_for_the_next_batch(session, cast, monkeypatch):
    monkeypatch.setattr(batches, "MOST", 2)
    first = transfers(session, cast, "a", "b", "c")
    second = batches.make(session, "bank", [cast.centre], payer=PAYER, by=cast.manager, as_of=LATER)
    assert (first.count, second.count) == (2, 1)
