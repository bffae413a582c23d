"""Passwords, the links sent by mail, and the throttle at the doors."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeTimedSerializer
from pwdlib import PasswordHash
from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from promises.people.tables import Attempt, Person
from promises.refusal import Refusal

SHORTEST_PASSWORD = 10
WINDOW = timedelta(minutes=15)
LINK_AGES = {"invitation": timedelta(days=14), "reset": timedelta(hours=2)}


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobody() -> str:
    """A hash to check against when the address is unknown, so that the answer takes as long."""
    return _hasher().hash("nobody has this password")


def hash_password(password: str) -> str:
    """:raises Refusal: ``people.password_short``."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal("people.password_short", shortest=SHORTEST_PASSWORD)
    return str(_hasher().hash(password))


def password_fits(password: str, hashed: str | None) -> bool:
    """Whether *password* is the one behind *hashed*; takes as long when there is none."""
    fits = _hasher().verify(password, hashed or _nobody())
    return fits and hashed is not None


def stamp(person: Person) -> str:
    """Changes with the password, so that a new one signs every other browser out."""
    return sha256(f"{person.id}|{person.password_hash}".encode()).hexdigest()[:20]


def link_token(secret: str, purpose: str, person: Person) -> str:
    """A signed word for a link by mail; it stops working once the password has changed."""
    return str(URLSafeTimedSerializer(secret, salt=purpose).dumps([person.id, stamp(person)]))


def read_link(session: Session, secret: str, purpose: str, token: str) -> Person:
    """The person whom *token* was made for.

    :raises Refusal: ``people.link_dead`` when it is old, used, altered or of another purpose.
    """
    try:
        age = LINK_AGES[purpose].total_seconds()
        person_id, seal = URLSafeTimedSerializer(secret, salt=purpose).loads(token, max_age=int(age))
    except (BadSignature, ValueError, TypeError):
        raise Refusal("people.link_dead") from None
    person = session.get(Person, person_id)
    if person is None or person.left_at is not None or seal != stamp(person):
        raise Refusal("people.link_dead")
    return person


def throttle(session: Session, key: str, most: int, as_of: datetime) -> None:
    """Count one try at the door *key* and refuse it when there were too many.

    In the database, so that every worker counts together. Only a hash of *key* is kept.

    :raises Refusal: ``people.too_many_tries`` after *most* tries within 15 minutes.
    """
    hashed = sha256(key.encode()).hexdigest()
    session.execute(delete(Attempt).where(col(Attempt.at) < as_of - WINDOW))
    tries = session.exec(select(func.count()).select_from(Attempt).where(Attempt.key == hashed)).one()
    if tries >= most:
        raise Refusal("people.too_many_tries", minutes=int(WINDOW.total_seconds() // 60))
    session.add(Attempt(key=hashed, at=as_of))
    session.flush()


def forgive(session: Session, key: str) -> None:
    """Forget the tries at *key*: the right person came in."""
    session.execute(delete(Attempt).where(col(Attempt.key) == sha256(key.encode()).hexdigest()))
