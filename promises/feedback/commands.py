"""Problem finding over anyone's file, without a database."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from promises import language
from promises.feedback.intake import dates
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import Sheet
from promises.feedback.intake.values import read_score
from promises.feedback.mining.results import Found, Label, Member, Problem, Text
from promises.feedback.nps import distribution, nps, without
from promises.language import gettext, ngettext, sentence
from promises.refusal import Refusal
from promises.sweeping import unswept

HEADER = ("row", "language", "problem", "label", "further", "strength")
ZONE = ZoneInfo("Europe/Helsinki")
QUOTE_WIDTH = 60
Value = TypeVar("Value")


@click.command("mine")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--text", "text_column", required=True, metavar="COLUMN", help="The customer's words.")
@click.option("--score", "score_column", metavar="COLUMN", help="How likely to recommend, 0 to 10.")
@click.option("--date", "date_column", metavar="COLUMN", help="When it was given.")
@click.option("--language", "language_column", metavar="COLUMN", help="fi, sv or en; else told by the words.")
@click.option(
    "--problems", "number", type=click.IntRange(min=1), metavar="N", help="How many problems to look for."
)
@click.option(
    "--all", "everything", is_flag=True, help="Every text names something, as in collections of questions."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The CSV to write.")
@click.option(
    "--in",
    "spoken",
    type=click.Choice(language.LANGUAGES),
    default=language.LANGUAGES[0],
    help="The language of the labels.",
)
@unswept()
def mine_command(
    file: Path,
    text_column: str,
    score_column: str | None,
    date_column: str | None,
    language_column: str | None,
    number: int | None,
    everything: bool,
    output: Path,
    spoken: str,
) -> None:
    """Find the problems in a file of feedback; writes one row per row of FILE and prints the board."""
    # Imported here: every command imports this module, and only this one needs the models behind it.
    from promises.feedback.mining.problems import find_problems

    language.use(spoken)
    try:
        sheet = open_sheet(file)
        told = column(sheet, text_column)
        scored = column(sheet, score_column) if score_column else [""] * len(told)
        dated = column(sheet, date_column) if date_column else [""] * len(told)
        scores, days = read(scored, score_of), read(dated, days_of(dated))
        languages = column(sheet, language_column) if language_column else [""] * len(told)
        texts = [Text(t, s, lang or None) for t, s, lang in zip(told, scores, languages, strict=True)]
        found = find_problems(texts, number=number, everything=everything)
        write(output, texts, found)
    except Refusal as refused:
        click.echo(sentence(refused), err=True)
        raise SystemExit(1) from None
    unread(scored, scores, "mine.scores_unread")
    unread(dated, days, "mine.dates_unread")
    show(texts, found, days)


def open_sheet(file: Path) -> Sheet:
    """*file* as rows.

    :raises Refusal: ``mine.no_file`` and whatever :func:`open_file` refuses.
    """
    try:
        return open_file(file.read_bytes())
    except OSError:
        raise Refusal("mine.no_file", file=str(file)) from None


def column(sheet: Sheet, name: str) -> list[str]:
    """The cells of the column *name*, "" where a row is too short.

    :raises Refusal: ``mine.no_column`` when the file has none of that name.
    """
    if name not in sheet.columns:
        known = ", ".join(filter(None, sheet.columns))
        raise Refusal("mine.no_column", found=name, columns=known)
    at = sheet.columns.index(name)
    return [cells[at] if at < len(cells) else "" for _, cells in sheet.records()]


def read(cells: Sequence[str], reader: Callable[[str], Value]) -> list[Value | None]:
    """Each of *cells* as *reader* reads it; ``None`` where it can't."""
    found: list[Value | None] = []
    for cell in cells:
        try:
            found.append(reader(cell.strip()))
        except ValueError:
            found.append(None)
    return found


def unread(cells: Sequence[str], values: Sequence[object], message: str) -> None:
    """Say how many filled *cells* gave no value."""
    if count := sum(bool(cell.strip()) and value is None for cell, value in zip(cells, values, strict=True)):
        click.echo(gettext(message, count=count), err=True)


