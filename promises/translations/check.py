"""Does every text that the product can show stand in both catalogues? Exit code 1 if not.

English sentences are their own English text. Dotted codes need words in both languages: those that
the source names are read from it; those that are put together from a family and a stored code
(``verdict.`` + ``broken``) count as used where the source names the family.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from promises.language import CATALOGUES, CODE, LANGUAGES
from promises.translations import journal_words

ROOT = Path(__file__).parents[2]
SPEAKERS = {"gettext", "lazy", "ngettext", "_"}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
Texts = dict[str | tuple[str, str], set[str]]


def used() -> Texts:
    """Every message id of templates and source, with the files that use it."""
    found: Texts = defaultdict(set)
    for file in sorted((ROOT / "templates").rglob("*.*")):
        with file.open("rb") as source:
            for _, message, _, _ in extract(
                "jinja2.ext:babel_extract", source, options={"trimmed": "true", "encoding": "utf-8"}
            ):
                found[message if isinstance(message, str) else (message[0], message[1])].add(file.name)
    for file in [ROOT / "app.py", *sorted((ROOT / "promises").rglob("*.py"))]:
        if "migrations" not in file.parts:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            for message in (*_spoken_in(tree), *journal_words.written(tree)):
                found[message].add(file.name)
    return found


def _spoken_in(tree: ast.AST) -> Iterator[str | tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if name == "ngettext" and len(texts) > 1:
                yield (texts[0], texts[1])
            elif (name in SPEAKERS or name.endswith("Refusal")) and texts:
                yield texts[0]


def faults() -> list[str]:
    """What is missing, left over or unlike in the two catalogues; empty when all is well."""
    catalogues = {language: _read(language) for language in LANGUAGES}
    wanted = used()
    codes = {message for one in catalogues.values() for message in _ids(one) if CODE.fullmatch(message)}
    # A code may be put together while running; it counts as used when its text is written anywhere.
    source = "".join(f.read_text(encoding="utf-8") for f in _sources())
    families = {one for one in {f for code in codes for f in _families(code)} if _is_named(one, source)}
    told = []
    for message, files in sorted(wanted.items(), key=str):
        for language, catalogue in catalogues.items():
            told += _missing(message, language, catalogue, files)
    for language, catalogue in catalogues.items():
        for entry in catalogue:
            if entry.id:
                told += _entry_faults(entry, language, catalogues, wanted, families, source)
    return told


def _sources() -> list[Path]:
    python = [f for f in (ROOT / "promises").rglob("*.py") if "translations" not in f.parts]
    return [*python, ROOT / "app.py", *(f for f in (ROOT / "templates").rglob("*.*") if f.is_file())]


def _families(code: str) -> list[str]:
    """Every beginning of a code that could be a family: ``event`` and ``event.people`` of an invitation."""
    parts = code.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _is_named(family: str, source: str) -> bool:
    """Whether the source puts codes of *family* together: ``"verdict"`` beside a code, or ``f"verdict.{``."""
    return re.search(rf"""["']{re.escape(family)}(["']|\.["'{{])""", source) is not None


def _missing(message: str | tuple[str, str], language: str, catalogue: Catalog, files: set[str]) -> list[str]:
    entry = catalogue.get(message[0] if isinstance(message, tuple) else message)
    is_code = isinstance(message, str) and CODE.fullmatch(message)
    needed = language != "en" or is_code
    if entry is None:
        return [f"{language}: not in the catalogue: {message!r} ({', '.join(sorted(files))})"]
    if needed and not (all(entry.string) if isinstance(entry.string, tuple) else entry.string):
        return [f"{language}: no words for {message!r} ({', '.join(sorted(files))})"]
    return []


def _entry_faults(
    entry: Message,
    language: str,
    catalogues: dict[str, Catalog],
    wanted: Texts,
    families: set[str],
    source: str,
) -> list[str]:
    key = entry.id if isinstance(entry.id, str) else (entry.id[0], entry.id[1])
    name = key if isinstance(key, str) else key[0]
    told = []
    if entry.fuzzy:
        told.append(f"{language}: fuzzy: {name!r}")
    is_code = CODE.fullmatch(name) is not None
    in_use = key in wanted or (
        is_code and (not families.isdisjoint(_families(name)) or f'"{name}"' in source)
    )
    if not in_use:
        told.append(f"{language}: nobody says {name!r}")
    if is_code:
        texts = {one: _text(c.get(name)) for one, c in catalogues.items()}
        told += [f"{one}: no words for {name!r}" for one, text in texts.items() if not text]
        if len({frozenset(PLACEHOLDER.findall(text)) for text in texts.values()}) > 1:
            told.append(f"the two languages of {name!r} name different facts")
        # A list to choose acts from has no facts to fill in; the page tells them in a column of their own.
        if name.startswith("event.") and _facts(texts[language]):
            told.append(f"{language}: the words of {name!r} can't be said without its facts")
    elif isinstance(entry.string, str) and entry.string and _facts(name) != _facts(entry.string):
        told.append(f"{language}: {name!r} and its words name different facts")
    return told


def _text(entry: Message | None) -> str:
    return str(entry.string) if entry is not None else ""


def _facts(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _read(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _ids(catalogue: Catalog) -> list[str]:
    """Message ids, the plural ones by their singular."""
    return [entry.id if isinstance(entry.id, str) else entry.id[0] for entry in catalogue if entry.id]


if __name__ == "__main__":
    found = sorted(set(faults()))
    print("\n".join(found) or "catalogues: every text is there in both languages")
    sys.exit(1 if found else 0)
