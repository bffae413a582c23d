"""Every text stands in both languages; and the check that says so can fail."""

import shutil

import pytest
from babel.messages.pofile import read_po, write_po

from promises.language import CATALOGUES, LANGUAGES
from promises.translations import check


def test_every_text_is_there_in_both_languages():
    assert check.faults() == []


@pytest.fixture
def copies(tmp_path, monkeypatch):
    """The catalogues as files that a test may spoil."""
    for language in LANGUAGES:
        shutil.copy(CATALOGUES / f"{language}.po", tmp_path)
    monkeypatch.setattr(check, "CATALOGUES", tmp_path)

    def change(language, spoil):
        file = tmp_path / f"{language}.po"
        with file.open("rb") as source:
            catalogue = read_po(source, locale=language)
        spoil(catalogue)
        with file.open("wb") as target:
            write_po(target, catalogue)
        return check.faults()

    return change


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_code_is_told(copies, language):
    told = copies(language, lambda catalogue: catalogue.delete("verdict.broken"))
    assert any("verdict.broken" in fault for fault in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_sentence_is_told(copies, language):
    told = copies(language, lambda catalogue: catalogue.delete("Sign in"))
    assert any("'Sign in'" in fault for fault in told)


def test_a_sentence_without_finnish_is_told(copies):
    def empty(catalogue):
        catalogue.get("Sign in").string = ""

    assert any("no words for 'Sign in'" in fault for fault in copies("fi", empty))


def test_a_translation_that_names_other_facts_is_told(copies):
    def other(catalogue):
        catalogue.get("Welcome, %(name)s").string = "Tervetuloa, %(nimi)s"

    assert any("different facts" in fault for fault in copies("fi", other))


def test_a_text_that_nobody_says_is_told(copies):
    told = copies("en", lambda catalogue: catalogue.add("Nobody says this", "x"))
    assert any("nobody says 'Nobody says this'" in fault for fault in told)


@pytest.mark.parametrize("code", ["event.device.added", "subject.device", "detail.kind"])
def test_what_the_journal_has_no_words_for_is_told(copies, code):
    assert any(code in fault for fault in copies("fi", lambda catalogue: catalogue.delete(code)))


def test_an_act_that_can_only_be_named_with_its_facts_is_told(copies):
    def spoil(catalogue):
        catalogue.get("event.device.added").string = "linkitti näytön %(name)s"

    assert any("can't be said without its facts" in fault for fault in copies("fi", spoil))
