"""What was masked is stored as a code, shown in the reader's language, and no word to mining."""

from promises.feedback.masking import KINDS
from promises.feedback.text.clean import clean
from promises.feedback.words import said
from promises.language import LANGUAGES, spoken


def test_a_masked_name_is_named_in_the_readers_language():
    with spoken("fi"):
        assert said("Kiitos [name]! Soittakaa [phone].") == "Kiitos [nimi]! Soittakaa [puhelinnumero]."
    with spoken("en"):
        assert said("Kiitos [name]!") == "Kiitos [name]!"


def test_every_kind_has_its_words():
    for language in LANGUAGES:
        with spoken(language):
            assert all("masked." not in said(f"[{kind}]") for kind in KINDS)


def test_other_words_in_brackets_stay():
    assert said("[jono] [Name] name") == "[jono] [Name] name"


def test_mining_does_not_read_what_was_masked():
    assert clean("[name] auttoi, numero [phone] hukkui") == "auttoi, numero hukkui"
