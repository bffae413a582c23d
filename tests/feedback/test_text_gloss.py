"""Words of service companies come out in the English that a teller would use."""

import pytest

from promises.feedback.text import gloss


@pytest.mark.parametrize(
    ("said", "language", "english"),
    [
        ("lasku oli väärin", "fi", "invoice be wrong"),
        ("sovellus kaatuu", "fi", "app crash"),
        ("verkkopankkiin ei pääse", "fi", "online banking not get in"),
        ("mä venasin linjoilla", "fi", "I wait line"),
        ("soitettiin takaisin", "fi", "call back"),
        ("kön var lång", "sv", "queue was long"),
        ("kortet fungerar inte", "sv", "card work not"),
    ],
)
def test_finnish_and_swedish_become_english(said: str, language: str, english: str) -> None:
    assert gloss.english(said, language) == english


def test_an_ending_that_says_without_is_kept() -> None:
    assert gloss.english("jonottamatta", "fi") == "without queue"


def test_english_and_other_languages_are_left_as_they_are() -> None:
    assert gloss.english("The app crashed, again!", "en") == "The app crashed, again!"
    assert gloss.english("Все плохо", "und") == "Все плохо"


def test_an_unknown_word_stays() -> None:
    assert gloss.english("pimpelipom", "fi") == "pimpelipom"


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_hand_written_word_can_be_met_in_a_text(language: str) -> None:
    spoken = gloss.spoken() if language == "fi" else {}
    for said, english in gloss.service_words(language).items():
        if " " in said or "-" in said or said in spoken:
            continue
        assert gloss.choose(said, language)[1] == english, said


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("kuukauden päästä", "months later"),
        ("viikko sitten", "week ago"),
        ("sitten linja katkesi", "then line cut off"),
        ("joka päivä", "every day"),
        ("ei ota vastaan", "not accept"),
        ("ei löydy mistään", "not be found from anywhere"),
        ("luukulta toiselle", "one counter to another"),
    ],
)
def test_everyday_words_are_read_by_their_form(text: str, english: str) -> None:
    assert gloss.english(text, "fi") == english
