"""In which language a text is: Finnish, Swedish or English, or none of them by its script."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import py3langid.langid

from promises.feedback.text import finnish, gloss, swedish

LANGUAGES = ("fi", "sv", "en")
UNKNOWN = "und"
FEW_WORDS = 3


@cache
def classifier() -> Callable[[str], tuple[str, float]]:
    """Py3langid over our languages; its model takes about a second to load."""
    identifier = py3langid.langid.LanguageIdentifier.from_model_file(py3langid.langid.MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    classify: Callable[[str], tuple[str, float]] = identifier.classify
    return classify


def identify(text: str) -> str:
    """``fi``, ``sv``, ``en``, or ``und`` where *text* has no Latin letters.

    A text of a few words goes by the dictionaries, which then know better than statistics of letters.
    """
    found = gloss.words(text)
    if not any("a" <= c <= "z" for word in found for c in word):
        return UNKNOWN
    if len(found) <= FEW_WORDS:
        votes = {
            "fi": sum(w in gloss.service_words("fi") or bool(finnish.simple(w)) for w in found),
            "sv": sum(bool(swedish.simple(w)) for w in found),
            "en": sum(gloss.plain_english(w) in gloss.english_words() for w in found),
        }
        most = max(votes.values())
        if most and sum(v == most for v in votes.values()) == 1:
            return max(votes, key=lambda k: votes[k])
    return classifier()(" ".join(found))[0]
