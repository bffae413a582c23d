"""Customers to be asked, as people paste them: one a line, from a mail program or a spreadsheet. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from promises.language import CUSTOMERS
from promises.refusal import Refusal

_ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_BETWEEN = re.compile(r"\s*[;\t,]\s*")
LONGEST_ADDRESS = 254


@dataclass(frozen=True)
class Guest:
    """Somebody to be asked. ``branch`` is a code; ``served_by`` the id of the clerk, where known."""

    address: str
    language: str = CUSTOMERS[0]
    customer: str = ""
    branch: str = ""
    served_by: int | None = None


def read_guests(pasted: str, *, branch: str = "") -> list[Guest]:
    """The guests of *pasted*, one a line: address; customer's number; branch's code; language.

    Only the address must be there.

    :param branch: code of the branch of lines that name none.
    :raises Refusal: ``surveys.no_address`` with the line and what was found; ``surveys.no_guests``.
    """
    guests = [_guest(number, line, branch) for number, line in _lines(pasted)]
    if not guests:
        raise Refusal("surveys.no_guests")
    return guests


def is_address(words: str) -> bool:
    """Whether *words* are an e-mail address that a letter can be sent to."""
    return len(words) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(words.strip()) is not None


def _lines(pasted: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(pasted.splitlines(), 1):
        if line.strip():
            yield number, line.strip()


def _guest(number: int, line: str, branch: str) -> Guest:
    address, customer, code, language, *_ = [*_BETWEEN.split(line), "", "", "", ""]
    if not is_address(address):
        raise Refusal("surveys.no_address", row=number, found=line[:60])
    spoken = language.lower()[:2]
    return Guest(
        address=address,
        customer=customer,
        branch=code or branch,
        language=spoken if spoken in CUSTOMERS else CUSTOMERS[0],
    )