def score_of(cell: str) -> float | None:
    """A score of 0-10.

    :raises ValueError: for any other number.
    """
    score = read_score(cell)
    if score is not None and not 0 <= score <= 10:
        raise ValueError(cell)
    return score


def days_of(cells: Sequence[str]) -> Callable[[str], date]:
    """What reads the dates of this column."""
    order = dates.order_of(cells)

    def day(cell: str) -> date:
        return dates.read_moment(cell, order, ZONE).astimezone(ZONE).date()

    return day


def label(of: Label) -> str:
    return of.fi if language.current() == "fi" else of.en


def write(output: Path, texts: Sequence[Text], found: Found) -> None:
    """One row per text, in order.

    :raises Refusal: ``mine.no_output`` where the file can't be written.
    """
    labels = {problem.id: label(problem.label) for problem in found.problems}
    held: dict[int, list[Member]] = {}
    for member in found.members:
        held.setdefault(member.text, []).append(member)
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(HEADER)
            for i in range(len(texts)):
                main, *further = [m.problem for m in held.get(i, [])] or [""]
                strength = f"{held[i][0].strength:.3f}" if main else ""
                others = "|".join(further)
                rows.writerow((i + 1, found.languages[i], main, labels.get(main, ""), others, strength))
    except OSError:
        raise Refusal("mine.no_output", file=str(output)) from None


def show(texts: Sequence[Text], found: Found, days: Sequence[date | None]) -> None:
    """Print the board: what each problem does, and the words that show it best."""
    scored = any(text.score is not None for text in texts)
    headings = [gettext("mine.id"), gettext("mine.texts")]
    headings += [gettext("mine.impact")] if scored else []
    headings += [gettext("mine.latest")] if any(days) else []
    headings += [gettext("mine.problem"), gettext("mine.quote")]
    held: dict[str, list[int]] = {problem.id: [] for problem in found.problems}
    for member in found.members:
        held[member.problem].append(member.text)
    everyone = distribution(whole_scores(texts, range(len(texts)))) if scored else None
    rows = [cells(texts, problem, held[problem.id], days, everyone) for problem in found.problems]
    for line in table([headings, *rows]):
        click.echo(line)
    counts = {kind: found.kinds.count(kind) for kind in ("trouble", "unplaced", "praise", "nothing")}
    click.echo(ngettext("%(num)s problem", "%(num)s problems", len(found.problems)))
    click.echo(gettext("mine.kinds", **counts))
    if everyone is not None:
        overall = nps(everyone)
        facts = {"score": overall.score, "low": overall.low, "high": overall.high, "n": overall.n}
        click.echo(gettext("mine.nps" if overall.enough else "mine.nps_few", **facts))


def cells(
    texts: Sequence[Text],
    problem: Problem,
    held: Sequence[int],
    days: Sequence[date | None],
    everyone: Sequence[int] | None,
) -> list[str]:
    """One line of the board; *everyone*: how many gave each score, where scores are known."""
    line = [problem.id, str(problem.texts)]
    if everyone is not None:
        cost = without(everyone, distribution(whole_scores(texts, held)))
        line.append("" if cost is None else f"{cost:+.1f}")
    if any(days):
        line.append(max((str(day) for i in held if (day := days[i])), default=""))
    shown = problem.quotes[0]
    quote = " ".join(texts[shown.text].text[shown.start : shown.end].split())
    line += [label(problem.label), quote if len(quote) <= QUOTE_WIDTH else quote[: QUOTE_WIDTH - 1] + "…"]
    return line


def whole_scores(texts: Sequence[Text], numbers: Sequence[int]) -> list[float]:
    """The scores of those of *texts* that have one."""
    return [score for i in numbers if (score := texts[i].score) is not None]


def table(rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows of cells as lines with even columns; the last column is left ragged."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append("  ".join([*padded, row[-1]]).rstrip())
    return lines
