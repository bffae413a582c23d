"""Kiosks, walls and boards: screens that nobody signs in at. Each has a secret link of its own."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import update
from sqlmodel import Session, col, select

from promises.journal.actions import record
from promises.people.tables import Branch
from promises.queue.tables import Device
from promises.refusal import Refusal

KINDS = ("kiosk", "wall", "board")
SECRET_BYTES = 24


def add_device(
    session: Session, branch: Branch, *, kind: str, name: str, by: int | None, as_of: datetime
) -> tuple[Device, str]:
    """A new device of the branch, and its secret, which is told this once and never again: 192 bits.

    :raises Refusal: ``device.unknown_kind``.
    """
    if kind not in KINDS:
        raise Refusal("device.unknown_kind", found=kind)
    secret = token_urlsafe(SECRET_BYTES)
    device = Device(
        branch_id=branch.id or 0,
        kind=kind,
        name=name,
        secret_hash=_hashed(secret),
        made_at=as_of,
        made_by=by,
    )
    session.add(device)
    session.flush()
    record(session, "device.added", "device", device.id, by=by, as_of=as_of, kind=kind, name=name)
    return device, secret


def end_device(session: Session, branch: Branch, device_id: int, *, by: int | None, as_of: datetime) -> None:
    """End the device's link: at its next request it is out. A second time changes nothing.

    :raises Refusal: ``device.unknown``.
    """
    own = (col(Device.id) == device_id, col(Device.branch_id) == branch.id)
    if session.exec(select(Device.id).where(*own)).first() is None:
        raise Refusal("device.unknown")
    ended = update(Device).where(*own, col(Device.ended_at).is_(None)).values(ended_at=as_of, ended_by=by)
    if session.execute(ended.returning(col(Device.id))).first() is not None:
        record(session, "device.ended", "device", device_id, by=by, as_of=as_of)


def device_of(session: Session, secret: str) -> Device | None:
    """The device that the secret lets in; none if its link has been ended."""
    query = select(Device).where(Device.secret_hash == _hashed(secret), col(Device.ended_at).is_(None))
    return session.exec(query).first()


def device_by_id(session: Session, device_id: int, kind: str) -> Device | None:
    """A device that has come in before, if it is of this kind and its link hasn't been ended."""
    device = session.get(Device, device_id)
    return device if device is not None and device.kind == kind and device.ended_at is None else None


def devices(session: Session, branch: Branch) -> list[Device]:
    """The branch's devices whose links hold, by kind and name."""
    query = select(Device).where(Device.branch_id == branch.id, col(Device.ended_at).is_(None))
    return sorted(session.exec(query), key=lambda one: (KINDS.index(one.kind), one.name, one.id or 0))


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
