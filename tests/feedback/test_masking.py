"""Personal data that have a form of their own leave a text; other numbers stay."""

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.feedback.masking import MASKED, mask


@pytest.mark.parametrize(
    "private",
    ["131052-308T", "131052-308t", "010101A123N", "311299+0001", "150395Y9021",
     "FI21 1234 5600 0007 85", "FI2112345600000785", "fi21 1234 5600 0007 85", "DE89 3704 0044 0532 0130 00",
     "SE45 5000 0000 0583 9825 7466", "4111 1111 1111 1111", "4111-1111-1111-1111", "5500005555555559",
     "378282246310005", "040 1234567", "0401234567", "040-123 4567", "+358 40 123 4567", "+358401234567",
     "00358 40 1234567", "+358 (0)40 123 4567", "09 1234 5678", "050 123 4567", "+46 70 123 45 67",
     "matti.meikalainen@example.fi", "M.M+lista@posti.example.co.uk"],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "Soittakaa {}, kiitos.", "Tunnus on {}.", "({})"])
def test_personal_data_are_masked_wherever_they_stand(private, around):
    assert mask(around.format(private)) == around.format(MASKED)


@pytest.mark.parametrize(
    "harmless",
    ["Jonotin 45 minuuttia", "Laskun viite 2024 1203", "Maksoin 1 250,50 euroa", "Vuoronumero 0042",
     "klo 12.30–14.00", "8.6.2026 klo 15.30", "2026-06-08", "3/4/2026", "tilaus 1234-5678-9012-3456",
     "1.000.000 euroa", "2040 1999", "Y-tunnus 1234567-8", "99-100 prosenttia", "Sanna auttoi", "@ tiskillä",
     "AB12 ei ole tilinumero mutta pitkä",
     "viite 123456 789012", "0,5 tuntia", "005", "330 000-123X"],
)  # fmt: skip
def test_other_numbers_and_words_stay(harmless):
    assert mask(harmless) == harmless


def test_an_account_number_is_masked_and_the_words_after_it_stay():
    assert mask("Tili FI21 1234 5600 0007 85 on suljettu") == f"Tili {MASKED} on suljettu"


def test_several_kinds_in_one_text_are_all_masked():
    told = "Hetu 131052-308T, tili FI21 1234 5600 0007 85, puh 040 1234567, a@b.fi"
    assert mask(told) == f"Hetu {MASKED}, tili {MASKED}, puh {MASKED}, {MASKED}"


@given(st.text())
def test_what_is_masked_once_needs_no_second_masking(words):
    assert mask(mask(words)) == mask(words)


def test_ten_thousand_signs_that_almost_fit_take_no_time():
    began = perf_counter()
    for almost in ("0 " * 5_000, "FI21" + "1 " * 5_000, "a." * 5_000, "1-" * 5_000):
        mask(almost)
    assert perf_counter() - began < 2
