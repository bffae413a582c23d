"""Which charts there are, what each finds in words, and each drawn once per language and theme."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from babel.dates import get_day_names

from promises import language
from promises.language import gettext
from promises.reports.branch_report import BranchReport
from promises.web.filters import show_duration, show_percent

if TYPE_CHECKING:
    from types import ModuleType

KINDS = ("weeks", "waits", "hours")


def drawable(report: BranchReport) -> list[str]:
    """The kinds of chart that *report* has anything to draw in."""
    has = {
        "weeks": report.all.judged > 0,
        "waits": report.waits is not None,
        "hours": any(not figures.few for figures in report.hours.values()),
    }
    return [kind for kind in KINDS if has[kind]]


def draw(kind: str, report: BranchReport, theme: str, *, wide: bool) -> bytes:
    """The chart as SVG. *kind* is one that :func:`drawable` names; *theme* is light or dark."""
    data: dict[str, Any] = {
        "weeks": tuple(report.weeks),
        "waits": report.waits,
        "hours": tuple(report.hours.items()),
    }
    return _drawn(
        kind,
        data[kind],
        theme,
        wide,
        language.current(),
        gettext(f"chart.{kind}.title"),
        finding(kind, report),
    )


@lru_cache(maxsize=256)
def _drawn(kind: str, data: Any, theme: str, wide: bool, _language: str, title: str, told: str) -> bytes:
    drawing = _drawing()
    pictures: dict[str, Callable[..., Any]] = {
        "weeks": drawing.weeks,
        "waits": drawing.waits,
        "hours": lambda cells, theme, wide: drawing.hours(dict(cells), theme, wide=wide),
    }
    picture = pictures[kind](data, theme, wide=wide)
    return bytes(drawing.svg(picture, title, told))


def _drawing() -> ModuleType:
    # matplotlib takes half a second and 30 MB: only those who ask for a chart pay for it.
    from promises.reports import drawing

    return drawing


def finding(kind: str, report: BranchReport) -> str:
    """What the chart shows, as a sentence: its alternative text."""
    return {"weeks": _weeks, "waits": _waits, "hours": _hours}[kind](report)


def _weeks(report: BranchReport) -> str:
    full = [line for line in report.weeks if not line.unfinished and line.figures.share is not None]
    if not full:
        return gettext("chart.weeks.none")
    under = sum(1 for line in full if (line.figures.share or 0) < line.target)
    return gettext(
        "chart.weeks.finding",
        weeks=len(full),
        under=under,
        last=show_percent(full[-1].figures.share),
        target=show_percent(full[-1].target, 0),
    )


def _waits(report: BranchReport) -> str:
    found = report.waits
    if found is None:
        return gettext("chart.weeks.none")
    within = sum(n for edge, n in zip(found.edges, found.counts, strict=True) if edge < found.limit)
    return gettext(
        "chart.waits.finding",
        share=show_percent(within / sum(found.counts)),
        limit=show_duration(found.limit),
        n=sum(found.counts),
    )


def _hours(report: BranchReport) -> str:
    worst = report.worst_hours
    if not worst:
        return gettext("chart.hours.none")
    names = get_day_names("wide", context="stand-alone", locale=language.locale())
    first = worst[0]
    return gettext(
        "chart.hours.finding",
        day=names[first.weekday],
        hour=first.hour,
        to=first.hour + 1,
        share=show_percent(1 - (first.figures.share or 0.0), 0),
    )
