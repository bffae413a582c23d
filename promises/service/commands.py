"""Commands of the service room that need no database."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from babel.numbers import format_currency

from promises import clock, language
from promises.language import gettext, sentence
from promises.refusal import Refusal
from promises.service.casefile import Layout, Needs, read_cases
from promises.service.filetimes import Texts, read_times, time_shape
from promises.service.judging import Counts, Paid, counted, judge_dated, split
from promises.service.tablefile import FileFaults
from promises.service.verdictfile import VerdictFile
from promises.terms.caps import shared_by
from promises.terms.columns import MISSING
from promises.terms.document import TermsDocument
from promises.terms.hours import known_zone, moment
from promises.terms.in_force import in_order
from promises.terms.reading import TermsRefused, read_terms

FAULTS_SHOWN = 20
LARGE = 64 << 20
"""Files of this many bytes or more show how far the command is."""


@click.command("judge")
@click.option("--terms", "terms_paths", type=click.Path(path_type=Path), required=True, multiple=True)
@click.option("--cases", "cases_path", type=click.Path(path_type=Path), required=True)
@click.option("--as-of", "as_of_text")
@click.option("-o", "--output", type=click.Path(path_type=Path))
@click.option("--column", "columns", multiple=True, metavar="NAME=COLUMN")
@click.option("--time-format")
@click.option("--zone")
@click.option("--language", "spoken", type=click.Choice(language.LANGUAGES), default=language.LANGUAGES[0])
def judge_command(
    terms_paths: tuple[Path, ...],
    cases_path: Path,
    as_of_text: str | None,
    output: Path | None,
    columns: tuple[str, ...],
    time_format: str | None,
    zone: str | None,
    spoken: str,
) -> None:
    """Judge a file of cases (CSV, XLSX, Parquet) by files of terms, without a database.

    The file has one row per case with a column per milestone, or one row per milestone with the columns
    milestone and at. Several terms of one promise are its versions; of several promises, each case is
    judged by each. Prints how many cases are kept, broken, pending and excluded, and what is owed; rows
    that can't be read are told with their number. The verdict file has a row per case and promise.

    \b
    --terms FILE           terms document (promises/terms/FORMAT.md); may be repeated
    --cases FILE           cases (promises/service/CASES.md)
    --as-of MOMENT         judge as if it were then: 2026-02-02 or 2026-02-02T16:30; otherwise now
    -o, --output FILE      where verdicts go, as CSV
    --column NAME=COLUMN   our name for a column of the file; may be repeated
    --time-format FORMAT   how times are written, if not ISO 8601: "%d.%m.%Y %H:%M"
    --zone ZONE            zone of times without an offset; otherwise that of the terms
    --language fi|en       language of what is printed

    Example: promises judge --terms served-15.json --cases visits.csv -o verdicts.csv
    """
    language.use(spoken)
    try:
        promises = _promises([_terms(path) for path in terms_paths])
        first = promises[0][-1]
        layout = Layout(_mapping(columns), time_format, known_zone(zone or first.zone))
        as_of = _moment(as_of_text, layout.zone) if as_of_text else clock.now()
        faults = FileFaults()
        sums = _judge(promises, cases_path, layout, as_of, output, faults)
    except TermsRefused as refused:
        for fault in refused.faults:
            click.echo(sentence(fault), err=True)
        raise SystemExit(1) from None
    except Refusal as refused:
        click.echo(sentence(refused), err=True)
        raise SystemExit(1) from None
    for fault in sorted(faults.told, key=_place)[:FAULTS_SHOWN]:
        click.echo(sentence(fault), err=True)
    if faults.count > FAULTS_SHOWN:
        click.echo(gettext("cases.more_faults", count=faults.count - FAULTS_SHOWN), err=True)
    for versions, counts in zip(promises, sums, strict=True):
        if len(promises) > 1:
            click.echo(getattr(versions[-1].name, language.current()))
        _tell(counts, versions[-1].currency)


def _place(fault: Refusal) -> tuple[bool, int]:
    """Rows that were left out come first, then the others in the order of the file, set apart or not."""
    return fault.code != "cases.row_length", int(fault.facts.get("row", 0))


def _promises(terms: list[TermsDocument]) -> list[list[TermsDocument]]:
    """The versions of each promise, in the order in which the promises may pay for one fault."""
    by_code: dict[str, list[TermsDocument]] = {}
    for one in terms:
        by_code.setdefault(one.promise, []).append(one)
    return sorted((in_order(versions) for versions in by_code.values()), key=lambda found: found[-1].rank)


def _judge(
    promises: list[list[TermsDocument]],
    cases_path: Path,
    layout: Layout,
    as_of: datetime,
    output: Path | None,
    faults: FileFaults,
) -> list[Counts]:
    sums = [Counts() for _ in promises]
    every = [terms for versions in promises for terms in versions]
    shared = set[str]().union(*(shared_by(terms.remedy) for terms in every))
    apart = min(shared) if len(shared) == 1 else None
    paid = Paid()
    size = cases_path.stat().st_size if cases_path.exists() else 0
    with (
        VerdictFile(output) as file,
        click.progressbar(length=size, file=sys.stderr, hidden=size < LARGE) as bar,
    ):
        for cases in read_cases(
            cases_path, Needs.of(every), layout, faults, whole=len(shared) > 1, together=apart
        ):
            for place, versions in enumerate(promises):
                stretches = split(cases, versions[-1])
                verdicts, _ = judge_dated(stretches, versions, as_of, paid=paid)
                sums[place] += counted(verdicts)
                file.write(stretches, versions[-1], verdicts)
            bar.update(faults.read - bar.pos)
    return sums


def _tell(counts: Counts, currency: str) -> None:
    for status in ("kept", "broken", "pending", "excluded"):
        click.echo(f"{gettext(f'verdict.{status}')}: {getattr(counts, status)}")
    if counts.cant_judge:
        click.echo(gettext("judge.cant_judge", count=counts.cant_judge))
    owed = format_currency(counts.owed, currency, locale=language.locale())
    click.echo(gettext("judge.owed", amount=owed))


def _terms(path: Path) -> TermsDocument:
    try:
        return read_terms(path.read_bytes())
    except OSError:
        raise Refusal("terms.no_file", file=str(path)) from None


def _mapping(columns: tuple[str, ...]) -> dict[str, str]:
    mapping = {}
    for pair in columns:
        name, found, column = pair.partition("=")
        if not (name and found and column):
            raise Refusal("cases.mapping", found=pair)
        mapping[name] = column
    return mapping


def _moment(text: str, zone: str) -> datetime:
    if len(text) == len("2025-03-15"):
        text += "T00:00"
    times, _ = read_times(Texts.of([text]), time_shape(None), zone)
    if times[0] == MISSING:
        raise Refusal("judge.as_of", found=text)
    return moment(int(times[0]))
