"""What is kept beside the masked words: names said in praise, and originals where a setting says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Table, delete, exists, insert, select
from sqlmodel import Session, col

from promises.feedback.intake.checking import Piece
from promises.feedback.masking import Masked, mask
from promises.feedback.tables import Feedback, NameSaid, Original
from promises.journal.actions import record
from promises.refusal import Refusal

NAMES_KEPT = timedelta(days=365)
LONGEST_NAME = 120
# What isn't said by somebody pleased is hardly praise; the name in it may well be the customer's own.
PLEASED = 9
_names: Table = NameSaid.__table__  # type: ignore[attr-defined]
_originals: Table = Original.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Originals:
    """How originals are kept: *keys* (Fernet's; the first seals, all open), for *days*."""

    keys: tuple[str, ...]
    days: int

    def seal(self, words: str) -> bytes:
        return self._box().encrypt(words.encode())

    def open(self, sealed: bytes) -> str:
        """:raises Refusal: ``feedback.original_sealed`` when none of the keys opens it."""
        try:
            return self._box().decrypt(sealed).decode()
        except InvalidToken:
            raise Refusal("feedback.original_sealed") from None

    def _box(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.keys])


def originals_of(days: int, keys: tuple[str, ...]) -> Originals | None:
    """The way of keeping originals that the settings ask for; none where they aren't kept."""
    return Originals(keys, days) if days and keys else None


class Masking:
    """Masks texts one after another, and remembers what it found in the last one."""

    def __init__(self, kept: Iterable[str]) -> None:
        self._kept = tuple(kept)
        self._last: tuple[str, Masked] = ("", Masked("", ()))

    def __call__(self, text: str) -> str:
        return self._masked(text).text

    def names(self, text: str) -> tuple[str, ...]:
        """The names in *text*, each once, as they were written."""
        found = (one.words for one in self._masked(text).found if one.kind == "name")
        return tuple(dict.fromkeys(words[:LONGEST_NAME] for words in found))

    def plain(self, text: str) -> str:
        """A source's or touchpoint's name without what no such name holds; what may be a person's name stays,
        as many words of ours may be one."""
        masked = self._masked(text)
        return masked.text if any(one.kind != "name" for one in masked.found) else text

    def _masked(self, text: str) -> Masked:
        if self._last[0] != text:
            self._last = (text, mask(text, kept=self._kept))
        return self._last[1]


def keep(
    session: Session,
    ids: Mapping[str, int],
    pieces: Sequence[Piece],
    originals: Originals | None,
    as_of: datetime,
) -> None:
    """Keep the names said in praise and, where there is a way for it, the originals of new *pieces*.

    :param ids: feedback ids by fingerprint.
    """
    said = [
        {"feedback_id": ids[piece.fingerprint], "words": words, "forget_at": as_of + NAMES_KEPT}
        for piece in pieces
        if piece.score is None or piece.score >= PLEASED
        for words in piece.names
    ]
    if said:
        session.execute(insert(_names), said)
    if originals is None:
        return
    sealed: list[dict[str, Any]] = [
        {
            "feedback_id": ids[piece.fingerprint],
            "sealed": originals.seal(piece.original),
            "forget_at": as_of + timedelta(days=originals.days),
        }
        for piece in pieces
        if piece.original
    ]
    if sealed:
        session.execute(insert(_originals), sealed)


def wants_ids(pieces: Sequence[Piece], originals: Originals | None) -> bool:
    """Whether :func:`keep` has anything to do."""
    return originals is not None or any(piece.names for piece in pieces)


def drop(session: Session, feedback_ids: Sequence[int]) -> None:
    """Forget names and originals of these pieces of feedback."""
    session.execute(delete(NameSaid).where(col(NameSaid.feedback_id).in_(feedback_ids)))
    session.execute(delete(Original).where(col(Original.feedback_id).in_(feedback_ids)))


def sweep(session: Session, as_of: datetime) -> None:
    """Forget what has reached its end date, and names in what turned out to be no praise."""
    session.execute(delete(Original).where(col(Original.forget_at) <= as_of))
    other = exists().where(
        col(Feedback.id) == col(NameSaid.feedback_id), col(Feedback.kind).in_(("trouble", "unplaced"))
    )
    session.execute(delete(NameSaid).where((col(NameSaid.forget_at) <= as_of) | other))


def read_original(
    session: Session, feedback_id: int, originals: Originals | None, *, by: int, as_of: datetime
) -> str:
    """What the customer wrote, letter by letter; who read it stands in the journal.

    :raises Refusal: ``feedback.no_original``, ``feedback.original_sealed``.
    """
    kept = session.get(Original, feedback_id)
    if kept is None or kept.forget_at <= as_of or originals is None:
        raise Refusal("feedback.no_original")
    words = originals.open(kept.sealed)
    record(session, "feedback.original_read", "feedback", feedback_id, by=by, as_of=as_of)
    return words


def names_of(session: Session, feedback_ids: Sequence[int]) -> dict[int, list[str]]:
    """The names said in these pieces of praise."""
    query = select(col(NameSaid.feedback_id), col(NameSaid.words)).where(
        col(NameSaid.feedback_id).in_(feedback_ids)
    )
    found: dict[int, list[str]] = {}
    for feedback_id, words in session.execute(query.order_by(col(NameSaid.id))):
        found.setdefault(feedback_id, []).append(words)
    return found
