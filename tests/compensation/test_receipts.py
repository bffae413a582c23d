"""The number of a compensation: written for people, read however they write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.compensation.receipts import LARGEST, read_number, write_number


@given(st.integers(0, LARGEST))
def test_a_number_is_read_as_the_key_that_it_was_written_for(key):
    assert read_number(write_number(key)) == key


@given(st.integers(0, LARGEST))
def test_a_number_is_the_key_in_base_32(key):
    digits = write_number(key).replace("-", "")
    usual = digits.translate(str.maketrans("ABCDEFGHJKMNPQRSTVWXYZ", "ABCDEFGHIJKLMNOPQRSTUV"))
    assert int(usual, 32) == key


def test_letters_that_look_like_digits_and_any_grouping_are_read():
    assert write_number(32**5) == "0000-0001-00000"
    assert read_number("oOoo oooI ooooo") == 32**5
    assert read_number("000000 0l 00000") == 32**5


@pytest.mark.parametrize(
    "text", ["", "213", "0000-0001-0000", "0000-0001-000000", "0000-0001-0000U", "Z" * 13]
)
def test_what_is_no_number_is_none(text):
    assert read_number(text) is None


@pytest.mark.parametrize("key", [-1, LARGEST + 1])
def test_a_key_that_no_row_can_have_has_no_number(key):
    with pytest.raises(ValueError, match="no key"):
        write_number(key)
