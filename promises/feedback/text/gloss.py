"""Words of any of our languages as English ones, so that texts of all languages can be compared.

Finnish and Swedish words are looked up as: the hand-written words of service companies, then the
dictionary, then the parts of a compound. An unknown word stays as it is. One gloss a word.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files

from promises.feedback.text import finnish, slips, swedish

WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
LONGEST_PHRASE = 3
# The shortest parts of a word that is put together of two, and what turns a word round.
SHORTEST_HEAD, SHORTEST_END, UN = 4, 4, "epä"


@cache
def dictionary(language: str) -> dict[str, tuple[str, float]]:
    """Head → (English, weight) of *language* (``fi``, ``sv``); ``data/make_words.py`` tells the weights."""
    packed = files("promises.feedback.data").joinpath(f"words_{language}.tsv.gz").read_bytes()
    found = {}
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        head, glosses = line.split("\t")
        gloss, weight = glosses.split("|", 1)[0].rsplit("=", 1)
        found[head] = (gloss, float(weight))
    return found


@cache
def service_words(language: str) -> dict[str, str]:
    """The hand-written words and phrases of *language*; an empty value drops the word."""
    text = files("promises.feedback.data").joinpath("service_words.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    found = {row[1]: row[2] for row in rows if row[0] == language}
    # Compounds come from their parts without a hyphen.
    return {head.replace("-", ""): english for head, english in found.items() if "-" in head} | found


@cache
def phrase_starts(language: str) -> frozenset[str]:
    """The first words of the hand-written phrases of several words."""
    return frozenset(head.split(" ")[0] for head in service_words(language) if " " in head)


@cache
def spoken() -> dict[str, str]:
    """Spoken Finnish words and their written forms."""
    text = files("promises.feedback.data").joinpath("spoken_fi.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


def words(text: str) -> list[str]:
    """The words of *text*, in lower case."""
    return WORD.findall(text.lower().replace("’", "'"))


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """The dictionary form of *word* that its English is chosen by; the word itself where unknown."""
    return choose(word, language)[0]


@lru_cache(maxsize=200_000)
def choose(word: str, language: str) -> tuple[str, str]:
    """Dictionary form and English of one lower-case *word*."""
    if len(word) > finnish.LONGEST_WORD:
        return word, word
    own = service_words(language)
    if language == "fi":
        word = spoken().get(word, word)
    if word in own:
        return word, own[word]
    readings = finnish.analyse(word) if language == "fi" else swedish.analyse(word)
    joined = ["".join(reading) for reading in readings]
    for whole in joined:
        if whole in own:
            return whole, own[whole]
    for clitic in finnish.CLITICS if language == "fi" else ():
        if (base := word.removesuffix(clitic)) in own:
            return base, own[base]
    table = dictionary(language)
    known = [(whole, *table[whole]) for whole in [*joined, word] if whole in table]
    if known:
        whole, gloss, _ = max(known, key=lambda k: (k[2], k[0] != word, k[0]))
        return whole, gloss
    for reading in readings:
        if len(reading) > 1:
            return "".join(reading), " ".join(choose(part, language)[1] for part in reading)
    if not joined and language == "fi" and word not in english_words():
        if found := put_together(word):
            return found
        for form in slips.meant(word):
            if form in own or finnish.is_form(form):
                return choose(form, language)
    return (joined[0] if joined else word), word


def put_together(word: str) -> tuple[str, str] | None:
    """A Finnish *word* of two others that the paradigms do not know as a compound ("lähikirjasto").

    "Epä" turns what comes after it round. The longest end that is known counts.
    """
    if word.startswith(UN) and len(word) > len(UN) + SHORTEST_END and finnish.simple(word.removeprefix(UN)):
        lemma, gloss = choose(word.removeprefix(UN), "fi")
        return UN + lemma, f"not {gloss}"
    for cut in range(SHORTEST_HEAD, len(word) - SHORTEST_END + 1):
        head, end = word[:cut].removesuffix("-"), word[cut:]
        if (head in service_words("fi") or head in dictionary("fi")) and finnish.simple(end):
            (one, first), (other, second) = choose(head, "fi"), choose(end, "fi")
            return one + other, f"{first} {second}".strip()
    return None


@cache
def english_words() -> frozenset[str]:
    """Words that stand on the English side of the Finnish dictionary and the service words."""
    glosses = [g for g, _ in dictionary("fi").values()] + list(service_words("fi").values())
    return frozenset(word.lower() for g in glosses for word in g.split()) | {"the", "a", "an", "is", "was"}


def english(text: str, language: str | None) -> str:
    """*text* word by word in English; English itself and unknown languages come back unchanged."""
    if language not in ("fi", "sv"):
        return text
    found = words(text)
    chosen = [choose(word, language) for word in found]
    lemmas = [head for head, _ in chosen]
    own, starts = service_words(language), phrase_starts(language)
    said: list[str] = []
    at = 0
    while at < len(found):
        longest = min(LONGEST_PHRASE, len(found) - at) if lemmas[at] in starts else 1
        for length in range(longest, 1, -1):
            phrase = own.get(" ".join(lemmas[at : at + length]))
            if phrase is not None:
                said.append(phrase)
                at += length
                break
        else:
            # "jonottamatta" is without queueing: the ending that the lemma loses turns the meaning.
            turned = len(found[at]) > 7 and found[at].endswith(("matta", "mättä")) and found[at] not in own
            if language == "fi" and turned:
                said.append("without")
            said.append(chosen[at][1])
            at += 1
    return " ".join(word for word in said if word)


def lemmas(text: str, language: str | None) -> Sequence[str]:
    """The dictionary forms of the words of *text* in its own language."""
    if language not in ("fi", "sv"):
        return [plain_english(word) for word in words(text)]
    return [lemma(word, language) for word in words(text)]


def plain_english(word: str) -> str:
    """A light English lemma: plural and third-person ``s`` off, nothing cleverer."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")):
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word.removesuffix("'s")
