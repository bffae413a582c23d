"""The bank's answers: what arrived is paid, what was rejected is owed again, and nothing happens twice."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from promises import language
from promises.compensation import actions as compensation
from promises.compensation.tables import Payout
from promises.database import transaction
from promises.payments import arriving, batches
from promises.payments.answer import MEANS, read_answer
from promises.payments.queries import answers, one_batch, reason_words, whereabouts
from promises.payments.tables import BankAnswer, PaymentEnd
from promises.refusal import Refusal
from tests.payments.given import LATER, accounts, answer, approved, choose, owing, payments_of, transfers
from tests.promised import at_once

TEN = Decimal("10.00")


def take(session, cast, document, filename="answer.xml"):
    return arriving.take_answer(session, document, filename=filename, by=cast.manager, as_of=LATER)


def test_what_is_settled_is_paid_from_the_bank(session, cast):
    batch = approved(session, cast, "a", "b")
    taken, new = take(session, cast, answer(batch, group="ACSC", count=2, total="20.00"))
    assert (new, taken.paid, taken.rejected, taken.waiting) == (True, 2, 0, 0)
    assert accounts(session) == {"remedies": Decimal(20), "bank": Decimal(-20)}
    assert [payout.way for payout in session.exec(select(Payout))] == ["bank", "bank"]
    assert one_batch(session, batch.id, None).state == "done"


def test_accepted_is_not_settled(session, cast):
    batch = approved(session, cast, "a")
    for status in ("ACTC", "ACCP", "ACSP", "PDNG"):
        taken, _ = take(session, cast, answer(batch, group=status))
        assert taken.waiting == 1
    assert accounts(session) == {"remedies": TEN, "on_the_way": -TEN}
    assert len(answers(session, batch.id)) == 4


def test_what_is_rejected_is_owed_again_with_the_reason(session, cast):
    batch = approved(session, cast, "a", "b")
    first, second = payments_of(session, batch)
    told = {first.name: ("RJCT", "AC04"), second.name: ("ACSC", "")}
    taken, _ = take(session, cast, answer(batch, told, group="PART", words="closed in May"))
    assert (taken.paid, taken.rejected) == (1, 1)
    owed = compensation.hold(session, first.branch_id, first.compensation_id)
    found = whereabouts(session, owed)
    assert (found.state, found.rejected.reason) == ("open", "AC04")
    with language.spoken("en"):
        assert reason_words(found.rejected) == "The account is closed (closed in May)"
    choose(session, owed, "counter", as_of=LATER)
    assert whereabouts(session, owed).rejected is None


def test_a_reason_of_the_banks_own_is_told_by_its_code():
    end = PaymentEnd(branch_id=1, payment_id=1, what="rejected", reason="XQ77", made_at=LATER, made_by=1)
    with language.spoken("en"):
        assert "XQ77" in reason_words(end)


def test_a_whole_file_that_is_rejected_comes_back_whole(session, cast):
    batch = approved(session, cast, "a", "b")
    take(session, cast, answer(batch, group="RJCT"))
    assert accounts(session) == {"remedies": Decimal(20), "customers": Decimal(-20)}
    assert one_batch(session, batch.id, None).rejected == 2


def test_payments_that_the_answer_does_not_name_wait_on(session, cast):
    batch = approved(session, cast, "a", "b")
    first, _ = payments_of(session, batch)
    taken, _ = take(session, cast, answer(batch, {first.name: ("ACSC", "")}, group="PART"))
    assert (taken.paid, taken.waiting) == (1, 1)
    assert one_batch(session, batch.id, None).left == 1


def test_the_same_answer_twice_changes_nothing(session, cast):
    batch = approved(session, cast, "a")
    document = answer(batch, group="ACSC")
    first, new = take(session, cast, document)
    before = accounts(session)
    second, again = take(session, cast, document, "other name.xml")
    assert (new, again, second.id) == (True, False, first.id)
    assert accounts(session) == before
    assert len(session.exec(select(Payout)).all()) == 1


def test_another_file_that_says_the_same_changes_nothing(session, cast):
    batch = approved(session, cast, "a")
    take(session, cast, answer(batch, group="ACSC"))
    take(session, cast, answer(batch, group="ACCC"))
    assert accounts(session) == {"remedies": TEN, "bank": -TEN}


def test_a_late_word_that_it_was_accepted_does_not_undo_that_it_arrived(session, cast):
    batch = approved(session, cast, "a")
    take(session, cast, answer(batch, group="ACSC"))
    taken, _ = take(session, cast, answer(batch, group="ACCP"))
    assert taken.waiting == 1
    assert accounts(session) == {"remedies": TEN, "bank": -TEN}


def test_an_answer_that_denies_an_earlier_one_is_refused_whole(session, cast):
    batch = approved(session, cast, "a", "b")
    take(session, cast, answer(batch, group="ACSC"))
    with pytest.raises(Refusal, match=r"payments\.answer_contradicts"):
        take(session, cast, answer(batch, group="RJCT"))


def test_two_who_bring_one_answer_at_once_pay_once(engine, session, cast):
    batch = approved(session, cast, "a", "b")
    session.commit()
    document = answer(batch, group="ACSC")

    def bring():
        with transaction(engine) as own:
            return take(own, cast, document)[1]

    assert sorted(at_once(bring, bring)) == [False, True]
    session.rollback()
    assert len(session.exec(select(Payout)).all()) == 2
    assert len(session.exec(select(BankAnswer)).all()) == 1


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"about": "ANOTHER"}, "payments.answer_foreign"),
        ({"count": 3}, "payments.answer_totals"),
        ({"total": "20.01"}, "payments.answer_totals"),
        ({"total": "NaN"}, "payments.answer_totals"),
        (
            {"count": 2, "total": "20.00", "payments": {"7-X": ("ACSC", "")}},
            "payments.answer_unknown_payment",
        ),
        ({"group": "WHAT"}, "payments.answer_status"),
        ({"total": "much"}, "payments.answer_incomplete"),
        ({"payments": {"": ("ACSC", "")}}, "payments.answer_incomplete"),
    ],
)
def test_an_answer_that_is_not_about_what_was_sent_is_refused(session, cast, told, code):
    batch = approved(session, cast, "a", "b")
    with pytest.raises(Refusal) as refused:
        take(session, cast, answer(batch, **told))
    assert refused.value.code == code
    for reader in language.LANGUAGES:
        with language.spoken(reader):
            assert language.sentence(refused.value)
    assert accounts(session)["on_the_way"] == Decimal(-20)


def test_an_answer_with_another_amount_is_refused(session, cast):
    batch = approved(session, cast, "a")
    (payment,) = payments_of(session, batch)
    with pytest.raises(Refusal, match=r"payments\.answer_amount"):
        take(session, cast, answer(batch, {payment.name: ("ACSC", "")}, amount="10.01"))
    taken, _ = take(session, cast, answer(batch, {payment.name: ("ACSC", "")}, amount="10"))
    assert taken.paid == 1


def test_a_payment_that_stands_twice_is_refused(session, cast):
    batch = approved(session, cast, "a")
    (payment,) = payments_of(session, batch)
    document = answer(batch, {payment.name: ("ACSC", "")})
    start, end = document.index(b"<TxInfAndSts>"), document.index(b"</OrgnlPmtInfAndSts>")
    doubled = document[:end] + document[start:end] + document[end:]
    with pytest.raises(Refusal, match=r"payments\.answer_twice"):
        take(session, cast, doubled)


def test_an_answer_before_the_approval_is_refused(session, cast):
    batch = transfers(session, cast, "a")
    with pytest.raises(Refusal, match=r"payments\.not_approved"):
        take(session, cast, answer(batch, group="ACSC"))


def test_our_own_file_is_not_an_answer(session, cast):
    batch = approved(session, cast, "a")
    with pytest.raises(Refusal, match=r"payments\.answer_other_file"):
        take(session, cast, batch.document)


def test_a_credit_batch_has_no_answer_of_a_bank(session, cast):
    (owed,) = owing(session, "a")
    choose(session, owed, "credit")
    batch = batches.make(session, "credit", [cast.centre], payer=None, by=cast.manager, as_of=LATER)
    with pytest.raises(Refusal, match=r"payments\.answer_foreign"):
        take(session, cast, answer(batch, group="ACSC"))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"payment;amount\r\n",
        b"%PDF-1.7",
        b"\x00\x01\x02",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Document/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"),
        b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.10'>",
    ],
)
def test_what_is_no_xml_is_refused(document):
    with pytest.raises(Refusal, match=r"payments\.answer_unreadable"):
        read_answer(document)


@pytest.mark.parametrize("version", ["pain.002.001.03", "pain.002.001.10", "pain.002.001.12"])
def test_every_version_of_the_message_is_read(session, cast, version):
    batch = approved(session, cast, "a")
    assert read_answer(answer(batch, group="ACSC", version=version)).about == batch.message


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_whatever_is_brought_is_read_or_refused(document):
    with pytest.raises(Refusal):
        read_answer(document)


def test_every_status_that_is_known_means_one_of_three_things():
    assert set(MEANS.values()) == {"paid", "rejected", "waiting"}
