"""Personal data leave a text, each by a sign of its kind; other words and numbers stay."""

import importlib.util
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from promises.feedback.masking import COVER, SIGN, Found, mask

ROOT = Path(__file__).parents[2]


def bench():
    """The measure of bench/masking.py, so that what is promised is what is printed."""
    spec = importlib.util.spec_from_file_location("bench_masking", ROOT / "bench" / "masking.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCH = bench()
LINES = [line for held_out in (False, True) for line in BENCH.lines(held_out)]
TEXTS = [line.text for line in LINES]


@pytest.mark.parametrize(
    ("kind", "private"),
    [("identity", "131052-308T"), ("identity", "131052-308t"), ("identity", "010101A123N"),
     ("identity", "150395Y9021"),
     ("identity", "311299+0001"), ("identity", "850709-9813"), ("identity", "AB 12 34 56 C"),
     ("account", "FI21 1234 5600 0007 85"), ("account", "FI2112345600000785"),
     ("account", "fi21 1234 5600 0007 85"),
     ("account", "DE89 3704 0044 0532 0130 00"), ("account", "GB29 NWBK 6016 1331 9268 19"),
     ("account", "SE45 5000 0000 0583 9825 7466"), ("account", "123456-785"),
     ("card", "4111 1111 1111 1111"), ("card", "4111-1111-1111-1111"), ("card", "5500005555555559"),
     ("card", "378282246310005"), ("card", "**** **** **** 1111"),
     ("phone", "040 1234567"), ("phone", "0401234567"), ("phone", "040-123 4567"),
     ("phone", "+358 40 123 4567"),
     ("phone", "+358401234567"), ("phone", "00358 40 1234567"), ("phone", "+358 (0)40 123 4567"),
     ("phone", "09 1234 5678"), ("phone", "050 123 4567"), ("phone", "+46 70 123 45 67"),
     ("phone", "07700 900123"),
     ("email", "matti.meikalainen@example.fi"), ("email", "M.M+lista@posti.example.co.uk"),
     ("email", "matti.m(at)example.fi"), ("address", "Koivukuja 7 B 12, 33100 Tampere"),
     ("address", "Storgatan 12"),
     ("address", "12 High Street"), ("name", "Liisa Korhonen"), ("name", "Marja-Leena")],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "Tässä on {}, kiitos.", "Antakaa {}.", "({})", "x\n{}\nx"])
def test_personal_data_are_masked_wherever_they_stand(kind, private, around):
    assert mask(around.format(private)).text == around.format(f"[{kind}]")


@pytest.mark.parametrize(
    "harmless",
    ["Jonotin 45 minuuttia", "Laskun viite 2024 1203", "Maksoin 1 250,50 euroa", "Vuoronumero 0042",
     "klo 12.30–14.00", "8.6.2026 klo 15.30", "2026-06-08", "3/4/2026", "tilaus 1234-5678-9012-3456",
     "1.000.000 euroa", "2040 1999", "Y-tunnus 1234567-8", "99-100 prosenttia", "@ tiskillä",
     "AB12 ei ole tilinumero mutta pitkä", "viite 123456 789012", "0,5 tuntia", "005", "330 000-123X",
     "05.06.2024 09.30-10.15", "Soitin 0800 123 456", "Toivon parempaa", "Haapaharjun konttori", ""],
)  # fmt: skip
def test_other_numbers_and_words_stay(harmless):
    assert mask(harmless).text == harmless
    assert mask(harmless).found == ()


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_each_written_line_is_masked_as_it_is_marked(line):
    _, masked, _, harmed = BENCH.measure([line], tell=False)
    assert (masked.total(), harmed) == (len(line.private), 0), mask(line.text).text


def test_there_are_five_hundred_written_lines_of_every_kind_in_three_languages():
    assert len(LINES) >= 500
    for language in ("fi", "sv", "en"):
        told = {kind for line in LINES if line.language == language for kind, _, _ in line.private}
        assert told == {"email", "identity", "account", "card", "phone", "address", "name"}


def test_an_account_number_is_masked_and_the_words_after_it_stay():
    assert mask("Tili FI21 1234 5600 0007 85 on suljettu").text == "Tili [account] on suljettu"


def test_several_kinds_in_one_text_are_all_masked():
    told = "Hetu 131052-308T, tili FI21 1234 5600 0007 85, puh 040 1234567, a@b.fi"
    assert mask(told).text == "Hetu [identity], tili [account], puh [phone], [email]"


