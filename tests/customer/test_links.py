"""The words that open a customer's page: long, hard to misread, and not in the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from promises.customer import codes, links
from promises.customer.tables import CustomerLink
from promises.database import transaction
from promises.journal.tables import Event
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.promised import at_once, visit

SECRET = "k" * 40


@pytest.fixture
def case(session, cast):
    return visit(session, "A1", ("arrived", NOON), as_of=NOON)


def link_for(session, case, secret=SECRET):
    return links.link_for(session, case.branch_id, case.id, secret=secret, as_of=NOON)


def test_they_hold_enough_bits_to_be_safe_from_guessing():
    assert codes.LINK_BITS > 90
    assert codes.CODE_BITS > 55
    assert codes.CODE_LENGTH >= 10


def test_no_two_signs_look_alike():
    assert len(set(codes.ALPHABET)) == len(codes.ALPHABET) == 24
    for alike in ("0O", "1IL", "2Z", "5S", "8B"):
        assert len(set(alike) & set(codes.ALPHABET)) <= 1
    assert not set("AEIOU") & set(codes.ALPHABET)


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_every_nonce_has_words_of_its_own(one, other):
    nonces = [f"{one:032x}", f"{other:032x}"]
    words = [codes.link_word(nonce, SECRET) for nonce in nonces]
    assert (words[0] == words[1]) == (one == other)
    assert all(len(word) == codes.LINK_LENGTH and set(word) <= set(codes.ALPHABET) for word in words)
    assert codes.short_code(nonces[0], SECRET) not in words[0]


@given(st.integers(0, 2**128 - 1))
def test_a_code_is_read_however_it_is_typed(number):
    code = codes.short_code(f"{number:032x}", SECRET)
    for typed in (code, codes.grouped(code), codes.grouped(code).lower(), f" {codes.grouped(code)} ",
                  codes.grouped(code).replace("-", " ")):  # fmt: skip
        assert codes.read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "K7QM", "K7QM-2VXD-94TPX", "K7QM-2VXD-94TO", "k7qm'2vxd--"])
def test_what_can_be_no_code_is_none(typed):
    assert codes.read_code(typed) is None


def test_a_case_has_the_same_link_at_every_call(session, case):
    assert link_for(session, case) == link_for(session, case)
    assert len(session.exec(select(CustomerLink)).all()) == 1
    assert [
        event.verb for event in session.exec(select(Event).where(Event.verb == "customer.link_made"))
    ] == ["customer.link_made"]


def test_ten_who_ask_at_once_get_one_link(engine, session, case):
    session.commit()

    def ask():
        with transaction(engine) as own:
            return link_for(own, case)

    assert len(set(at_once(*[ask] * 10))) == 1


def test_a_link_opens_its_case_and_no_other(session, case):
    other = visit(session, "A2", ("arrived", NOON), as_of=NOON)
    first, second = link_for(session, case), link_for(session, other)
    assert links.by_word(session, first.word).case_id == case.id
    assert links.by_word(session, second.word.lower()).case_id == other.id
    assert links.by_word(session, first.word[:-1]) is None
    assert links.by_word(session, first.code) is None


def test_neither_word_stands_in_the_database(session, case):
    link = link_for(session, case)
    kept = str(session.exec(select(CustomerLink)).one().model_dump())
    assert link.word not in kept
    assert link.code not in kept


def test_a_new_link_ends_the_old_one(session, case, cast):
    old = link_for(session, case)
    new = links.new_link(session, case.branch_id, case.id, secret=SECRET, by=cast.teller, as_of=NOON)
    assert links.by_word(session, old.word) is None
    assert links.by_word(session, new.word).case_id == case.id
    assert link_for(session, case) == new


def test_after_a_change_of_the_secret_key_a_case_gets_a_new_link(session, case):
    old = link_for(session, case)
    assert links.known_link(session, case.branch_id, case.id, secret="another" * 8) is None
    new = link_for(session, case, "another" * 8)
    assert new != old
    assert links.by_word(session, new.word).case_id == case.id


def test_a_case_that_is_not_there_has_no_link(session, cast):
    with pytest.raises(Refusal, match=r"customer\.unknown_case"):
        links.link_for(session, cast.centre, 1, secret=SECRET, as_of=NOON)
