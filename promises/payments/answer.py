"""Reading the bank's answer to a file of transfers (pain.002, any version of it)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

from promises.refusal import Refusal

PAID, REJECTED, WAITING = "paid", "rejected", "waiting"
# ISO 20022, ExternalPaymentTransactionStatus1Code and the group's. Accepted isn't settled: only what has
# left the account counts as paid.
MEANS = {
    "ACSC": PAID, "ACCC": PAID,
    "RJCT": REJECTED, "CANC": REJECTED,
    "RCVD": WAITING, "ACTC": WAITING, "ACCP": WAITING, "ACSP": WAITING, "ACWC": WAITING, "ACWP": WAITING,
    "ACFC": WAITING, "ACIS": WAITING, "PDNG": WAITING, "PATC": WAITING, "PART": WAITING, "BLCK": WAITING,
}  # fmt: skip
UNSAID = "NARR"
"""The reason of a rejection that gives none as a code (ISO: told in words)."""
LONGEST = 500
_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:pain\.002\.\d{3}\.\d{2}\}Document")
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """What the bank says of one payment: :data:`PAID`, :data:`REJECTED` or :data:`WAITING`, and for a
    rejection the reason's code and what else the bank wrote."""

    what: str
    reason: str = ""
    words: str = ""


@dataclass(frozen=True)
class Answer:
    """A bank's answer to one file.

    ``about`` is the message that it answers; ``count`` and ``total`` are what the bank read of it, if it
    says so; ``payments`` what it says of each that it names, with the amount where it repeats it;
    ``others`` is what holds for those that it doesn't name.
    """

    message: str
    about: str
    count: int | None
    total: Decimal | None
    payments: dict[str, tuple[Told, Decimal | None]]
    others: Told

    def of(self, name: str) -> Told:
        """What is said of the payment *name*."""
        return self.payments[name][0] if name in self.payments else self.others


def read_answer(document: bytes) -> Answer:
    """The answer in *document*.

    :raises Refusal: ``payments.answer_unreadable`` if it is no XML; ``payments.answer_other_file`` if it is
        another kind of file; ``payments.answer_incomplete`` naming the part that is missing;
        ``payments.answer_status`` naming a status that isn't known; ``payments.answer_twice`` naming a
        payment that stands in it twice.
    """
    # No such message has a document type; refusing it leaves no room for entities that grow.
    if b"\0" in document or _DOCTYPE.search(document):
        raise Refusal("payments.answer_unreadable")
    try:
        root = ElementTree.fromstring(document)  # noqa: S314  without a document type there are no entities
    except (ElementTree.ParseError, ValueError):
        raise Refusal("payments.answer_unreadable") from None
    if not _NAMESPACE.fullmatch(root.tag):
        raise Refusal("payments.answer_other_file", found=root.tag.rpartition(":")[2].replace("}", " ")[:60])
    return _read(_Part(root))


class _Part:
    """A part of the message; its children are found by their names, whatever the version's namespace."""

    def __init__(self, element: ElementTree.Element) -> None:
        self._element = element

    def parts(self, path: str) -> list[_Part]:
        wanted = "/".join(f"{{*}}{name}" for name in path.split("/"))
        return [_Part(one) for one in self._element.findall(wanted)]

    def text(self, path: str) -> str:
        found = self.parts(path)
        return (found[0]._element.text or "").strip() if found else ""

    def needed(self, path: str) -> str:
        found = self.text(path)
        if not found:
            raise Refusal("payments.answer_incomplete", part=path.rpartition("/")[2])
        return found


def _read(root: _Part) -> Answer:
    report = next(iter(root.parts("CstmrPmtStsRpt")), None)
    if report is None:
        raise Refusal("payments.answer_incomplete", part="CstmrPmtStsRpt")
    group = next(iter(report.parts("OrgnlGrpInfAndSts")), None)
    if group is None:
        raise Refusal("payments.answer_incomplete", part="OrgnlGrpInfAndSts")
    others = _told(group, "GrpSts", Told(WAITING))
    payments: dict[str, tuple[Told, Decimal | None]] = {}
    for part in report.parts("OrgnlPmtInfAndSts"):
        others = _told(part, "PmtInfSts", others)
        for one in part.parts("TxInfAndSts"):
            name = one.needed("OrgnlEndToEndId")
            if name in payments:
                raise Refusal("payments.answer_twice", found=name)
            payments[name] = (_told(one, "TxSts", others), _amount(one.text("OrgnlTxRef/Amt/InstdAmt")))
    return Answer(
        message=report.needed("GrpHdr/MsgId")[:35],
        about=group.needed("OrgnlMsgId"),
        count=_count(group.text("OrgnlNbOfTxs")),
        total=_amount(group.text("OrgnlCtrlSum")),
        payments=payments,
        others=others,
    )


def _told(part: _Part, status: str, unsaid: Told) -> Told:
    found = part.text(status)
    if not found:
        return unsaid
    if found not in MEANS:
        raise Refusal("payments.answer_status", found=found[:35])
    if MEANS[found] != REJECTED:
        return Told(MEANS[found])
    reason = part.text("StsRsnInf/Rsn/Cd") or part.text("StsRsnInf/Rsn/Prtry") or UNSAID
    words = " ".join(filter(None, (info.text("AddtlInf") for info in part.parts("StsRsnInf"))))
    return Told(REJECTED, reason[:35], words[:LONGEST])


def _count(text: str) -> int | None:
    if text and not text.isdecimal():
        raise Refusal("payments.answer_incomplete", part="OrgnlNbOfTxs")
    return int(text) if text else None


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise Refusal("payments.answer_incomplete", part="InstdAmt") from None
