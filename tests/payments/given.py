"""What the tests of payments share: customers who are owed something and have chosen how to be paid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

from sqlmodel import Session, select

from promises.compensation.tables import Compensation, Entry
from promises.payments.bank_file import Payer
from promises.payments.batches import approve, make
from promises.payments.choosing import choose_way
from promises.payments.tables import Batch, Payment
from promises.service.actions import open_case
from promises.terms.remedies import WAYS
from tests.conftest import NOON, Cast
from tests.promised import branch_of, promise

SECRET = "k" * 40
IBAN = "FI4950009420028730"
OTHER_IBAN = "DE89370400440532013000"
PAYER = Payer("Koepankki", "FI1410093000123458", "NDEAFIHH")
LATER = NOON + timedelta(hours=2)
HOUR = timedelta(hours=1)
EVERY_WAY = {"pays": [{"amount": "10.00"}], "pay_within": "7 calendar days", "ways": list(WAYS)}


def owing(session: Session, *references: str, branch: str = "centre", **remedy: object) -> list[Compensation]:
    """Ten euros owed to each of these customers, under terms that pay in every way."""
    promise(session, remedy={**EVERY_WAY, **remedy})
    return [owed_for(session, reference, branch=branch) for reference in references]


def owed_for(
    session: Session, reference: str, *, branch: str = "centre", customer: str = "c1"
) -> Compensation:
    case = open_case(
        session,
        branch=branch_of(session, branch),
        touchpoint="branch",
        source="test",
        reference=reference,
        milestones=[("arrived", NOON), ("served", NOON + timedelta(minutes=20))],
        customer=customer,
        by=None,
        as_of=NOON + timedelta(minutes=20),
    )
    query = select(Compensation).where(
        Compensation.branch_id == case.branch_id, Compensation.case_id == case.id
    )
    return session.exec(query).one()


def choose(session: Session, owed: Compensation, way: str, **told: object) -> object:
    if way == "bank":
        told = {"account_holder": "Maija Möttönen", "iban": IBAN, **told}
    given = {"secret": SECRET, "as_of": NOON + HOUR, **told}
    return choose_way(session, owed.branch_id, owed.id, way, **given)


def transfers(session: Session, cast: Cast, *references: str, **told: object) -> Batch:
    """A batch of transfers to these customers, made by the manager."""
    for owed in owing(session, *references):
        choose(session, owed, "bank", **told)
    return make(session, "bank", [cast.centre, cast.harbour], payer=PAYER, by=cast.manager, as_of=LATER)


def approved(session: Session, cast: Cast, *references: str) -> Batch:
    """The same, approved by the director."""
    batch = transfers(session, cast, *references)
    approve(session, batch.id or 0, by=cast.director, as_of=LATER)
    return batch


def payments_of(session: Session, batch: Batch) -> list[Payment]:
    return list(session.exec(select(Payment).where(Payment.batch_id == batch.id).order_by(Payment.id)))  # type: ignore[arg-type]


def accounts(session: Session) -> dict[str, Decimal]:
    """What each account holds: what came in less what went out, zeros left out."""
    session.flush()
    totals: dict[str, Decimal] = {}
    for entry in session.exec(select(Entry)):
        totals[entry.debit] = totals.get(entry.debit, Decimal(0)) + entry.amount
        totals[entry.credit] = totals.get(entry.credit, Decimal(0)) - entry.amount
    return {name: total for name, total in totals.items() if total}


def parts(document: bytes, path: str) -> list[str]:
    """The texts of the elements at *path*, whatever their namespace."""
    wanted = ".//" + "/".join(f"{{*}}{name}" for name in path.split("/"))
    root = ElementTree.fromstring(document)  # noqa: S314  our own file
    return [element.text or "" for element in root.findall(wanted)]


def answer(
    batch: Batch,
    payments: dict[str, tuple[str, str]] | None = None,
    *,
    group: str = "",
    about: str = "",
    count: int | None = None,
    total: str = "",
    amount: str = "",
    version: str = "pain.002.001.10",
    words: str = "",
) -> bytes:
    """A bank's answer to *batch*. *payments*: status and reason by the payment's name."""
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        + (
            f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>{words}</AddtlInf></StsRsnInf>"
            if reason
            else ""
        )
        + (f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></OrgnlTxRef>' if amount else "")
        + "</TxInfAndSts>"
        for name, (status, reason) in (payments or {}).items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}">'
        "<CstmrPmtStsRpt><GrpHdr><MsgId>BANK1</MsgId><CreDtTm>2026-06-10T10:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{about or batch.message}</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
        + (f"<OrgnlNbOfTxs>{count}</OrgnlNbOfTxs>" if count is not None else "")
        + (f"<OrgnlCtrlSum>{total}</OrgnlCtrlSum>" if total else "")
        + (f"<GrpSts>{group}</GrpSts>" if group else "")
        + "</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>"
        + told
        + "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()
