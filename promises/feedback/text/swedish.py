"""Swedish words back to their dictionary forms by cutting endings until the dictionary knows them.

Coarser than :mod:`finnish` (Swedish is the smallest of the three languages): noun, adjective and verb
endings, and compounds with or without a linking ``s``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from promises.feedback.text.finnish import LONGEST_WORD

# Ending that is cut, and what may stand in its place in the dictionary form.
ENDINGS = {
    "erna": ("er", "", "e"), "orna": ("a",), "arna": ("e", "", "ar"), "arnas": ("e", ""),
    "na": ("", "a"), "or": ("a",), "ar": ("", "e", "a"), "er": ("", "e"), "en": ("", "e"),
    "et": ("", "e", "t"), "n": ("", "a"), "t": ("", "a"), "a": ("", "en"), "as": ("a",), "s": ("", "as"),
    "ade": ("a",), "ades": ("a",), "at": ("a",), "ats": ("a",), "ande": ("a",),
    "te": ("a", "ka"), "de": ("a", ""), "tt": ("", "d"), "it": ("a",), "ts": ("", "t"),
    "are": ("", "a"), "ast": ("",), "aste": ("",), "heten": ("het",), "ningen": ("ning",),
    "ningar": ("ning",),
    "r": ("", "a"), "igt": ("ig",), "iga": ("ig",), "ligt": ("lig",), "liga": ("lig",),
}  # fmt: skip
SHORTEST_PART = 3


@lru_cache(maxsize=100_000)
def analyse(word: str) -> tuple[tuple[str, ...], ...]:
    """Every reading of a lower-case *word* as a tuple of its parts; empty where it is not known."""
    if len(word) > LONGEST_WORD:
        return ()
    if found := simple(word):
        return tuple((lemma,) for lemma in found)
    heads = known()
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        head, tail = word[:cut], word[cut:]
        lemma = next((h for h in (head, head.removesuffix("s"), head + "a", head + "e") if heads(h)), None)
        if lemma and (ends := simple(tail)):
            return tuple((lemma, end) for end in ends)
    return ()


def simple(word: str) -> list[str]:
    heads = known()
    found = [word] if heads(word) else []
    for ending, fulls in ENDINGS.items():
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            found += [base for full in fulls if heads(base := word[: -len(ending)] + full)]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def known() -> Callable[[str], bool]:
    """Whether a word is a head of the Swedish dictionary or of the hand-written words."""
    from promises.feedback.text import gloss

    heads = gloss.dictionary("sv").keys() | gloss.service_words("sv").keys()
    return heads.__contains__
