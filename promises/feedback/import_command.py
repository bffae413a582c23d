"""``promises import feedback FILE``: a file of feedback is brought in from the command line."""

from __future__ import annotations

import os
from datetime import date, datetime, time
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlmodel import Session

from promises import clock
from promises.database import open_session, transaction
from promises.feedback import taking
from promises.feedback.actions import LONGEST_SOURCE, branch_names, company_zone
from promises.feedback.actions import proposed_columns as propose
from promises.feedback.begun import begin, refused
from promises.feedback.finding import actions as finding
from promises.feedback.intake.dates import Order
from promises.feedback.intake.header import KNOWN
from promises.feedback.intake.mapping import Columns, by_names
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Reading, Sheet, plain
from promises.feedback.keeping import originals_of
from promises.feedback.set_aside import as_csv, told
from promises.feedback.tables import IntakeWork
from promises.language import gettext, ngettext, sentence
from promises.refusal import Refusal
from promises.settings import originals

FAULTS_SHOWN = 20
REFUSED = 2


@click.command("feedback")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--text", metavar="COLUMN", help="The customer's words.")
@click.option("--score", metavar="COLUMN", help="How likely to recommend, 0 to 10.")
@click.option("--date", metavar="COLUMN", help="When it was given.")
@click.option("--branch", metavar="COLUMN", help="A branch's code or name.")
@click.option("--customer", metavar="COLUMN", help="The customer's number.")
@click.option("--touchpoint", metavar="COLUMN", help="Where it happened.")
@click.option("--language", metavar="COLUMN", help="fi, sv or en; else told by the words.")
@click.option("--source-column", metavar="COLUMN", help="Where each row comes from.")
@click.option("--source", metavar="NAME", help="One source for the file; else its name.")
@click.option("--day-first", "order", flag_value=Order.DAY.value, help="3/4/2026 is in April.")
@click.option("--month-first", "order", flag_value=Order.MONTH.value, help="3/4/2026 is in March.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day of rows that have none.")
@click.option("--encoding", default="", help="Such as windows-1252; else recognized.")
@click.option("--sheet", default="", help="The sheet of a workbook; else the first.")
@click.option("--header/--no-header", default=None, help="Whether the first row names the columns.")
@click.option(
    "--set-aside",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A CSV for the rows left out and why.",
)
@click.option("--mine/--no-mine", default=True, help="Whether to look for problems at once.")
@click.pass_obj
def import_feedback(
    engine: Engine,
    /,
    file: Path,
    source: str | None,
    order: str | None,
    on: datetime | None,
    encoding: str,
    sheet: str,
    header: bool | None,
    set_aside: Path | None,
    mine: bool,
    **columns: str | None,
) -> None:
    """Bring in a CSV or XLSX file of feedback, one piece a row, and look for problems in it.

    Columns are named by their title or letter; those that are not named are guessed (the words only
    by a telling title), and an empty name says that the file has no such column. The same file again
    adds nothing; a taking that was cut short goes on where it was.
    """
    reading = Reading(encoding=encoding, header=header, sheet=sheet)
    try:
        opened = open_file(file.read_bytes(), reading)
        if not opened.first(1):
            raise Refusal("feedback.no_rows")
        with open_session(engine, writes=False) as session:
            chosen = _columns(session, opened, columns, order, source or file.stem[:LONGEST_SOURCE])
        taken = _take(engine, opened, chosen, reading, file.name, on)
    except Refusal as refusal:
        click.echo(sentence(refusal), err=True)
        for row in refusal.facts.get("first", ()):
            _tell_row(row)
        raise SystemExit(REFUSED) from None
    _tell(taken)
    if set_aside is not None:
        with open_session(engine, writes=False) as session, set_aside.open("w", encoding="utf-8-sig") as out:
            out.writelines(as_csv(session, taken.intake))
    if mine:
        looked = finding.mine_pending(engine, as_of=clock.now())
        if looked is not None:
            new = len(looked.new)
            click.echo(ngettext("%(num)s new problem found.", "%(num)s new problems found.", new))


def _columns(
    session: Session, sheet: Sheet, named: dict[str, str | None], order: str | None, source: str
) -> Columns:
    told_of = {name: column for name, column in named.items() if column is not None}
    told_of = {("source" if name == "source_column" else name): column for name, column in told_of.items()}
    if not told_of and order is None:
        known, remembered = propose(session, sheet)
        if remembered:
            return Columns(known.where, known.order, source)
    columns = by_names(
        sheet, told_of, branches=branch_names(session).keys(), order=Order(order or ""), source=source
    )
    index = columns.where.get("text")
    if index is not None and "text" not in told_of and plain(sheet.columns[index]) not in KNOWN:
        # Nobody looks over a command's shoulder: prose under no telling name may be anything.
        raise Refusal("feedback.no_text_column")
    return columns


def _take(
    engine: Engine, sheet: Sheet, columns: Columns, reading: Reading, filename: str, on: datetime | None
) -> taking.Taken:
    day: date | None = on.date() if on else None
    with transaction(engine) as session:
        intake = begin(
            session,
            sheet,
            columns,
            filename=filename,
            by=None,
            as_of=clock.now(),
            default_at=datetime.combine(day, time(), company_zone(session)) if day else None,
            reading=reading,
        )
        number = intake.id or 0
        done = session.get_one(IntakeWork, number).seen
    if done:
        click.echo(gettext("feedback.goes_on", count=done))
    with click.progressbar(length=max(sheet.estimate, done), label=filename) as bar:
        bar.update(done)
        try:
            return taking.take_all(
                engine,
                number,
                sheet,
                now=clock.now,
                originals=originals_of(*originals(os.environ)),
                progress=lambda seen: bar.update(seen - bar.pos),
            )
        except Refusal as refusal:
            refused(engine, number, refusal, clock.now())
            raise


def _tell(taken: taking.Taken) -> None:
    if taken.again:
        click.echo(gettext("feedback.known_already"))
    facts = {"taken": taken.taken, "known": taken.known, "set_aside": taken.set_aside}
    click.echo(gettext("feedback.brought_in", **facts))
    for row in taken.intake.set_aside[:FAULTS_SHOWN]:
        _tell_row(row)
    left = taken.set_aside - FAULTS_SHOWN
    if left > 0:
        click.echo(ngettext("and %(num)s row more", "and %(num)s rows more", left), err=True)


def _tell_row(row: dict[str, object]) -> None:
    faults = row["faults"]
    assert isinstance(faults, list)
    words = "; ".join(told(fault) for fault in faults)
    click.echo(gettext("feedback.row_set_aside", row=row["row"], why=words), err=True)
