"""What is printed for a customer: the receipt of a payment, and a voucher. PDF/UA-1, made by Typst."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import typst
from text_unidecode import unidecode

_PAGE = Path(__file__).with_name("papers.typ")
# What the fonts that Typst brings can show for certain: Latin with its marks, Greek, Cyrillic, punctuation.
_SHOWN = (
    range(0x20, 0x7F), range(0xA0, 0x180), range(0x391, 0x3CA), range(0x410, 0x450),
    range(0x2013, 0x2015), range(0x2018, 0x201F), range(0x2022, 0x2023), range(0x20AC, 0x20AD),
    range(0x2212, 0x2213), range(0x2026, 0x2027),
)  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """One page: *title*, *label* and *amount* as its answer, *facts* as pairs, *words* to the customer.

    ``place`` and ``company`` say who it is from; ``code`` and its picture ``qr`` (SVG) are a voucher's;
    ``signature`` is the line to sign on, if any; ``foot`` stands small at the bottom.
    """

    language: str
    title: str
    company: str
    place: str
    label: str
    amount: str
    facts: tuple[tuple[str, str], ...]
    words: str
    foot: str
    signature: str | None = None
    code: str | None = None
    qr: str = ""
    qr_alt: str = ""


def print_paper(paper: Paper) -> bytes:
    """*paper* as a tagged PDF (PDF/UA-1), its fonts embedded; no font of the machine is used."""
    told = {name: value if name == "qr" else _legible(value) for name, value in asdict(paper).items()}
    document: bytes = typst.compile(
        _template(), sys_inputs={"told": json.dumps(told)}, pdf_standards="ua-1", ignore_system_fonts=True
    )
    return document


@cache
def _template() -> bytes:
    return _PAGE.read_bytes()


def _legible(value: object) -> object:
    """*value* with every letter that the page could not show written in Latin ones, or left out."""
    if isinstance(value, str):
        return "".join(sign if _shown(sign) else _latin(sign) for sign in value).strip()
    return [_legible(one) for one in value] if isinstance(value, tuple) else value


def _latin(sign: str) -> str:
    return " " if sign.isspace() else "".join(one for one in unidecode(sign) if _shown(one))


def _shown(sign: str) -> bool:
    return any(ord(sign) in some for some in _SHOWN)
