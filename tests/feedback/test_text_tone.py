"""What is praise, what is trouble, and what says nothing."""

import pytest

from promises.feedback.text.reading import NOTHING, PRAISE, TROUBLE, common_phrases, read, without


def kind(text: str, score: float | None = None) -> str:
    return read(text, score, None, False, frozenset()).kind


@pytest.mark.parametrize(
    "text",
    [
        "ei tarvinnut jonottaa, kiitos!",
        "kiva ku ei tarttenu oottaa",
        "Asiat hoituivat ilman jonotusta",
        "asia hoitui jonottamatta, hienoa palvelua",
        "ei huono",
        "I have never had to wait",
        "No queue at all, great",
        "Bra service",
        "Todella ystävällinen henkilökunta",
    ],
)
def test_praise_is_no_problem_not_even_by_negation(text: str) -> None:
    assert kind(text) == PRAISE


@pytest.mark.parametrize(
    "text",
    [
        "ei toimi",
        "Never got an answer",
        "Voisi olla nopeampi palvelu",
        "hyvä palvelu mut jonot on ihan järkyttäviä",
        "palvelu ei ollut hyvää",
        "Kön var jättelång",
        "liian kallista",
        "The app keeps crashing",
    ],
)
def test_trouble_is_heard_in_every_language_also_beside_praise(text: str) -> None:
    assert kind(text) == TROUBLE


@pytest.mark.parametrize(
    "text",
    ["", "  ", "-", "...", "ok", "OK!!", "en osaa sanoa", "En tiedä.", "n/a", "vet ej", "👍", "10", "x"],
)
def test_a_non_answer_says_nothing(text: str) -> None:
    assert kind(text) == NOTHING


def test_the_score_decides_where_words_leave_it_open() -> None:
    assert kind("Kävin konttorilla tiistaina", 2) == TROUBLE
    assert kind("Kävin konttorilla tiistaina", 9) == PRAISE


def test_praise_beside_a_low_score_is_still_praise() -> None:
    assert kind("Todella ystävällinen palvelu", 0) == PRAISE


def test_phrases_that_stand_in_every_text_are_left_out() -> None:
    texts = [f"Palaute verkkopankin lomakkeelta: asia numero {i} ei toimi" for i in range(30)]
    common = common_phrases(texts)
    assert "palaute verkkopankin lomakkeelta" in common
    assert without("Palaute verkkopankin lomakkeelta kortti hukassa", common) == "kortti hukassa"


def test_few_texts_have_no_common_phrases() -> None:
    assert common_phrases(["pitkä jono taas"] * 5) == frozenset()


def test_beside_a_trouble_what_does_not_praise_tells_of_it_too() -> None:
    said = "Kodissa on viisitoista astetta, eikä mitään ole tehty. Siivooja oli tosi mukava, kiitos!"
    parts = read(said, None, "fi", False, frozenset()).parts
    assert [part.trouble for part in parts] == [True, True, False]


@pytest.mark.parametrize("text", ["en voi arvioida", "ks. yllä", "Ei mielipidettä", "sama kuin viimeksi"])
def test_whoever_says_that_there_is_nothing_to_say_says_nothing(text: str) -> None:
    assert kind(text) == NOTHING
