"""Finnish words back to their dictionary forms, by table: no native library and no download.

``data/paradigms_fi.tsv.gz`` gives every simple word its stems (see ``data/make_words.py``); this
module adds the endings that a stem can take, clitics and possessive suffixes, splits compounds, and
knows what spoken Finnish leaves out. The same word has the same lemmas on every machine.
"""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from importlib.resources import files

VOWELS = "aeiouyäö"
LONGEST_ENDING = 9
SHORTEST_PART = 3
# No word is longer; what is (a run of letters without end) is not taken apart, which would take for ever.
LONGEST_WORD = 80


def both(endings: str) -> frozenset[str]:
    """*endings* (split at spaces, ``-`` for none) with their front-vowel twins."""
    back = [e.strip("-") for e in endings.split()]
    return frozenset(back) | {e.translate(str.maketrans("aou", "äöy")) for e in back}


LOCAL = "ssa sta lla lta lle ksi tta"
ENDINGS = {
    "nom": frozenset({""}),
    "weak": both(f"n t sti {LOCAL}"),
    "strong": both("na"),
    "par": frozenset({""}),
    "ill": frozenset({""}),
    "pl_weak": both(f"n na {LOCAL}"),
    "pl_gen": frozenset({""}),
    "pl_par": frozenset({""}),
    "pl_ill": frozenset({""}),
    "comparative": both("i aa ana ia ien iin aan") | {"", "i"},
    "comparative_weak": both("an at assa asta alla alta alle aksi in issa ista illa ilta ille iksi"),
    "inf": both("- kseni kseen"),
    "pres": both("- n t mme tte"),
    "pres3": frozenset({""}),
    "pres3pl": both("vat va van vaa vana vassa vasta valla valta valle vien via vissa vista villa"),
    "past": both("n t mme tte"),
    "past3": both("- vat"),
    "cond": both("- n t mme tte vat"),
    "imper": both("kaa ko koon koot"),
    "nut": both("ut een eet eessa eesta eella eelta eelle eena eeksi eita eiden eissa eista") | {"u", "y"},
    "pass_pres": both("an -"),
    "pass_past": both("iin u ua uista uissa uille una uja ujen uun uina ava")
    | both("avan avaa avat avaksi avissa avasti aisiin aessa"),
    "pass_past_weak": both("un ut ussa usta ulla ulta ulle uksi uista uissa"),
    "inf2": both("ssa n"),
    "inf3": both("ssa sta an lla tta n t a ton ttoman tonta ttomat ttomia ttomasti")
    | both("ttomassa ttomasta ttomaan ttomalla ttomaksi ttomien"),
    "inf4": both("nen sen sta seen sessa sesta sella seksi set"),
}
# Words that stand only at the beginning of compounds.
BOUND = {
    "ala", "ali", "ensi", "erikois", "etu", "huhti", "jälki", "kauko", "keski", "lisä", "lähi", "maalis",
    "marras", "mini", "moni", "perus", "pika", "puoli", "rinnakkais", "sisä", "suur", "syys", "tammi",
    "touko", "ulko", "uudelleen", "uus", "yhteis", "yksityis", "yleis", "ylä",
}  # fmt: skip
CLITICS = ("kaan", "kään", "kin", "han", "hän", "ko", "kö", "pa", "pä")
POSSESSIVES = ("nsa", "nsä", "mme", "nne", "ni", "si")


@cache
def stems() -> dict[str, tuple[tuple[str, str], ...]]:
    """Stem → (lemma, slot) pairs, from the paradigm table; read once, about 60 MB."""
    patterns: dict[str, list[tuple[str, int, str]]] = {}
    found: dict[str, list[tuple[str, str]]] = {}
    packed = files("promises.feedback.data").joinpath("paradigms_fi.tsv.gz").read_bytes()
    for line in gzip.decompress(packed).decode("utf-8").splitlines():
        left, right = line.split("\t")
        if left.startswith("#"):
            patterns[left[1:]] = [read_slot(slot) for slot in right.split(" ")]
            continue
        for number in right.split(","):
            for slot, drop, add in patterns[number]:
                stem = left[: len(left) - drop] + add
                found.setdefault(stem, []).append((left, slot))
                if slot == "comparative" and stem.endswith("mp"):
                    found.setdefault(stem[:-1] + "m", []).append((left, "comparative_weak"))
                elif slot == "pass_past" and stem.endswith("tt"):
                    found.setdefault(stem[:-1], []).append((left, "pass_past_weak"))
    return {stem: tuple(dict.fromkeys(pairs)) for stem, pairs in found.items()}


def read_slot(text: str) -> tuple[str, int, str]:
    slot, change = text.split("=")
    digits = len(change) - len(change.lstrip("0123456789"))
    return slot, int(change[:digits]), change[digits:]


@cache
def end_pieces() -> frozenset[str]:
    """Every ending and every end of one."""
    return frozenset(e[at:] for endings in ENDINGS.values() for e in endings for at in range(len(e) + 1))


