"""The language of a text, however short."""

import string
from functools import cache

import py3langid.langid
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promises.feedback.text import language
from promises.feedback.text.language import LANGUAGES, identify

WORDS = ["jono", "oli", "liian", "pitkä", "kön", "var", "för", "lång", "the", "queue", "was", "too", "long"]


@cache
def library() -> py3langid.langid.LanguageIdentifier:
    model = py3langid.langid.LanguageIdentifier.from_model_file(py3langid.langid.MODEL_FILE)
    model.set_languages(list(LANGUAGES))
    return model


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("jono", "fi"),
        ("liian kallista", "fi"),
        ("appi rikki", "fi"),
        ("long queue", "en"),
        ("bra service", "sv"),
        ("kö jättelång", "sv"),
        ("Jonotin puoli tuntia ja kassa meni kiinni", "fi"),
        ("Nobody called me back although they promised", "en"),
        ("Väntade länge i telefon och ingen svarade", "sv"),
        ("Почему так долго", "und"),
        ("ممتاز", "und"),
        ("12345", "und"),
        ("😀", "und"),
        ("", "und"),
    ],
)
def test_a_text_is_of_the_language_it_is_written_in(text: str, language: str) -> None:
    assert identify(text) == language


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(string.ascii_lowercase + "åäöü'é", min_size=1), min_size=4))
def test_word_by_word_the_language_is_that_of_the_whole_text(words: list[str]) -> None:
    assert language.classifier().classify([words]) == [library().classify(" ".join(words))[0]]


def test_many_texts_at_once_are_of_the_languages_of_each() -> None:
    texts = [
        "Jonotin tiskillä puoli tuntia",
        "It was slow again today",
        "",
        "Det tog väldigt lång tid",
        "ok",
        "🙂",
    ]
    assert language.identify_all(texts) == [identify(text) for text in texts]