def test_who_is_praised_is_given_back_with_the_place():
    told = "Kiitos Virtasen Matille! Matti auttoi."
    assert mask(told).text == "Kiitos [name]! [name] auttoi."
    assert mask(told).found == (Found("name", 7, 23, "Virtasen Matille"), Found("name", 25, 30, "Matti"))


@pytest.mark.parametrize(
    ("told", "shown"),
    [("Toivo paremmasta eli", "Toivo paremmasta eli"), ("Kiitos Toivolle", "Kiitos [name]"),
     ("Toivo auttoi minua", "[name] auttoi minua"), ("Grace period ended", "Grace period ended"),
     ("Grace helped me", "[name] helped me"), ("Grace Kelly was there", "[name] was there"),
     ("jag ville betala", "jag ville betala"), ("Tack till Ville", "Tack till [name]"),
     ("Lahden konttori", "Lahden konttori"), ("rouva Lahti odotti", "rouva [name] odotti"),
     ("Matti Lahden lasku", "[name] lasku")],
)  # fmt: skip
def test_a_name_that_is_a_word_too_is_told_by_what_is_beside_it(told, shown):
    assert mask(told).text == shown


def test_who_is_named_once_is_masked_again_where_the_word_alone_would_not_tell():
    assert mask("Onni!").text == "Onni!"
    assert mask("Pyysin apua Onni Virtaselta. Onni!").text == "Pyysin apua [name]. [name]!"


def test_the_companys_own_places_are_nobodys_names():
    assert mask("Kiitos Liisalle, Laineen konttori", kept=["Laine"]).text == "Kiitos [name], Laineen konttori"
    assert mask("Virkailija Kaislavesi", kept=["Kaislavesi"]).text == "Virkailija Kaislavesi"


def test_a_number_with_a_wrong_check_digit_is_masked_if_the_words_say_what_it_is():
    assert mask("kortti 4111 1111 1111 1112").text == "kortti [card]"
    assert mask("4111 1111 1111 1112 kpl").text == "4111 1111 1111 1112 kpl"


PIECES = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from([word for text in TEXTS for word in text.split()]),
    st.text(max_size=12),
    st.sampled_from(["[name]", "[phone]", "\n", ". ", "terv. ", "Rouva ", "0401234567", "Matti", COVER]),
)
WRITTEN = st.lists(PIECES, max_size=6).map(" ".join)


@settings(max_examples=400)
@given(WRITTEN)
@example("Matti [name] Virtanen")
def test_what_is_masked_once_needs_no_second_masking(words):
    once = mask(words).text
    assert mask(once).text == once


@settings(max_examples=400)
@given(WRITTEN)
def test_what_was_found_stands_where_it_is_said_and_the_rest_is_unchanged(words):
    masked = mask(words)
    rebuilt, last = "", 0
    for each in masked.found:
        assert each.words == words[each.start : each.end] != ""
        assert each.start >= last
        rebuilt += words[last : each.start] + f"[{each.kind}]"
        last = each.end
    assert masked.text == rebuilt + words[last:]


@settings(max_examples=300)
@given(WRITTEN)
def test_a_name_that_was_found_stands_nowhere_in_what_is_left(words):
    masked = mask(words)
    left = set(BENCH.PIECE.findall(SIGN.sub(" ", masked.text)))
    named = {word for f in masked.found if f.kind == "name" for word in BENCH.PIECE.findall(f.words)}
    assert not {word for word in named & left if word[0].isupper() and len(word) > 3}


@pytest.mark.parametrize(
    "almost",
    ["0 ", "FI21 ", "1 ", "a.", "1-", "Matti ", "A. ", "Aa ", "a@", "x at ", "Terv. ", "12 Aa ", "katu ",
     "Katu1 ", "* ",
     "x", "(0)", "+358 ", "tili ", "a-", "A", "puh ", "0", "katu", "Rouva ", "\n", " ", "[name]", "12 High ",
     "a'"],
)  # fmt: skip
def test_a_hundred_thousand_signs_that_almost_fit_take_time_by_their_length_only(almost):
    mask("Matti")

    def seconds(size):
        text = (almost * (size // len(almost) + 1))[:size]
        began = process_time()
        mask(text)
        return process_time() - began

    assert seconds(100_000) < 40 * max(seconds(10_000), 0.05)
