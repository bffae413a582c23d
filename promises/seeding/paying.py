"""How the seed's customers who did not come to the counter are paid: vouchers, and batches to the bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import cycle
from typing import Any

from sqlmodel import Session, col, select

from promises.compensation import ledger
from promises.compensation.tables import Compensation, Payout
from promises.payments import arriving, batches, vouchers
from promises.payments.bank_file import Payer
from promises.payments.choosing import choose_way, open_ways
from promises.people.tables import Branch, Company
from promises.seeding.files import Calendar, toml
from promises.settings import DEMO_IBAN

BANK = "NDEAFIHH"
WHERE = "haapaharju"
MAKER, APPROVER, TELLER = "paivi.hakanen", "jukka.peltoniemi", "jere.koivuniemi"
FIRST_MADE, SECOND_MADE = 9, 0  # days ago
VOUCHERS, FIRST = 4, 9


def load_payments(
    session: Session, calendar: Calendar, people: Mapping[str, int], *, secret: str, as_of: datetime
) -> None:
    """Let some of what is open leave: vouchers, of which most are redeemed; one batch that the bank has
    answered, and one that waits for approval.

    :param people: ids of the staff by the seed's codes.
    :param secret: the installation's secret key, from which the codes of vouchers follow.
    """
    branch = session.exec(select(Branch).where(Branch.code == WHERE)).one()
    company = session.get_one(Company, 1)
    payer = Payer(company.name, DEMO_IBAN, BANK)
    made = calendar.at(FIRST_MADE, "09:30")
    old = _open(session, branch, before=calendar.at(FIRST_MADE + 1, "00:00"))
    if len(old) < VOUCHERS + 2:
        return
    for number, owed in enumerate(old[:VOUCHERS]):
        _by_voucher(session, owed, branch, number, calendar, people, secret)
    accounts = cycle(toml("payments")["holder"])
    for owed in old[VOUCHERS : VOUCHERS + FIRST]:
        _by_bank(session, owed, accounts, secret, calendar.at(FIRST_MADE, "08:00"))
    first = batches.make(session, "bank", [branch.id or 0], payer=payer, by=people[MAKER], as_of=made)
    batches.approve(session, first.id or 0, by=people[APPROVER], as_of=calendar.at(FIRST_MADE, "13:10"))
    batches.download(session, first.id or 0, by=people[MAKER], as_of=calendar.at(FIRST_MADE, "13:40"))
    answered = _answer(session, first.id or 0, first.message)
    arriving.take_answer(
        session,
        answered,
        filename="pain002.xml",
        by=people[MAKER],
        as_of=calendar.at(FIRST_MADE - 4, "10:00"),
    )
    # The first of them is the one that came back: its customer has yet to choose anew.
    for owed in _open(session, branch, before=as_of)[1::2]:
        _by_bank(session, owed, accounts, secret, calendar.at(SECOND_MADE, "00:10"))
    batches.make(
        session,
        "bank",
        [branch.id or 0],
        payer=payer,
        by=people[MAKER],
        as_of=calendar.at(SECOND_MADE, "00:20"),
    )


def _open(session: Session, branch: Branch, *, before: datetime) -> list[Compensation]:
    """What nobody has been paid yet at *branch*, the oldest first."""
    paid = select(Payout.compensation_id).where(Payout.branch_id == branch.id)
    query = select(Compensation).where(
        Compensation.branch_id == branch.id,
        col(Compensation.dated_at) < before,
        col(Compensation.id).not_in(paid),
    )
    found = session.exec(query.order_by(col(Compensation.dated_at))).all()
    return [owed for owed in found if ledger.open_amount(session, owed) > 0]


def _by_voucher(
    session: Session,
    owed: Compensation,
    branch: Branch,
    number: int,
    calendar: Calendar,
    people: Mapping[str, int],
    secret: str,
) -> None:
    if "voucher" not in open_ways(session, owed):
        return
    chosen = calendar.at(FIRST_MADE, "10:00")
    choose_way(session, owed.branch_id, owed.id, "voucher", secret=secret, as_of=chosen)
    voucher = vouchers.standing(session, owed)
    if voucher is not None and number % VOUCHERS:
        code = vouchers.code_of(voucher, secret)
        brought = calendar.at(FIRST_MADE - 1 - number, "11:15")
        vouchers.redeem(session, code, branch=branch, by=people[TELLER], as_of=brought)


def _by_bank(
    session: Session, owed: Compensation, accounts: Iterator[dict[str, Any]], secret: str, chosen: datetime
) -> None:
    if "bank" not in open_ways(session, owed):
        return
    account = next(accounts)
    choose_way(
        session,
        owed.branch_id,
        owed.id,
        "bank",
        account_holder=account["name"],
        iban=account["iban"],
        secret=secret,
        as_of=chosen,
    )


def _answer(session: Session, batch_id: int, message: str) -> bytes:
    """What a bank would answer: all settled but one, whose account was closed."""
    payments = [payment for payment, _ in batches.lines_of(session, batches.find(session, batch_id))]
    closed = (
        f"<TxInfAndSts><OrgnlEndToEndId>{payments[0].name}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>"
    )
    settled = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{one.name}</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>"
        for one in payments[1:]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>ANSWER-{batch_id}</MsgId></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlNbOfTxs>{len(payments)}</OrgnlNbOfTxs>"
        "<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>1</OrgnlPmtInfId>{closed}{settled}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()
