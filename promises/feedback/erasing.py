"""A customer is erased: every word of theirs goes, every figure stays.

Each room that keeps anything of a customer registers itself by :func:`erases`; the verb calls them all in one
transaction. A number of their own, which nobody can lead back to them, stands in for the customer from then
on, so that they still count as one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from promises.feedback.actions import branch_names
from promises.feedback.board.counts import changing
from promises.feedback.intake.checking import pseudonym
from promises.feedback.keeping import Masking, drop
from promises.feedback.tables import Feedback, Intake, IntakeSetAside, Interview, Meaning, Mention
from promises.files.staging import naming
from promises.files.taking import drop_file
from promises.journal.actions import record
from promises.refusal import Refusal

LONGEST = 254
CHUNK = 500


@dataclass
class Gone:
    """What is to be erased, and what was.

    :param customer: the number that the company knows the customer by, empty where only an address is known.
    :param address: their e-mail address or telephone number, empty where only a number is known.
    :param stand_in: the number that stands in for the customer from now on.
    :param secret: the key of digests of addresses, and of files that wait.
    :param as_of: when.
    :ivar feedback: ids of their feedback; rooms that find more of it add theirs.
    :ivar addresses: every address of theirs that was found.
    :ivar counts: how many rows of which kind were erased; kinds are codes of the ``erased.*`` family.
    """

    customer: str
    address: str
    stand_in: str
    secret: str
    as_of: datetime
    feedback: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str, rows: int) -> None:
        """Add *rows* to what was erased of *kind*."""
        if rows:
            self.counts[kind] = self.counts.get(kind, 0) + rows


Eraser = Callable[[Session, Gone], None]
_finders: list[Eraser] = []
_erasers: list[Eraser] = []


def finds(eraser: Eraser) -> Eraser:
    """Register a function that adds what its room knows of the customer to *gone* before anything goes."""
    _finders.append(eraser)
    return eraser


def erases(eraser: Eraser) -> Eraser:
    """Register a function that erases the customer from its room."""
    _erasers.append(eraser)
    return eraser


def erase(session: Session, known_as: str, *, secret: str, by: int | None, as_of: datetime) -> Gone:
    """Erase the customer whom the company knows as *known_as*: their number, or an address they gave.

    :raises Refusal: ``customers.unknown`` when nothing is kept of such a customer.
    """
    known_as = known_as.strip()[:LONGEST]
    if not known_as:
        raise Refusal("customers.unknown")
    an_address = "@" in known_as
    gone = Gone(
        customer="" if an_address else pseudonym(known_as, Masking(branch_names(session))),
        address=known_as,
        stand_in=f"erased-{token_hex(8)}",
        secret=secret,
        as_of=as_of,
    )
    for find in _finders:
        find(session, gone)
    for eraser in (_erase_feedback, *_erasers):
        eraser(session, gone)
    if not gone.counts:
        raise Refusal("customers.unknown")
    record(session, "customers.erased", "customer", gone.stand_in, by=by, as_of=as_of, **gone.counts)
    session.flush()
    return gone


def _erase_feedback(session: Session, gone: Gone) -> None:
    if gone.customer:
        theirs = session.exec(select(Feedback.id).where(Feedback.customer == gone.customer))
        gone.feedback |= {number or 0 for number in theirs}
    ids = sorted(gone.feedback)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        drop(session, some)
        session.execute(update(Mention).where(col(Mention.feedback_id).in_(some)).values(quote=""))
        session.execute(delete(Meaning).where(col(Meaning.feedback_id).in_(some)))
        with changing(session, some, [gone.stand_in]):
            # Kind, score, date, branch and problems stay: they are figures.
            words = update(Feedback).where(col(Feedback.id).in_(some))
            session.execute(words.values(text="", customer=gone.stand_in))
            unread = update(Feedback).where(col(Feedback.id).in_(some), col(Feedback.kind) == "")
            session.execute(unread.values(kind="nothing"))
    gone.count("feedback", len(ids))
    _forget_set_aside(session, gone)
    _forget_notes(session, gone, ids)
    _forget_files(session, gone)


def _forget_set_aside(session: Session, gone: Gone) -> None:
    """Rows of files that could not be taken hold cells of the customer, too."""
    for intake in session.exec(select(Intake)):
        kept = [row for row in intake.set_aside if not _names(row.get("cells", ()), gone)]
        if len(kept) != len(intake.set_aside):
            gone.count("set_aside", len(intake.set_aside) - len(kept))
            intake.set_aside = kept
            session.add(intake)
    every = select(IntakeSetAside).execution_options(yield_per=CHUNK)
    theirs = [(row.intake_id, row.number) for row in session.exec(every) if _names(row.fault["cells"], gone)]
    for key in theirs:
        session.delete(session.get_one(IntakeSetAside, key))
    gone.count("set_aside", len(theirs))


def _names(cells: object, gone: Gone) -> bool:
    known = {one.casefold() for one in (gone.customer, gone.address) if one}
    return isinstance(cells, list | tuple) and any(str(cell).strip().casefold() in known for cell in cells)


def _forget_notes(session: Session, gone: Gone, ids: list[int]) -> None:
    """The notes of an interview are the customer's words as a whole."""
    intakes = select(Feedback.intake_id).where(col(Feedback.id).in_(ids))
    forget = update(Interview).where(col(Interview.intake_id).in_(intakes), col(Interview.notes) != "")
    gone.count("interview", session.execute(forget.values(notes="")).rowcount)  # type: ignore[attr-defined]


def _forget_files(session: Session, gone: Gone) -> None:
    """A file that waits may hold anything: if it names the customer, it goes as a whole. What is left of it
    isn't taken either, as it would bring their words back."""
    known = {one.encode() for one in (gone.customer, gone.address) if one}
    for token in naming(session, known, gone.secret):
        drop_file(session, token, Refusal("files.erased"), gone.as_of)
        gone.count("staged", 1)
