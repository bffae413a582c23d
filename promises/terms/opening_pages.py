"""When branches are open: for everybody to see, for managers to change from a date on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from promises.language import gettext
from promises.people.tables import Branch, SpecialDay
from promises.terms import opening
from promises.terms.hours import WEEKDAYS, OpeningHours, Week
from promises.terms.opening_forms import DayForm, WeekForm, shown_hours
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me
from promises.web.request import branch as here


@dataclass(frozen=True)
class Weeks:
    """Weeks beside each other: since when each is valid (None: from the beginning), and its days as text."""

    starts: list[date | None]
    days: list[tuple[str, list[str]]]


@needs("terms.read")
def listing() -> ResponseReturnValue:
    branches = (
        db().exec(select(Branch).where(col(Branch.closed_on).is_(None)).order_by(col(Branch.name))).all()
    )
    rows = []
    for branch in branches:
        hours = opening.hours_of(db(), branch)
        day = opening.today(branch, as_of())
        rows.append((branch, shown_hours(hours.on(day)) if hours else None, bool(hours and hours.on(day))))
    return render_template("terms/hours_listing.html", rows=rows)


@needs("terms.read")
def one(**_address: str) -> ResponseReturnValue:
    return _page(_week_form(), DayForm())


@needs("hours.set")
def set_week(**_address: str) -> ResponseReturnValue:
    form = _week_form()
    if form.validate_on_submit() and (week := form.check()) is not None:
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(hours__not_to_come="starts"):
            opening.set_week(db(), here(), week=week, valid_from=form.starts.data, by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("hours.week_set"), "ok")
            return done(form.once.data, url_for(".hours", branch=here().code))
    return _page(form, DayForm(formdata=None)), 422


@needs("hours.set")
def set_day(**_address: str) -> ResponseReturnValue:
    form = DayForm()
    if form.validate_on_submit() and (hours := form.check()) is not None:
        if (seen := pressed_before(form.once.data)) is not None:
            return seen
        with form.refusals(hours__not_to_come="day", hours__past_midnight="hours"):
            opening.set_day(
                db(), here(), day=form.day.data, hours=hours, note=form.note.data or "", by=me().id,
                as_of=as_of(),
            )  # fmt: skip
        if not form.refused:
            flash(gettext("hours.day_set"), "ok")
            return done(form.once.data, url_for(".hours", branch=here().code))
    return _page(_week_form(fresh=True), form), 422


def _week_form(fresh: bool = False) -> WeekForm:
    hours, day = opening.hours_of(db(), here()), opening.today(here(), as_of())
    newest = (hours.changes[-1][1] if hours.changes else hours.week) if hours else None
    form = WeekForm(newest, day)
    if fresh:
        form.process(formdata=None, data=form.data)
    return form


def _page(week: WeekForm, day: DayForm) -> str:
    today = opening.today(here(), as_of())
    hours = opening.hours_of(db(), here())
    special = opening.special_days(db(), here(), today)
    return render_template(
        "terms/hours.html",
        branch=here(),
        weeks=_weeks(hours, today) if hours else None,
        special=[(day, _day(rows), rows[0].note) for day, rows in special.items()],
        form=week,
        day_form=day,
    )


def _day(rows: Sequence[SpecialDay]) -> str:
    intervals = [(row.opens, row.closes) for row in rows if row.opens is not None and row.closes is not None]
    return shown_hours(tuple(intervals))


def _weeks(hours: OpeningHours, today: date) -> Weeks:
    """The week that is valid today and those to come; of those before, nothing."""
    every: list[tuple[date | None, Week]] = [(None, hours.week), *hours.changes]
    begun = [place for place, (starts, _) in enumerate(every) if starts is None or starts <= today]
    shown = every[begun[-1] :]
    days = [
        (f"weekday.{name}", [shown_hours(week[place]) for _, week in shown])
        for place, name in enumerate(WEEKDAYS)
    ]
    return Weeks([starts for starts, _ in shown], days)
