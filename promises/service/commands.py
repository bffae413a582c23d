"""Commands of the service room that need no database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from babel.numbers import format_currency

from promises import clock, language
from promises.language import gettext, sentence
from promises.refusal import Refusal
from promises.service.casefile import FileFaults, Layout, Needs, read_cases
from promises.service.filetimes import Texts, read_times, time_shape
from promises.service.judging import Counts, counted, judge_many
from promises.service.verdictfile import VerdictFile
from promises.terms.columns import MISSING
from promises.terms.document import TermsDocument
from promises.terms.hours import known_zone, moment
from promises.terms.reading import TermsRefused, read_terms

FAULTS_SHOWN = 20


@click.command("judge")
@click.option("--terms", "terms_path", type=click.Path(path_type=Path), required=True)
@click.option("--cases", "cases_path", type=click.Path(path_type=Path), required=True)
@click.option("--as-of", "as_of_text")
@click.option("-o", "--output", type=click.Path(path_type=Path))
@click.option("--column", "columns", multiple=True, metavar="NAME=COLUMN")
@click.option("--time-format")
@click.option("--zone")
@click.option("--language", "spoken", type=click.Choice(language.LANGUAGES), default=language.LANGUAGES[0])
def judge_command(
    terms_path: Path,
    cases_path: Path,
    as_of_text: str | None,
    output: Path | None,
    columns: tuple[str, ...],
    time_format: str | None,
    zone: str | None,
    spoken: str,
) -> None:
    """Judge a file of cases by a file of terms, without a database."""
    language.use(spoken)
    try:
        terms = _terms(terms_path)
        layout = Layout(_mapping(columns), time_format, known_zone(zone or terms.zone))
        as_of = _moment(as_of_text, layout.zone) if as_of_text else clock.now()
        faults = FileFaults()
        counts = _judge(terms, cases_path, layout, as_of, output, faults)
    except TermsRefused as refused:
        for fault in refused.faults:
            click.echo(sentence(fault), err=True)
        raise SystemExit(1) from None
    except Refusal as refused:
        click.echo(sentence(refused), err=True)
        raise SystemExit(1) from None
    for fault in faults.told[:FAULTS_SHOWN]:
        click.echo(sentence(fault), err=True)
    if faults.count > FAULTS_SHOWN:
        click.echo(gettext("cases.more_faults", count=faults.count - FAULTS_SHOWN), err=True)
    _tell(counts, terms)


def _judge(
    terms: TermsDocument,
    cases_path: Path,
    layout: Layout,
    as_of: datetime,
    output: Path | None,
    faults: FileFaults,
) -> Counts:
    counts = Counts()
    needs = Needs.of([terms])
    with VerdictFile(output, ZoneInfo(terms.zone)) as file:
        for cases in read_cases(cases_path, needs, layout, faults):
            verdicts = judge_many(cases, terms, as_of)
            counts += counted(verdicts)
            file.write(cases, terms, verdicts)
    return counts


def _tell(counts: Counts, terms: TermsDocument) -> None:
    for status in ("kept", "broken", "pending", "excluded"):
        click.echo(f"{gettext(f'verdict.{status}')}: {getattr(counts, status)}")
    if counts.cant_judge:
        click.echo(gettext("judge.cant_judge", count=counts.cant_judge))
    owed = format_currency(counts.owed, terms.currency, locale=language.locale())
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
