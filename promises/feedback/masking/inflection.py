"""Every form in which a name may stand: Finnish cases, Swedish and English genitives.

Forms that a name does not have come along where that is simpler: nobody writes them.
"""

from __future__ import annotations

from collections.abc import Iterator

VOWELS = "aeiouyäöå"
# What comes after the stem that changes (strong grade turned weak), and after the one that doesn't.
WEAK = ("n", "ssa", "ssä", "sta", "stä", "lla", "llä", "lta", "ltä", "lle", "ksi", "t")
STRONG = ("", "a", "ä", "na", "nä", "kin", "han", "hän", "ko", "kö")
DOUBLED = {"kk": "k", "pp": "p", "tt": "t"}
CHANGED = {"lt": "ll", "nt": "nn", "rt": "rr", "nk": "ng", "mp": "mm", "ht": "hd", "lk": "l", "rk": "r"}
SINGLE = {"t": "d", "p": "v", "k": ""}


def forms(name: str, surname: bool) -> Iterator[str]:
    """Forms of a lower-case *name*, itself among them.

    :param surname: surnames change like the words that they come from (Lahti: Lahden), given names less.
    """
    yield name
    yield name + "s"
    if name.endswith("nen"):
        yield from _put(name[:-3] + "se", WEAK)
        yield from (name[:-3] + rest for rest in ("seen", "sta", "stä", "sena", "senä", "set", "sten"))
        yield from (name[:-3] + "si" + rest for rest in ("lla", "llä", "lta", "ltä", "lle", "a", "ä"))
        return
    for strong, weak in _stems(name, surname):
        last = strong[-1]
        yield from _put(weak, WEAK)
        yield from _put(strong, STRONG)
        yield strong + last + "n"
        yield strong + "ta"
        yield strong + "tä"
        if strong[-2:-1] == last:
            yield strong + "seen"
            yield strong + "h" + last + "n"


def _put(stem: str, endings: tuple[str, ...]) -> Iterator[str]:
    return (stem + ending for ending in endings)


def _stems(name: str, surname: bool) -> Iterator[tuple[str, str]]:
    """Pairs of the strong and the weak stem."""
    if name[-1] in VOWELS:
        yield name, _weak(name)
        if surname and name[-1] == "i":
            yield name[:-1] + "e", _weak(name)[:-1] + "e"
        if name[-1] == "e":
            yield name + "e", name + "e"
        if surname and len(name) > 4:
            yield name, _changed(name)
            if name[-1] == "i":
                yield name[:-1] + "e", _changed(name)[:-1] + "e"
        return
    yield name + "i", name + "i"
    if name.endswith(("as", "äs")):
        yield name[:-1] + name[-2], name[:-1] + name[-2]
        if name == "kangas":
            yield "kankaa", "kankaa"
    if name.endswith("s"):
        yield name[:-1] + "kse", name[:-1] + "kse"
        yield name + "ta", name + "ta"


def _weak(name: str) -> str:
    return name[:-3] + DOUBLED[name[-3:-1]] + name[-1] if name[-3:-1] in DOUBLED else name


def _changed(name: str) -> str:
    """The weak stem with the changes that only words, and surnames made of them, go through."""
    if name[-3:-1] in CHANGED:
        return name[:-3] + CHANGED[name[-3:-1]] + name[-1]
    if name[-2] in SINGLE and name[-3] in VOWELS:
        return name[:-2] + SINGLE[name[-2]] + name[-1]
    return _weak(name)
