"""Vouchers: a code that is worth what is owed, redeemed once, by whoever brings it to any branch.

The code is 80 bits of an HMAC over the voucher's salt, keyed by the installation's secret: nobody guesses
one, nobody who only reads the database can make one, and the owner's page can show it again. After a change
of the secret key old codes can no longer be shown, but they are redeemed as before, by their digest.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from secrets import token_hex
from zoneinfo import ZoneInfo

import numpy as np
import segno
from sqlalchemy import Table
from sqlmodel import Session, col, select

from promises.compensation import actions as compensation
from promises.compensation import ledger
from promises.compensation.receipts import DIGITS, read_digits
from promises.compensation.tables import Compensation, Deadline, Entry, Payout
from promises.database import insert_new, new_id
from promises.journal.actions import record
from promises.payments.tables import Voucher, VoucherEnd
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.terms.hours import microseconds, moment
from promises.terms.paying import ends_after
from promises.terms.queries import of_terms

LENGTH = 16
GROUP = 4
RUNS_OUT = "voucher"
_end: Table = VoucherEnd.__table__  # type: ignore[attr-defined]


def code_of(voucher: Voucher, secret: str) -> str:
    """The voucher's code as it is shown to its owner, for example ``7K3M-00AZ-RF1X-9WQE``."""
    digest = hmac.digest(secret.encode(), f"voucher {voucher.salt}".encode(), "sha256")
    number = int.from_bytes(digest[:10])
    digits = "".join(DIGITS[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
    return "-".join(digits[place : place + GROUP] for place in range(0, LENGTH, GROUP))


def qr_svg(code: str) -> bytes:
    """The code as a QR picture (SVG), for a phone's screen or on paper."""
    picture = BytesIO()
    segno.make(code, error="q", micro=False).save(
        picture, kind="svg", scale=6, border=4, dark="#000", light="#fff"
    )
    return picture.getvalue()


def issue(session: Session, owed: Compensation, *, secret: str, by: int | None, as_of: datetime) -> Voucher:
    """Make a voucher for all that *owed* (held) comes to now; the money is on its way from here on.

    :param by: who made it; None if the customer chose it.
    :raises Refusal: as :func:`promises.compensation.actions.send`.
    """
    sent = compensation.send(session, owed, account=ledger.VOUCHERS, paid_at=as_of, by=by, as_of=as_of)
    terms = of_terms(session, {owed.terms_id})[owed.terms_id].terms
    from_now = np.array([microseconds(as_of)])
    voucher = Voucher(
        branch_id=owed.branch_id,
        id=new_id(int(as_of.timestamp() * 1000)),
        compensation_id=owed.id,
        entry_id=sent.id,
        amount=sent.amount,
        currency=sent.currency,
        salt=token_hex(16),
        digest="",
        expires_at=moment(
            int(ends_after(terms, ZoneInfo(terms.zone), from_now, terms.remedy.voucher_valid)[0])
        ),
        made_at=as_of,
        made_by=by,
    )
    voucher.digest = _digest(code_of(voucher, secret))
    session.add(voucher)
    session.add(
        Deadline(branch_id=owed.branch_id, compensation_id=owed.id, what=RUNS_OUT, at=voucher.expires_at)
    )
    session.flush()
    _tell(session, "voucher.made", voucher, by=by, as_of=as_of)
    return voucher


@dataclass(frozen=True)
class Brought:
    """A voucher that somebody brings, and its end if it has had one."""

    voucher: Voucher
    end: VoucherEnd | None


def find(session: Session, typed: str) -> Brought | None:
    """The voucher of the code *typed*, however it is grouped and whichever letters were misread."""
    digits = read_digits(typed, LENGTH)
    if digits is None:
        return None
    voucher = session.exec(select(Voucher).where(Voucher.digest == _digest(digits))).first()
    if voucher is None:
        return None
    return Brought(voucher, session.get(VoucherEnd, (voucher.branch_id, voucher.id)))


def redeem(session: Session, typed: str, *, branch: Branch, by: int, as_of: datetime) -> Payout:
    """Hand over what the voucher is worth at *branch*, once.

    :raises Refusal: ``payments.voucher_unknown``, ``payments.voucher_expired``,
        ``payments.voucher_redeemed``,
        ``payments.voucher_given_back``.
    """
    brought = find(session, typed)
    if brought is None:
        raise Refusal("payments.voucher_unknown")
    voucher = brought.voucher
    owed = compensation.hold(session, voucher.branch_id, voucher.compensation_id)
    if as_of >= voucher.expires_at and brought.end is None:
        raise Refusal("payments.voucher_expired")
    if not _over(session, voucher, "redeemed", branch_id=branch.id, by=by, as_of=as_of):
        # Read afresh: whoever came first may have done so while this one waited.
        end = session.get_one(VoucherEnd, (voucher.branch_id, voucher.id))
        raise Refusal(f"payments.voucher_{end.what}")
    return compensation.arrive(
        session, owed, _line(session, voucher), way="voucher", account=ledger.TILL, by=by, as_of=as_of
    )


def give_back(session: Session, owed: Compensation, *, by: int | None, as_of: datetime) -> bool:
    """Let the money of the voucher of *owed* (held) be owed again, because another way was chosen."""
    return _void(session, owed, "given_back", by=by, as_of=as_of)


def run_out(session: Session, owed: Compensation, *, as_of: datetime) -> bool:
    """Let the money of the voucher of *owed* (held) be owed again, because its time is over."""
    return _void(session, owed, "expired", by=None, as_of=as_of)


def standing(session: Session, owed: Compensation) -> Voucher | None:
    """The voucher of *owed* that can still be redeemed, though its time may be over."""
    query = (
        select(Voucher)
        .outerjoin(
            VoucherEnd,
            (col(VoucherEnd.branch_id) == col(Voucher.branch_id))
            & (col(VoucherEnd.voucher_id) == col(Voucher.id)),
        )
        .where(
            Voucher.branch_id == owed.branch_id,
            Voucher.compensation_id == owed.id,
            col(VoucherEnd.voucher_id).is_(None),
        )
    )
    return session.exec(query).first()


def _void(session: Session, owed: Compensation, what: str, *, by: int | None, as_of: datetime) -> bool:
    voucher = standing(session, owed)
    if voucher is None or (what == "expired" and as_of < voucher.expires_at):
        return False
    if not _over(session, voucher, what, branch_id=None, by=by, as_of=as_of):
        return False
    compensation.come_back(session, owed, _line(session, voucher), by=by, as_of=as_of)
    _tell(session, f"voucher.{what}", voucher, by=by, as_of=as_of)
    return True


def _over(
    session: Session, voucher: Voucher, what: str, *, branch_id: int | None, by: int | None, as_of: datetime
) -> bool:
    """Write the voucher's one end; False if it has had one."""
    row = {
        "branch_id": voucher.branch_id,
        "voucher_id": voucher.id,
        "what": what,
        "at_branch_id": branch_id,
        "made_at": as_of,
        "made_by": by,
    }
    return insert_new(session, _end, row)


def _line(session: Session, voucher: Voucher) -> Entry:
    return session.get_one(Entry, (voucher.branch_id, voucher.entry_id))


def _digest(code: str) -> str:
    return sha256(code.replace("-", "").encode()).hexdigest()


def _tell(session: Session, verb: str, voucher: Voucher, *, by: int | None, as_of: datetime) -> None:
    facts = {"amount": str(voucher.amount), "currency": voucher.currency}
    record(session, verb, "compensation", voucher.compensation_id, by=by, as_of=as_of, **facts)
