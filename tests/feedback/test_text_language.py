"""The language of a text, however short."""

import pytest

from promises.feedback.text.language import identify


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
