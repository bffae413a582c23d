"""Make also_words.txt: the forms of names that are ordinary words too.

    python -m promises.feedback.masking.make_words

Finnish words are found by the paradigms of the mining room, Swedish and English ones by its dictionaries
where they are like a Finnish case of a name. What these cannot tell stands in word_choices.txt.
"""

from __future__ import annotations

from pathlib import Path

from promises.feedback.masking.inflection import forms
from promises.feedback.masking.lists import sections
from promises.feedback.text import finnish, gloss, swedish

HERE = Path(__file__).parent


def made() -> list[str]:
    """The words, in their order."""
    choices = list(sections("word_choices.txt"))
    rather_names = {word for section, word in choices if section == "rather names"}
    found = {form for section, word in choices if section == "words" for form in (word, word + "s")}
    names = [(name, section == "surname") for section, name in sections("names.txt")]
    whole = {name for name, _ in names}
    rather = {form for name, surname in names if name in rather_names for form in forms(name, surname)} - {
        "tuomaan"
    }
    elsewhere = gloss.english_words()
    for name, surname in names:
        for form in forms(name, surname):
            if form not in rather and finnish.inflected(form):
                found.add(form)
            # The other dictionaries hold names among the words, but not their Finnish cases.
            if form not in whole and form != name + "s" and (form in elsewhere or swedish.known()(form)):
                found.add(form)
    return sorted(found)


if __name__ == "__main__":
    head = "# Forms of names that are ordinary words too; made by make_words.py.\n[words]\n"
    (HERE / "also_words.txt").write_text(head + "\n".join(made()) + "\n", encoding="utf-8")
