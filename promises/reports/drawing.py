"""Charts drawn by matplotlib: the figures of a report as SVG, in the pages' own colours and typefaces.

Imported only when a chart is asked for (see charts.py), so that a worker that serves none stays light.
Text is written as text, in the reader's own typeface; the same figures always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from math import floor
from typing import Any

import matplotlib as mpl
from babel.dates import get_day_names
from markupsafe import escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from promises.language import gettext, locale
from promises.reports.branch_report import Waits, WeekLine
from promises.reports.compliance import Figures
from promises.reports.palette import Palette, palette, typefaces
from promises.web.filters import show_duration, show_number, show_percent

mpl.rcParams["svg.fonttype"] = "none"
mpl.rcParams["svg.hashsalt"] = "promises"
mpl.rcParams["font.family"] = "DejaVu Sans"  # comes with matplotlib, so every machine measures alike

POINTS = 72  # one point of the figure is one pixel of the picture
SIZES = {True: (960, 340), False: (420, 320)}
TEXT, SMALL = 13.0, 12.0
MARKS = {"met": "o", "missed": "D"}  # the signs of kept and broken on the pages


def weeks(lines: Sequence[WeekLine], theme: str, *, wide: bool) -> Figure:
    """Kept share by week with its interval, against the target."""
    colours = palette(theme)
    figure, axes = _blank(colours, wide)
    shown = [(x, line) for x, line in enumerate(lines) if line.figures.share is not None]
    for (x, line), (following, then) in pairwise(shown):
        if following == x + 1:
            axes.plot(
                [x, following],
                [line.figures.share or 0, then.figures.share or 0],
                color=colours.kept,
                linewidth=1.6,
                linestyle=":" if then.unfinished else "-",
                zorder=3,
            )
    for x, line in shown:
        _week_mark(axes, x, line, colours)
    _target(axes, lines, colours, wide)
    _last_value(axes, lines, colours)
    low = _lowest(lines)
    axes.set_ylim(low, 1 + (1 - low) * 0.06)
    step = 0.05 if low >= 0.8 else 0.1 if low >= 0.6 else 0.2
    ticks = [low + step * part for part in range(round((1 - low) / step) + 1)]
    axes.set_yticks(ticks, [show_percent(tick, 0) for tick in ticks])
    room = 0.9 if wide else 0.5
    axes.set_xlim(-0.6, len(lines) - 0.4 + room)
    every = -(-len(lines) // (26 if wide else 7))
    places = list(range(len(lines) - 1, -1, -every))[::-1]
    names = [_week_name(lines[x]) for x in places]
    names[0] = f"{gettext('chart.week')} {names[0]}"
    axes.set_xticks(places, names)
    return figure


def _week_mark(axes: Axes, x: int, line: WeekLine, colours: Palette) -> None:
    figures = line.figures
    share, interval = figures.share, figures.interval
    assert share is not None
    assert interval is not None
    met = share >= line.target
    colour = colours.kept if met else colours.broken
    axes.vlines(x, interval.low, interval.high, color=colour, linewidth=5, alpha=0.22, zorder=2)
    axes.plot(
        x,
        share,
        marker=MARKS["met" if met else "missed"],
        markersize=8 if met else 7.5,
        markeredgewidth=1.6,
        markeredgecolor=colour,
        markerfacecolor=colours.paper if figures.few or line.unfinished else colour,
        zorder=4,
    )


def _target(axes: Axes, lines: Sequence[WeekLine], colours: Palette, wide: bool) -> None:
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or lines[end].target != lines[start].target:
            axes.hlines(
                lines[start].target, start - 0.5, end - 0.5, color=colours.ink, linewidth=1.2,
                linestyle=(0, (5, 3)), zorder=1,
            )  # fmt: skip
            start = end
    words = gettext("chart.target", target=show_percent(lines[-1].target, 0))
    place: dict[str, Any] = {"xytext": (4, 0), "va": "center", "annotation_clip": False}
    if wide:
        where = (len(lines) - 0.5, lines[-1].target)
    else:  # no room beside it: above the chart, after a piece of its line
        words, where = f"╌╌ {words}", (0, 1)
        place |= {"xycoords": "axes fraction", "xytext": (0, 12)}
    axes.annotate(words, where, textcoords="offset points", color=colours.ink, fontsize=SMALL, **place)


def _last_value(axes: Axes, lines: Sequence[WeekLine], colours: Palette) -> None:
    """The report's answer, beside its mark."""
    full = [(x, line) for x, line in enumerate(lines) if not line.unfinished and line.figures.judged]
    if full:
        x, line = full[-1]
        axes.annotate(
            show_percent(line.figures.share), (x, line.figures.interval.high if line.figures.interval else 0),
            xytext=(0, 7), textcoords="offset points", ha="center", va="bottom", fontweight="bold",
            color=colours.ink, fontsize=TEXT, bbox=_halo(colours), zorder=6, annotation_clip=False,
        )  # fmt: skip


def _week_name(line: WeekLine) -> str:
    return f"{line.week.number}\n{gettext('chart.unfinished')}" if line.unfinished else str(line.week.number)


