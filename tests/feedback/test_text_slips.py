"""Typing errors are read as what was meant; words that are right, foreign or too short are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promises.feedback.text import gloss
from promises.feedback.text.slips import meant

WRONG = {
    "asnetaja": "asentaja",
    "konttroi": "konttori",
    "plavelu": "palvelu",
    "sovellsu": "sovellus",
    "lainna": "laina",
    "verkopankki": "verkkopankki",
    "kirjautumnen": "kirjautuminen",
    "takaisinsoito": "takaisinsoitto",
}


@pytest.mark.parametrize(("typed", "right"), WRONG.items())
def test_a_slip_is_read_as_the_word_that_was_meant(typed: str, right: str) -> None:
    assert gloss.lemma(typed, "fi") == right


@pytest.mark.parametrize("word", ["whatsapp", "router", "iphonella", "xyzxy", "abcd"])
def test_a_word_that_nobody_can_know_stays(word: str) -> None:
    assert gloss.choose(word, "fi") == (word, word)


@pytest.mark.parametrize("word", ["lasku", "laku", "jono", "kortti", "kartta"])
def test_a_word_that_is_right_is_not_mended(word: str) -> None:
    assert gloss.lemma(word, "fi") == word


@given(st.text("abcdeäö", min_size=5, max_size=12), st.data())
def test_one_slip_is_among_what_may_have_been_meant(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 1))
    kind = data.draw(st.sampled_from(["swapped", "doubled", "left out"]))
    typed = {
        "swapped": word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        "doubled": word[:at] + word[at - 1] + word[at:],
        "left out": word[:at] + word[at + 1 :] if len(word) > 8 else word[:at] + word[at - 1] + word[at:],
    }[kind]
    assert typed == word or word in set(meant(typed))
