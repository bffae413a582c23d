"""What a promise's text says exactly, in Finnish and English."""

from decimal import Decimal

import pytest

from promises.proposals.concreteness import Reading, read
from promises.terms.quantities import Span


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("Palvelemme sinut konttorissa 15 minuutissa tai maksamme 10 euroa", Span(15, "min")),
        ("Pääset palveluun viidessätoista minuutissa", Span(15, "min")),
        ("Pääset palveluun viidentoista minuutin kuluessa", Span(15, "min")),
        ("Odotat enintään 10–15 min", Span(15, "min")),
        ("Vuorosi tulee vartissa", Span(15, "min")),
        ("Vastaamme puolessa tunnissa", Span(30, "min")),
        ("Vastaamme tunnin kuluessa", Span(1, "h")),
        ("Vastaamme 1,5 tunnissa", Span(90, "min")),
        ("Vastaamme viestiisi 24 tunnin sisällä", Span(24, "h")),
        ("Korjaamme vian 2 vuorokaudessa", Span(48, "h")),
        ("Soitamme takaisin yhden työpäivän kuluessa", Span(1, "working days")),
        ("Soitamme takaisin seuraavana arkipäivänä", Span(1, "working days")),
        ("Vastaamme laskukysymykseen kahdessa arkipäivässä", Span(2, "working days")),
        ("Kortti on postissa samana päivänä", Span(0, "calendar days")),
        ("Saat lainapäätöksen kolmessa päivässä", Span(3, "calendar days")),
        ("Saat lainapäätöksen viikon kuluessa, viimeistään 2 viikossa", Span(14, "calendar days")),
        ("We serve you within 15 minutes", Span(15, "min")),
        ("We serve you within a quarter of an hour", Span(15, "min")),
        ("A 15-minute wait at most", Span(15, "min")),
        ("We answer within the hour", Span(1, "h")),
        ("We call you back within one working day", Span(1, "working days")),
        ("You hear from us in two business days", Span(2, "working days")),
        ("We fix it the next business day", Span(1, "working days")),
        ("Your card is posted the same day", Span(0, "calendar days")),
        ("You get your card within a week", Span(7, "calendar days")),
        (
            "We are open five days a week and answer the e-mail at any hour of the day",
            Span(5, "calendar days"),
        ),
        ("Call us once a week, we care about you the whole day", None),
        ("Hymyile aina", None),
        ("Palvelemme sinua nopeasti", None),
        ("Nähdään viikonloppuna", None),
        ("Käyn pankissa kerran päivässä", None),
        ("Olemme palvelleet jo 100 vuotta", None),
    ],
)
def test_a_limit_is_read_in_digits_and_in_words(text, limit):
    assert read(text).limit == limit


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("15 minuutissa tai maksamme 10 euroa", Decimal(10)),
        ("tai saat 10 €", Decimal(10)),
        ("hyvitämme 10,50 euroa", Decimal("10.50")),
        ("tai saat kymmenen euroa", Decimal(10)),
        ("or we pay you €10", Decimal(10)),
        ("or you get 12.50 EUR", Decimal("12.50")),
        ("Yli 1 000 euron nosto onnistuu heti, tai maksamme 20 euroa", Decimal(20)),
        ("Saat 20 e tilillesi", Decimal(20)),
        ("We answer the e-mail in 3 e-mails", None),
        ("Lainaa 10 eurooppalaiselle", None),
        ("Palvelemme hymyillen", None),
    ],
)
def test_the_amount_that_is_owed_is_read(text, amount):
    assert read(text).remedy_amount == amount


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Hymyile aina", ["feeling"]),
        ("Yllätä asiakas", ["feeling"]),
        ("Palvelemme sinua nopeasti", ["speed"]),
        ("We care about you", ["feeling"]),
        ("Teemme parhaamme mahdollisimman pian", ["effort", "speed"]),
        ("We do our best to serve you as soon as possible", ["effort", "speed"]),
        ("Ystävällistä ja laadukasta palvelua", ["quality", "quality"]),
    ],
)
def test_an_empty_phrase_is_named_with_its_reason(text, why):
    reading = read(text)
    assert [phrase.why for phrase in reading.empty][: len(why)] == why
    assert not reading.measurable
    assert not reading.compensates
    assert all(phrase.words in text for phrase in reading.empty)


@pytest.mark.parametrize(
    "text",
    [
        "Palvelemme sinut konttorissa 15 minuutissa tai maksamme 10 euroa",
        "We call you back within one working day",
        "Korjaamme vian ensimmäisellä käynnillä tai huolto on maksuton",
        "Lasku on kerralla oikein, tai hyvitämme laskutuslisän",
        "Your first breakfast order is right the first time, or it is free of charge",
    ],
)
def test_a_concrete_promise_can_be_measured_and_holds_no_empty_phrase(text):
    reading = read(text)
    assert reading.measurable
    assert reading.empty == ()


def test_a_remedy_may_be_something_else_than_money():
    reading = read("Lasku on kerralla oikein, tai hyvitämme laskutuslisän")
    assert reading.compensates
    assert reading.remedy_amount is None
    assert reading.countable == ("kerralla oikein",)


def test_an_empty_text_says_nothing():
    assert read("") == Reading((), (), (), (), (), None)
