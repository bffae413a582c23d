"""Each row becomes a piece of feedback, or is set aside with its faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from promises.feedback.intake.dates import Order, read_moment
from promises.feedback.intake.mapping import Columns, with_order
from promises.feedback.intake.sheet import TWICE, UNCOMPUTED, Sheet
from promises.feedback.intake.values import ERRORS, LONGEST_TEXT, MOJIBAKE, clean_text, read_score
from promises.refusal import Refusal

Wanted = Callable[[int, bool], bool]
FIRST_YEAR = 1990
LONGEST_FOUND = 80
LONGEST_NAME = 64


@dataclass(frozen=True)
class Piece:
    """One row that can be taken. ``fingerprint`` is the same whenever the same row comes again.

    ``names`` and ``original`` are what masking took out of ``text``; they are kept elsewhere, if at all.
    """

    row: int
    fingerprint: str
    text: str
    score: int | None
    given_at: datetime
    branch_id: int | None
    customer: str
    source: str
    touchpoint: str
    language: str
    names: tuple[str, ...] = ()
    original: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell; ``reason`` is a code of the catalogue's ``fault.*`` family."""

    field: str
    reason: str
    found: str


@dataclass(frozen=True)
class SetAside:
    """One row that can't be taken, with everything that is wrong with it."""

    row: int
    faults: tuple[Fault, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Against:
    """What rows are checked against.

    :param branches: code or name in lower case → id.
    :param zone: where the clock stood that wrote dates without a zone.
    :param default_at: the moment of rows that have no date.
    :param mask: takes personal data out of a text. Nothing passes by it into the database.
    :param names: the names that it takes out.
    :param plain: takes out of a name of a source or touchpoint what no such name holds, as people's numbers
        and addresses; words that may be names stay.
    """

    branches: Mapping[str, int]
    zone: ZoneInfo
    as_of: datetime
    default_at: datetime
    mask: Callable[[str], str]
    names: Callable[[str], tuple[str, ...]] = lambda _text: ()
    plain: Callable[[str], str] = lambda text: text


def check(sheet: Sheet, columns: Columns, against: Against) -> Iterator[Piece | SetAside]:
    """Walk through all rows of *sheet*, in their order.

    :raises Refusal: ``feedback.no_text_column``, ``feedback.date_order_unclear``, ``feedback.no_source``.
    """
    columns.check()
    yield from check_settled(sheet, with_order(columns, sheet), against)


def check_settled(
    sheet: Sheet, columns: Columns, against: Against, *, wanted: Wanted = lambda _row, _faulty: True
) -> Iterator[Piece | SetAside]:
    """The same with *columns* that tell the order of dates, if the file has dates that need one.

    :param wanted: by a row's number and whether it is faulty: whether its words are wanted. Others are only
        counted, and come without any, which saves the time of masking them.
    :raises Refusal: ``feedback.date_order_unclear``.
    """
    if columns.order is Order.UNCLEAR:
        raise Refusal("feedback.date_order_unclear")
    twins: Counter[str] = Counter()
    most = len(sheet.columns) if sheet.kind == "csv" else None
    for number, cells in sheet.records():
        yield _check_row(number, cells, columns, against, twins, wanted, most)


def _check_row(
    number: int,
    cells: Sequence[str],
    columns: Columns,
    against: Against,
    twins: Counter[str],
    wanted: Wanted,
    most: int | None,
) -> Piece | SetAside:
    faults: list[tuple[str, str, str]] = []

    def fault(name: str, reason: str, found: str = "") -> None:
        faults.append((name, reason, found))

    if most is not None and any(cells[most:]):
        # A sign that parts cells stands in the words, unquoted; the rest of them would be lost.
        fault("row", "row_long", str(len(cells)))
    for name in columns.where:
        found = columns.cell(name, cells)
        if found == UNCOMPUTED:
            fault(name, "formula")
        elif found == TWICE:
            fault(name, "twice")
        elif found in ERRORS:
            fault(name, "cell_error", found)
        elif "\N{REPLACEMENT CHARACTER}" in found:
            fault(name, "letters", found)
    broken = {name for name, _, _ in faults}

    score = None
    if "score" not in broken:
        found = columns.cell("score", cells)
        try:
            score = read_score(found)
            if score is not None and not 0 <= score <= 10:
                fault("score", "score_range", found)
        except ValueError:
            fault("score", "score", found)

    given_at = against.default_at
    if "date" not in broken and (found := columns.cell("date", cells)):
        try:
            given_at = read_moment(found, columns.order, against.zone)
            if given_at.year < FIRST_YEAR or given_at > against.as_of + timedelta(days=1):
                fault("date", "date_far", found)
        except (ValueError, OverflowError):
            fault("date", "date", found)

    branch_id = None
    if "branch" not in broken and (found := columns.cell("branch", cells)):
        branch_id = against.branches.get(" ".join(found.casefold().split()))
        if branch_id is None:
            fault("branch", "branch", found)

    text = clean_text(columns.cell("text", cells))
    if "text" not in broken:
        if not text and score is None:
            fault("text", "text")
        elif len(text) > LONGEST_TEXT:
            fault("text", "text_long")
        elif MOJIBAKE.search(text):
            fault("text", "letters", text)
    if faults:
        return _set_aside(number, faults, cells, against.mask if wanted(number, True) else None)
    shown = wanted(number, False)
    piece = _piece(number, cells, columns, against, text, score, given_at, branch_id)
    if shown:
        piece = replace(piece, text=against.mask(text), names=against.names(text), original=text)
    # Two customers may say the very same; the second such row of a file is known only by a second one.
    twins[piece.fingerprint] += 1
    return replace(piece, fingerprint=_digest(f"{piece.fingerprint}\x1f{twins[piece.fingerprint]}"))


def _set_aside(
    number: int,
    faults: Sequence[tuple[str, str, str]],
    cells: Sequence[str],
    mask: Callable[[str], str] | None,
) -> SetAside:
    """*mask* is nothing where only the reasons are wanted."""
    if mask is None:
        return SetAside(number, tuple(Fault(name, reason, "") for name, reason, _ in faults), ())
    told = tuple(
        Fault(name, reason, mask(clean_text(found))[:LONGEST_FOUND]) for name, reason, found in faults
    )
    return SetAside(number, told, tuple(mask(clean_text(cell).replace(UNCOMPUTED, "")) for cell in cells))


def _piece(
    number: int,
    cells: Sequence[str],
    columns: Columns,
    against: Against,
    text: str,
    score: int | None,
    given_at: datetime,
    branch_id: int | None,
) -> Piece:
    short = {
        name: against.plain(clean_text(columns.cell(name, cells)))[:LONGEST_NAME]
        for name in ("source", "touchpoint", "language")
    }
    customer = pseudonym(clean_text(columns.cell("customer", cells)), against.mask)
    source = short["source"] or columns.source
    # A date that the file does not tell is not part of what makes the row known again.
    dated = given_at.isoformat() if columns.cell("date", cells) else ""
    told = "\x1f".join((source, dated, str(branch_id or ""), str(score), customer, short["touchpoint"], text))
    return Piece(
        row=number,
        fingerprint=_digest(told),
        text="",
        score=score,
        given_at=given_at,
        branch_id=branch_id,
        customer=customer,
        source=source,
        touchpoint=short["touchpoint"],
        language=short["language"].lower()[:2] if short["language"][:2].isalpha() else "",
    )


def _digest(told: str) -> str:
    return sha256(told.encode()).hexdigest()


def pseudonym(customer: str, mask: Callable[[str], str]) -> str:
    """A customer's number as it is; one that is personal data in itself, or too long, only as a digest."""
    if len(customer) <= LONGEST_NAME and mask(customer) == customer:
        return customer
    return sha256(customer.encode()).hexdigest()[:16]
