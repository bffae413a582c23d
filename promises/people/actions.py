"""What is done about people: inviting, coming in, changing, leaving."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from promises.journal.actions import record
from promises.language import LANGUAGES, gettext, spoken
from promises.outbox.actions import write
from promises.people import signing
from promises.people.roles import Role
from promises.people.tables import Branch, Membership, Person
from promises.refusal import Refusal

DOOR_TRIES = 10
ADDRESS_TRIES = 50
THEMES = ("auto", "light", "dark")


def signed_in(session: Session, person_id: int | None, stamp: str | None) -> Person | None:
    """The person of a browser's session, if that session still holds."""
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None or person.left_at is not None or stamp != signing.stamp(person):
        return None
    return person


def branch_codes(session: Session, person_id: int) -> tuple[str, ...]:
    """Codes of the branches that the person belongs to, in the order of their names."""
    query = select(Branch.code).join(Membership).where(Membership.person_id == person_id)
    return tuple(session.exec(query.order_by(col(Branch.name))).all())


def find(session: Session, email: str) -> Person | None:
    """The person of an address, however it is capitalised."""
    return session.exec(select(Person).where(func.lower(Person.email) == email.strip().lower())).first()


def sign_in(session: Session, email: str, password: str, address: str, *, as_of: datetime) -> Person | None:
    """The person, if address and password fit; nobody otherwise, without telling which was wrong.

    :raises Refusal: ``people.too_many_tries``.
    """
    door = f"sign-in|{email.strip().lower()}|{address}"
    signing.throttle(session, f"sign-in|{address}", ADDRESS_TRIES, as_of)
    signing.throttle(session, door, DOOR_TRIES, as_of)
    person = find(session, email)
    fits = signing.password_fits(password, person.password_hash if person else None)
    if person is None or not fits or person.left_at is not None:
        return None
    signing.forgive(session, door)
    record(session, "people.signed_in", "person", person.id, by=person.id, as_of=as_of)
    return person


def invite(
    session: Session,
    *,
    name: str,
    email: str,
    role: str,
    branches: Collection[int],
    language: str = "fi",
    title: str = "",
    by: int | None,
    as_of: datetime,
) -> Person:
    """Add a member of staff, who has no password yet.

    :raises Refusal: ``people.known_already``, ``people.needs_branch``.
    """
    if find(session, email) is not None:
        raise Refusal("people.known_already", email=email)
    _check_branches(role, branches)
    person = Person(
        name=name,
        title=title,
        email=email.strip().lower(),
        role=Role(role).value,
        language=language if language in LANGUAGES else LANGUAGES[0],
        invited_at=as_of,
    )
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
    except IntegrityError:
        # Somebody else invited them between our look and our insert.
        raise Refusal("people.known_already", email=email) from None
    session.add_all(Membership(person_id=person.id or 0, branch_id=branch) for branch in branches)
    record(session, "people.invited", "person", person.id, by=by, as_of=as_of, role=person.role)
    return person


def _check_branches(role: str, branches: Collection[int]) -> None:
    # Staff may work for the whole company, as on the phone; a branch manager can't be one of nothing.
    if Role(role) is Role.BRANCH_MANAGER and not branches:
        raise Refusal("people.needs_branch")


def send_link(session: Session, person: Person, purpose: str, link: str, *, as_of: datetime) -> None:
    """Mail *person* the link by which a password is chosen (``invitation`` or ``reset``)."""
    with spoken(person.language):
        subject = gettext(f"mail.{purpose}.subject")
        body = gettext(f"mail.{purpose}.body", name=person.name, link=link)
    write(session, person.email, subject, body, as_of=as_of)


def choose_password(session: Session, person: Person, password: str, *, as_of: datetime) -> None:
    """Set the password; every link and every other browser of this person stops working.

    :raises Refusal: ``people.password_short``.
    """
    person.password_hash = signing.hash_password(password)
    session.add(person)
    record(session, "people.password_chosen", "person", person.id, by=person.id, as_of=as_of)


def change(
    session: Session,
    person: Person,
    *,
    name: str,
    title: str,
    role: str,
    branches: Collection[int],
    by: int,
    as_of: datetime,
) -> None:
    """Change what a person is and where.

    :raises Refusal: ``people.needs_branch``, ``people.last_administrator``.
    """
    _check_branches(role, branches)
    _hold(session, person)
    if person.role == Role.ADMINISTRATOR and role != Role.ADMINISTRATOR:
        _keep_an_administrator(session, person)
    before = person.role
    person.name, person.title, person.role = name, title, Role(role).value
    session.add(person)
    session.execute(delete(Membership).where(col(Membership.person_id) == person.id))
    session.add_all(Membership(person_id=person.id or 0, branch_id=branch) for branch in branches)
    record(
        session, "people.changed", "person", person.id, by=by, as_of=as_of, before=before, after=person.role
    )


def leave(session: Session, person: Person, *, by: int, as_of: datetime) -> None:
    """Close the door to a person who has left; what they did stays.

    :raises Refusal: ``people.last_administrator``.
    """
    _hold(session, person)
    if person.left_at is not None:
        return
    if person.role == Role.ADMINISTRATOR:
        _keep_an_administrator(session, person)
    person.left_at = as_of
    session.add(person)
    record(session, "people.left", "person", person.id, by=by, as_of=as_of)


def _hold(session: Session, person: Person) -> None:
    """Lock *person* and all administrators, in one order: two of them can't take away each other's role at
    once, so that none is left."""
    those = or_(col(Person.id) == person.id, col(Person.role) == Role.ADMINISTRATOR.value)
    held = select(Person).where(those).order_by(col(Person.id)).with_for_update(key_share=True)
    session.exec(held.execution_options(populate_existing=True)).all()


def _keep_an_administrator(session: Session, person: Person) -> None:
    others = select(func.count()).where(
        Person.role == Role.ADMINISTRATOR, Person.id != person.id, col(Person.left_at).is_(None)
    )
    if session.exec(others).one() == 0:
        raise Refusal("people.last_administrator")


def set_language(session: Session, person_id: int, language: str) -> None:
    """Remember the language that the person reads."""
    if language in LANGUAGES:
        person = session.get_one(Person, person_id)
        person.language = language
        session.add(person)


def set_theme(session: Session, person_id: int, theme: str) -> None:
    """Remember light, dark, or as the machine has it."""
    if theme in THEMES:
        person = session.get_one(Person, person_id)
        person.theme = theme
        session.add(person)