def _halo(colours: Palette) -> dict[str, object]:
    return {"boxstyle": "square,pad=0.12", "facecolor": colours.paper, "edgecolor": "none", "alpha": 0.85}


def _lowest(lines: Sequence[WeekLine]) -> float:
    """Where the scale begins: under all that is drawn surely, in steps of 20 points, never near enough to 1
    to make a ripple look like a storm."""
    seen = [line.target for line in lines]
    for line in lines:
        figures = line.figures
        if figures.share is not None and figures.interval is not None:
            seen.append(figures.share if figures.few else figures.interval.low)
    return max(min(floor((min(seen) - 0.01) * 5) / 5, 0.8), 0.0)


def waits(waits: Waits, theme: str, *, wide: bool) -> Figure:
    """How many cases lasted how long, the promised limit drawn."""
    colours = palette(theme)
    figure, axes = _blank(colours, wide)
    width = waits.edges[1] - waits.edges[0]
    for edge, count in zip(waits.edges, waits.counts, strict=True):
        colour = colours.kept if edge < waits.limit else colours.broken
        axes.bar(edge + width / 2, count, width * 0.86, color=colour)
    top = max(waits.counts)
    axes.set_ylim(0, top * 1.18)
    axes.vlines(waits.limit, 0, top * 1.1, color=colours.ink, linewidth=1.2, linestyle=(0, (5, 3)))
    axes.annotate(
        gettext("chart.limit", limit=show_duration(waits.limit)), (waits.limit, top * 1.1), xytext=(5, -2),
        textcoords="offset points", va="center", color=colours.ink, fontsize=SMALL,
    )  # fmt: skip
    axes.set_xlim(0, waits.edges[-1] + width)
    step = 3 if wide else 1
    marks = [waits.limit * part // step for part in range(3 * step + 1)]
    words = [show_duration(mark) for mark in marks[:-1]] + [f"{show_duration(marks[-1])} +"]
    axes.set_xticks(marks, ["0", *words[1:]])
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(4, integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: show_number(value))
    return figure


def hours(cells: Mapping[tuple[int, int], Figures], theme: str, *, wide: bool) -> Figure:
    """Share of broken cases by weekday and hour of the start; cells with few cases are left hollow."""
    colours = palette(theme)
    figure, axes = _blank(colours, wide, grid=False)
    days = sorted({day for day, _ in cells})
    first, last = min(hour for _, hour in cells), max(hour for _, hour in cells)
    worst = max((1 - (f.share or 0) for f in cells.values() if not f.few), default=0.0)
    shades = LinearSegmentedColormap.from_list("broken", [colours.paper, colours.broken])
    for (day, hour), figures in cells.items():
        if figures.share is None:
            continue
        broken = 1 - figures.share
        place = (hour + 0.03, days.index(day) + 0.03)
        shade = 0.04 + 0.96 * broken / worst if worst and not figures.few else 0.0
        axes.add_patch(
            Rectangle(
                place, 0.94, 0.94, facecolor=shades(shade), edgecolor=colours.hairline, linewidth=0.8,
                linestyle=":" if figures.few else "-",
            )
        )  # fmt: skip
        ink = colours.muted if figures.few else colours.paper if shade > 0.55 else colours.ink
        axes.text(
            hour + 0.5, days.index(day) + 0.5, show_number(broken * 100), ha="center", va="center",
            color=ink, fontsize=TEXT if wide else SMALL,
        )  # fmt: skip
    axes.set_xlim(first, last + 1)
    axes.set_ylim(len(days), 0)
    names = get_day_names("abbreviated", context="stand-alone", locale=locale())
    axes.set_yticks([place + 0.5 for place in range(len(days))], [names[day] for day in days])
    edges = list(range(first, last + 2))
    axes.set_xticks(edges, [str(hour) for hour in edges])
    axes.set_xlabel(gettext("chart.hours_unit"), color=colours.muted, fontsize=SMALL, loc="left")
    axes.spines["bottom"].set_visible(False)
    return figure


def _blank(colours: Palette, wide: bool, *, grid: bool = True) -> tuple[Figure, Axes]:
    width, height = SIZES[wide]
    figure = Figure(figsize=(width / POINTS, height / POINTS), dpi=POINTS, layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colours.hairline)
    axes.tick_params(colors=colours.muted, labelsize=SMALL, length=0, pad=7)
    if grid:
        axes.grid(axis="y", color=colours.hairline, linewidth=0.8)
        axes.set_axisbelow(True)
    return figure, axes


def svg(figure: Figure, title: str, description: str) -> bytes:
    """*figure* as SVG that says in words what it shows."""
    FigureCanvasSVG(figure)
    buffer = BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue().decode("utf-8").replace("'DejaVu Sans'", typefaces())
    head, opening, rest = text.partition("<svg ")
    tag, _, body = rest.partition(">")
    told = f'<title id="t">{escape(title)}</title><desc id="d">{escape(description)}</desc>'
    return f'{head}{opening}{tag} role="img" aria-labelledby="t d">{told}{body}'.encode()
