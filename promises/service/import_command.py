"""``promises import cases FILE``: a file of cases is brought in from the command line."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import Engine
from sqlmodel import Session

from promises import clock
from promises.database import open_session, transaction
from promises.feedback.intake.sheet import Sheet
from promises.language import gettext, sentence
from promises.people.tables import Company
from promises.refusal import Refusal
from promises.service.intake import (
    AT,
    LONGEST_SOURCE,
    OUR_COLUMNS,
    Columns,
    guess_format,
    known_milestones,
    propose,
    remembered,
)
from promises.service.set_aside import as_csv, told
from promises.service.sourcefile import open_path
from promises.service.tables import CaseIntake, CaseIntakeWork
from promises.service.taking import begin, take_all

FAULTS_SHOWN = 20
REFUSED = 2


@click.command("cases")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", metavar="NAME")
@click.option("--column", "named", multiple=True, metavar="NAME=COLUMN")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=COLUMN")
@click.option("--branch", default="", metavar="CODE")
@click.option("--touchpoint", default="", metavar="CODE")
@click.option("--time-format", default=None)
@click.option("--zone", default=None)
@click.option("--set-aside", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def import_cases(
    engine: Engine,
    file: Path,
    source: str | None,
    named: tuple[str, ...],
    attributes: tuple[str, ...],
    branch: str,
    touchpoint: str,
    time_format: str | None,
    zone: str | None,
    set_aside: Path | None,
) -> None:
    """Bring in a CSV or XLSX file of cases, one a row or one milestone a row, and judge them.

    Columns that are not named are guessed by their titles. The same file again adds nothing; a taking that
    was cut short goes on where it was.
    """
    try:
        sheet, source_file = open_path(file)
        with transaction(engine) as session:
            columns = _columns(session, sheet, named, attributes, branch, touchpoint, time_format, zone)
            begun = begin(
                session,
                sheet,
                columns,
                filename=file.name,
                source=(source or file.stem)[:LONGEST_SOURCE],
                by=None,
                as_of=clock.now(),
            )
            done = session.get_one(CaseIntakeWork, begun.id or 0).seen
        if done:
            click.echo(gettext("cases.goes_on", count=done))
        with click.progressbar(length=max(sheet.estimate, done), label=file.name) as bar:
            bar.update(done)
            intake = take_all(
                engine,
                begun.id or 0,
                source_file,
                now=clock.now,
                progress=lambda so_far: bar.update(so_far.seen - bar.pos),
            )
    except Refusal as refusal:
        click.echo(sentence(refusal), err=True)
        raise SystemExit(REFUSED) from None
    _tell(intake)
    if set_aside is not None:
        with open_session(engine, writes=False) as session, set_aside.open("w", encoding="utf-8-sig") as out:
            out.writelines(as_csv(session, intake))


def _columns(
    session: Session,
    sheet: Sheet,
    named: tuple[str, ...],
    attributes: tuple[str, ...],
    branch: str,
    touchpoint: str,
    time_format: str | None,
    zone: str | None,
) -> Columns:
    company = session.get(Company, 1)
    found = remembered(session, sheet) if not named else None
    usual = zone or (company.zone if company else "UTC")
    guessed = found or propose(sheet, known_milestones(session), usual)
    where = dict(guessed.where)
    milestones = dict.fromkeys(guessed.milestones)
    for pair in (*named, *attributes):
        name, column = _pair(sheet, pair)
        where[name] = column
        if pair in named and name not in OUR_COLUMNS:
            milestones[name] = None
    titles = [where[name] for name in (*milestones, AT) if name in where]
    return Columns(
        where,
        tuple(milestones),
        branch or guessed.branch,
        touchpoint or guessed.touchpoint,
        time_format if time_format is not None else guess_format(sheet, titles),
        zone or guessed.zone,
    )


def _pair(sheet: Sheet, pair: str) -> tuple[str, str]:
    name, found, column = pair.partition("=")
    if not (name and found and column):
        raise Refusal("cases.mapping", found=pair)
    if column not in sheet.columns:
        raise Refusal("cases.no_column", column=column, has=", ".join(sheet.columns))
    return name, column


def _tell(intake: CaseIntake) -> None:
    facts = {"taken": intake.taken, "known": intake.known, "set_aside": intake.refused}
    click.echo(gettext("cases.brought_in", **facts))
    for one in intake.set_aside[:FAULTS_SHOWN]:
        click.echo(told(one), err=True)
    if intake.refused > FAULTS_SHOWN:
        click.echo(gettext("cases.more_faults", count=intake.refused - FAULTS_SHOWN), err=True)
