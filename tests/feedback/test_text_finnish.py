"""Finnish words come back to their dictionary forms, as people write and speak them."""

import pytest

from promises.feedback.text.finnish import analyse


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("laskuista", "lasku"),
        ("kännyköissänne", "kännykkä"),
        ("korttini", "kortti"),
        ("laskuunsa", "lasku"),
        ("autossaan", "auto"),
        ("jonotettiin", "jonottaa"),
        ("jonottamassa", "jonottaa"),
        ("unohtuneen", "unohtua"),
        ("nopeammin", "nopea"),
        ("hitaasti", "hidas"),
        ("tehtyä", "tehdä"),
        ("kysyinkin", "kysyä"),
        ("kahdelta", "kaksi"),
    ],
)
def test_an_inflected_word_is_read_by_its_dictionary_form(word: str, lemma: str) -> None:
    assert (lemma,) in analyse(word)


@pytest.mark.parametrize(
    ("word", "lemma"),
    [
        ("pitäs", "pitää"),
        ("kestäny", "kestää"),
        ("puhelimes", "puhelin"),
        ("konttoris", "konttori"),
        ("tiskil", "tiski"),
        ("helppoo", "helppo"),
        ("nopee", "nopea"),
    ],
)
def test_spoken_endings_are_understood(word: str, lemma: str) -> None:
    assert (lemma,) in analyse(word)


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("kahviautomaatista", ("kahvi", "automaatti")),
        ("lainaneuvottelussa", ("laina", "neuvottelu")),
        ("asiakaspalvelukokemuksia", ("asiakaspalvelu", "kokemus")),
        ("kolikkolaskukoneet", ("kolikko", "lasku", "kone")),
    ],
)
def test_a_compound_is_read_by_its_parts(word: str, parts: tuple[str, ...]) -> None:
    assert parts in analyse(word)


@pytest.mark.parametrize("word", ["", "qwzx", "asdfgh", "ääääääääääääääääääääääääää"])
def test_what_is_no_word_has_no_reading(word: str) -> None:
    assert analyse(word) == ()
