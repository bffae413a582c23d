"""Ready-made terms that a company can start from, each a JSON file of the terms format."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from promises.refusal import Refusal
from promises.terms.document import TermsDocument
from promises.terms.reading import read_terms

FOLDER = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """The templates' names, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def template(name: str) -> TermsDocument:
    """One template by its name.

    :raises Refusal: if there is none.
    """
    if name not in names():
        raise Refusal("terms.no_template", found=name, known=", ".join(names()))
    return read_terms((FOLDER / f"{name}.json").read_bytes())
