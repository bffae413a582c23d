"""Vouchers: a code nobody guesses, worth its amount once, until it runs out."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from promises.compensation import actions as compensation
from promises.compensation.tables import Deadline, Payout
from promises.database import open_session, transaction
from promises.journal.tables import Event
from promises.payments import vouchers
from promises.payments.deadlines import due
from promises.payments.queries import brought, whereabouts
from promises.payments.tables import Voucher, VoucherEnd
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.payments.given import HOUR, IBAN, LATER, SECRET, accounts, choose, owed_for, owing
from tests.promised import at_once, branch_of

TEN = Decimal("10.00")


@pytest.fixture
def owed(session, cast):
    """Ten euros for which the customer has chosen a voucher."""
    (made,) = owing(session, "a", voucher_valid="6 months")
    choose(session, made, "voucher")
    session.commit()
    return made


def voucher_of(session):
    return session.exec(select(Voucher)).one()


def code(session):
    return vouchers.code_of(voucher_of(session), SECRET)


def redeem(session, typed, by, *, branch="centre", as_of=LATER):
    return vouchers.redeem(session, typed, branch=branch_of(session, branch), by=by, as_of=as_of)


def test_a_code_is_long_and_stands_nowhere(session, owed):
    shown = code(session)
    assert len(shown.replace("-", "")) == 16
    row = voucher_of(session).model_dump()
    assert shown.replace("-", "") not in str(row).upper()
    written = session.exec(select(Event)).all()
    assert shown not in str([event.facts for event in written])


def test_a_code_follows_from_the_secret_and_from_its_own_salt_only(session, cast, owed):
    other = owed_for(session, "b")
    choose(session, other, "voucher")
    first, second = session.exec(select(Voucher).order_by(Voucher.made_at)).all()
    assert vouchers.code_of(first, SECRET) == vouchers.code_of(first, SECRET)
    assert len({vouchers.code_of(one, key) for one in (first, second) for key in (SECRET, "x" * 40)}) == 4


def test_the_money_is_on_its_way_until_the_code_is_brought(session, cast, owed):
    assert accounts(session) == {"remedies": TEN, "vouchers": -TEN}
    payout = redeem(session, code(session), cast.teller)
    assert (payout.way, payout.compensation_id, payout.made_by) == ("voucher", owed.id, cast.teller)
    assert accounts(session) == {"remedies": TEN, "till": -TEN}
    assert whereabouts(session, owed).state == "paid"


def test_a_code_is_read_however_it_is_typed(session, cast, owed):
    typed = code(session).replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert redeem(session, typed, cast.teller).compensation_id == owed.id


def test_a_code_is_redeemed_once(session, cast, owed):
    redeem(session, code(session), cast.teller)
    with pytest.raises(Refusal, match=r"payments\.voucher_redeemed"):
        redeem(session, code(session), cast.outsider, branch="harbour")
    found = brought(session, voucher_of(session))
    assert (found.state(LATER), found.by, found.at_branch) == ("redeemed", "Tiina Teller", "Keskusta")


def test_a_code_is_good_at_any_branch(session, cast, owed):
    redeem(session, code(session), cast.outsider, branch="harbour")
    end = session.exec(select(VoucherEnd)).one()
    assert (end.branch_id, end.at_branch_id) == (cast.centre, cast.harbour)


def test_two_who_redeem_one_code_at_once_redeem_it_once(engine, session, cast, owed):
    typed = code(session)
    session.commit()

    def bring(person, branch):
        with transaction(engine) as own:
            return redeem(own, typed, person, branch=branch).made_by

    found = at_once(lambda: bring(cast.teller, "centre"), lambda: bring(cast.outsider, "harbour"))
    assert [one.code for one in found if isinstance(one, Refusal)] == ["payments.voucher_redeemed"]
    session.rollback()
    assert len(session.exec(select(Payout)).all()) == 1
    assert accounts(session) == {"remedies": TEN, "till": -TEN}


@pytest.mark.parametrize(
    "typed", ["", "0000-0000-0000-0000", "not a code", "7" * 15, "ä" * 16, "1' OR '1'='1"]
)
def test_what_is_no_code_is_refused(session, cast, owed, typed):
    with pytest.raises(Refusal, match=r"payments\.voucher_unknown"):
        redeem(session, typed, cast.teller)


def test_six_months_are_counted_from_the_day_after(session, owed):
    # To the end of the ninth of December in Helsinki.
    assert voucher_of(session).expires_at == datetime(2026, 12, 9, 22, 0, tzinfo=UTC)


def test_at_the_end_of_its_time_a_code_is_worth_nothing_and_its_money_is_owed_again(
    engine, session, cast, owed
):
    ends = voucher_of(session).expires_at
    just_before = ends - timedelta(microseconds=1)
    session.commit()
    assert due(engine, ends).expired == 0
    with pytest.raises(Refusal, match=r"payments\.voucher_expired"):
        redeem(session, code(session), cast.teller, as_of=ends)
    session.rollback()
    assert due(engine, ends + timedelta(seconds=1)).expired == 1
    assert due(engine, ends + timedelta(seconds=1)).expired == 0
    with open_session(engine) as fresh:
        assert accounts(fresh) == {"remedies": TEN, "customers": -TEN}
        with pytest.raises(Refusal, match=r"payments\.voucher_expired"):
            redeem(fresh, code(fresh), cast.teller, as_of=just_before)


def test_the_last_moment_is_in_time(session, cast, owed):
    ends = voucher_of(session).expires_at
    assert (
        redeem(session, code(session), cast.teller, as_of=ends - timedelta(microseconds=1)).way == "voucher"
    )


def test_running_out_and_being_redeemed_at_once_is_one_of_them(engine, session, cast, owed):
    typed, ends = code(session), voucher_of(session).expires_at
    session.commit()

    def bring():
        with transaction(engine) as own:
            return redeem(own, typed, cast.teller, as_of=ends - timedelta(seconds=1)).way

    at_once(bring, lambda: due(engine, ends + timedelta(seconds=1)))
    session.rollback()
    what = session.exec(select(VoucherEnd.what)).one()
    expected = {"redeemed": {"remedies": TEN, "till": -TEN}, "expired": {"remedies": TEN, "customers": -TEN}}
    assert accounts(session) == expected[what]


def test_who_chooses_another_way_gives_the_code_back(session, cast, owed):
    choose(session, owed, "bank", as_of=LATER)
    assert accounts(session) == {"remedies": TEN, "customers": -TEN}
    with pytest.raises(Refusal, match=r"payments\.voucher_given_back"):
        redeem(session, code(session), cast.teller)
    found = whereabouts(session, owed)
    assert (found.state, found.way, found.account) == ("chosen", "bank", f"•••• {IBAN[-4:]}")
    assert session.exec(select(Deadline)).all() == []


def test_choosing_a_voucher_again_makes_no_second_one(session, cast, owed):
    choose(session, owed, "voucher", as_of=LATER)
    assert len(session.exec(select(Voucher)).all()) == 1


def test_what_was_redeemed_can_not_be_chosen_anew(session, cast, owed):
    redeem(session, code(session), cast.teller)
    with pytest.raises(Refusal, match=r"compensation\.paid_already"):
        choose(session, owed, "bank", as_of=LATER)


def test_the_counter_does_not_pay_what_the_customer_holds_as_a_code(session, cast, owed):
    with pytest.raises(Refusal, match=r"compensation\.on_its_way"):
        compensation.pay_at_counter(session, cast.centre, owed.id, receiver="", by=cast.teller, as_of=LATER)


def test_two_who_choose_at_once_make_one_voucher(engine, session, cast):
    (owed,) = owing(session, "a")
    session.commit()

    def take():
        with transaction(engine) as own:
            return choose(own, owed, "voucher")

    at_once(take, take)
    session.rollback()
    assert len(session.exec(select(Voucher)).all()) == 1
    assert accounts(session) == {"remedies": TEN, "vouchers": -TEN}


def test_a_code_has_a_picture_for_phones(session, owed):
    picture = vouchers.qr_svg(code(session))
    assert picture.startswith(b"<?xml")
    assert b"<svg" in picture


def test_the_customer_who_chose_stands_as_nobody_in_the_journal(session, cast, owed):
    told = session.exec(select(Event).where(Event.verb == "voucher.made")).one()
    assert (told.person_id, told.at) == (None, NOON + HOUR)
