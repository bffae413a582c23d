"""The score: how likely customers are to recommend us, how sure that is, why, and since when."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import select

from promises.feedback.actions import company_zone
from promises.feedback.nps import FEWEST
from promises.feedback.nps_trend import Trend
from promises.feedback.reading_pages import asked_for, kept_arguments
from promises.people.tables import Branch, Person
from promises.surveys import scores
from promises.surveys.tables import Door, Survey
from promises.web.guard import needs
from promises.web.request import as_of, db

WIDTH, HEIGHT, MARGIN = 720, 240, 40


@needs("feedback.read")
def nps() -> ResponseReturnValue:
    """The score under the reader's filters, by branch, touchpoint or source."""
    g.place = "surveys.nps"
    form, wanted = asked_for()
    by = request.args.get("by", "")
    by = by if by in scores.BY else scores.BY[0]
    found = scores.scores(db(), wanted, by, as_of(), company_zone(db()))
    return render_template(
        "surveys/nps.html",
        form=form,
        wanted=wanted,
        by=by,
        ways=scores.BY,
        found=found,
        fewest=FEWEST,
        drawing=drawn(found.trend) if found.trend else None,
        kept=kept_arguments,
        surveys={one.id: one for one in db().exec(select(Survey))},
        doors={one.id: one for one in db().exec(select(Door))},
        branches={one.id: one for one in db().exec(select(Branch))},
        people={one.id: one for one in db().exec(select(Person))},
    )


def drawn(trend: Trend) -> dict[str, Any]:
    """Where the lines and points of the control chart lie on a drawing of :data:`WIDTH` by :data:`HEIGHT`."""
    values = [v for p in trend.points for v in (p.low, p.high, p.nps.score or 0.0)]
    least, most = min(values), max(values)
    room = max(most - least, 10.0) * 0.08
    least, most = max(-100.0, least - room), min(100.0, most + room)

    def x(n: int) -> float:
        return round(MARGIN + n * (WIDTH - MARGIN - 8) / max(len(trend.points) - 1, 1), 1)

    def y(value: float) -> float:
        return round(8 + (most - value) / (most - least) * (HEIGHT - 32), 1)

    points = list(enumerate(trend.points))
    upper = [f"{x(n)},{y(p.high)}" for n, p in points]
    lower = [f"{x(n)},{y(p.low)}" for n, p in reversed(points)]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": MARGIN,
        "limits": " ".join(upper + lower),
        "line": " ".join(f"{x(n)},{y(p.nps.score or 0.0)}" for n, p in points),
        "centre": y(trend.centre),
        "points": [(x(n), y(p.nps.score or 0.0), p) for n, p in points],
        "marks": [(y(value), value) for value in (least, trend.centre, most)],
    }
