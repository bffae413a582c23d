"""``promises verify`` and ``promises backup``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from babel.numbers import format_decimal
from sqlalchemy import Engine

from promises import clock, language
from promises.audit.backup import back_up
from promises.audit.chains import count_rows
from promises.audit.verify import looking, note, verify
from promises.language import gettext, ngettext

LARGE = 100_000
"""From so many rows on, the command shows how far it is."""
MEGABYTE = 1_000_000


@click.command("verify")
@click.option("--expect", "expected", metavar="DIGEST", help="A digest that was noted after an earlier run.")
@click.option(
    "--note/--no-note", "noting", default=True, help="Keep the result; a copy is better left alone."
)
@click.option("--language", "spoken", type=click.Choice(language.LANGUAGES))
@click.pass_obj
def verify_command(engine: Engine, expected: str | None, noting: bool, spoken: str | None) -> None:
    """Prove that nothing was changed: journal, ledger, payments, verdicts, counts.

    Every row of journal and ledger is compared with the chain of digests that was laid when it was written;
    then the books are compared with each other. Prints what is wrong, the first broken link and row of
    each chain first; exit code 0 if nothing is, 1 otherwise.

    The digest that is printed at the end stands for everything up to now. Note it where nobody who works
    on the database can change it: with --expect DIGEST a later run proves that all of it is still there.
    """
    if spoken:
        language.use(spoken)
    as_of = clock.now()
    with looking(engine) as connection:
        rows = count_rows(connection)
    with click.progressbar(length=rows, file=sys.stderr, hidden=rows < LARGE) as bar:
        found = verify(engine, as_of=as_of, expected=expected and expected.strip().lower(), told=bar.update)
    for fault in found.faults:
        click.echo(str(fault), err=True)
    counted = format_decimal(found.rows, locale=language.locale())
    click.echo(gettext("verify.checked", rows=counted, chains=len(found.heads)))
    if noting:
        note(engine, found, as_of=as_of)
    if found.faults:
        wrong = len(found.faults)
        click.echo(
            ngettext("%(num)s thing is not as it must be", "%(num)s things are not as they must be", wrong)
        )
        raise SystemExit(1)
    click.echo(gettext("verify.whole"))
    click.echo(gettext("verify.digest", digest=found.digest))


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup_command(engine: Engine, file: Path) -> None:
    """Copy the SQLite database to FILE while it is in use (PostgreSQL: pg_dump, see README)."""
    size = back_up(engine, file)
    shown = format_decimal(round(size / MEGABYTE, 1), locale=language.locale())
    click.echo(gettext("backup.done", file=str(file), size=shown))