def inflected(word: str) -> list[str]:
    """Lemmas of which *word* is a plain form, longest stem first."""
    table, ends = stems(), end_pieces()
    found: dict[str, None] = {}
    for cut in range(len(word), max(0, len(word) - LONGEST_ENDING) - 1, -1):
        ending = word[cut:]
        if ending not in ends:  # nor has any longer piece of the word
            break
        for lemma, slot in table.get(word[:cut], ()):
            if ending in ENDINGS[slot]:
                found[lemma] = None
    return list(found)


def is_form(word: str) -> bool:
    """Whether *word* is a plain form of anything; sooner told than of what (:func:`inflected`)."""
    table, ends = stems(), end_pieces()
    for cut in range(len(word), -1, -1):
        ending = word[cut:]
        if ending not in ends:
            return False
        if (stem := word[:cut]) in table and any(ending in ENDINGS[slot] for _, slot in table[stem]):
            return True
    return False


def owned(word: str) -> list[str]:
    """Lemmas of *word* with a possessive suffix ("korttini", "laskuunsa", "autossaan")."""
    bases = [word[: -len(s)] for s in POSSESSIVES if word.endswith(s)]
    if len(word) > 4 and word[-1] == "n" and word[-2] in VOWELS and word[-2] == word[-3]:
        bases.append(word[:-2])
    table = stems()
    found: dict[str, None] = {}
    for base in bases:
        if len(base) < 2:
            continue
        tries = [base, base + "n", base[:-1] + "i"] if base.endswith("kse") else [base, base + "n"]
        for form in tries:
            found.update(dict.fromkeys(inflected(form)))
        found.update({lemma: None for lemma, slot in table.get(base, ()) if slot == "strong"})
    return list(found)


def simple(word: str) -> list[str]:
    """Lemmas of *word* that is not a compound; clitics and possessives are taken off at need."""
    if len(word) > LONGEST_WORD:
        return []
    if found := inflected(word) or owned(word):
        return found
    for clitic in CLITICS:
        if word.endswith(clitic) and len(word) > len(clitic) + 2:
            base = word[: -len(clitic)]
            if found := inflected(base) or owned(base) or simple(base):
                return found
    return []


@cache
def genitives() -> frozenset[str]:
    """Forms that may begin a compound: genitives, besides dictionary forms."""
    found = set()
    for stem, pairs in stems().items():
        for lemma, slot in pairs:
            if slot in ("pl_gen", "nom"):
                found.add(stem)
            elif slot == "weak":
                found.add(stem + "n")
            if slot == "nom" and lemma.endswith("nen"):
                found.add(lemma[:-3] + "s")
    return frozenset(found) | BOUND


def parts(word: str, depth: int = 2) -> list[tuple[str, ...]]:
    """Ways to read *word* as a compound: tuples whose last member is a lemma, longest end first."""
    found: list[tuple[str, ...]] = []
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        head, tail = word[:cut].removesuffix("-"), word[cut:].removeprefix("-")
        if head not in genitives() or len(tail) < SHORTEST_PART:
            continue
        found += [(head, lemma) for lemma in simple(tail)]
        if depth > 1:
            found += [(head, *rest) for rest in parts(tail, depth - 1)]
    return sorted(dict.fromkeys(found), key=lambda p: (len(p), -len(p[-1]), p))


def standard(word: str) -> list[str]:
    """Written forms that the spoken *word* may stand for, likeliest first."""
    found = []
    last = word[-1:]
    for ending, fulls in SPOKEN_ENDINGS.items():
        if word.endswith(ending) and len(word) > len(ending) + 1:
            found += [word[: -len(ending)] + full for full in fulls]
    if last in "aeiouyäö" and len(word) > 4:
        found.append(word + "n")
    return found


SPOKEN_ENDINGS = {
    "nu": ["nut"], "ny": ["nyt"], "lu": ["llut"], "ssu": ["ssut"],
    "is": ["isi"], "iis": ["isi"], "äs": ["äisi"], "as": ["aisi"],
    "s": ["ssa", "ssä"], "st": ["sta", "stä"], "l": ["lla", "llä"], "lt": ["lta", "ltä"],
    "ee": ["ea", "eä"], "oo": ["oa"], "öö": ["öä"], "uu": ["ua"], "yy": ["yä"], "ii": ["ia", "iä"],
    "aan": ["amaan"], "ään": ["ämään"], "een": ["emaan", "emään"],
    "ko": ["ko"], "ks": ["ko", "kö"], "sa": ["ssa"], "sä": ["ssä"], "la": ["lla"], "lä": ["llä"],
}  # fmt: skip


@lru_cache(maxsize=200_000)
def analyse(word: str) -> tuple[tuple[str, ...], ...]:
    """Every reading of a lower-case *word*, as tuples of its parts; empty where it is not known."""
    if len(word) > LONGEST_WORD:
        return ()
    if found := simple(word):
        return tuple((lemma,) for lemma in found)
    if len(word) >= 2 * SHORTEST_PART and (split := parts(word)):
        return tuple(p for p in split if len(p) == len(split[0]))
    if "-" in word:
        start, _, last = word.rpartition("-")
        return tuple((start, *reading) for reading in analyse(last))
    for form in standard(word):
        if found := simple(form):
            return tuple((lemma,) for lemma in found)
    for form in standard(word) if len(word) >= 2 * SHORTEST_PART else ():
        if split := parts(form):
            return tuple(p for p in split if len(p) == len(split[0]))
    return ()
