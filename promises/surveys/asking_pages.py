"""The company's side: surveys are made, opened, sent, watched and closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from promises.feedback.reading_pages import page_address, pages_for
from promises.language import gettext, ngettext
from promises.people.tables import Branch, Company, Person
from promises.settings import Settings
from promises.surveys import asking, queries
from promises.surveys.forms import DoorForm, InviteForm, SurveyForm, ready_question, touchpoint_name
from promises.surveys.guests import read_guests
from promises.surveys.kinds import KINDS
from promises.surveys.tables import Door, Survey
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.once import done, pressed_before
from promises.web.request import as_of, asked_number, asked_page, db, me


@needs("surveys.read")
def listing() -> ResponseReturnValue:
    """Every survey, how many have answered."""
    return render_template("surveys/listing.html", lines=queries.surveys(db()), touchpoint=touchpoint_name)


@needs("surveys.manage")
def new() -> ResponseReturnValue:
    """Make a survey."""
    form = SurveyForm()
    company = db().get(Company, 1)
    name = company.name if company else ""
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        survey = asking.make(
            db(),
            name=form.name.data or "",
            kind=form.kind.data,
            touchpoint=form.touchpoint.data or "",
            questions=form.questions(name),
            reminder_days=form.reminder_days.data,
            rest_days=form.rest_days.data or 0,
            by=me().id,
            as_of=as_of(),
        )
        return done(form.once.data, url_for(".one", survey_id=survey.id))
    ready = {kind: ready_question(kind, me().language, name) for kind in KINDS}
    return render_template("surveys/new.html", form=form, ready=ready), 422 if form.errors else 200


@needs("surveys.read")
def one(survey_id: int) -> ResponseReturnValue:
    """One survey: what was answered, who was asked, the ways in."""
    survey = _survey(survey_id)
    return _page(survey, _door_form(), _invite_form())


@needs("surveys.manage")
def open_door(survey_id: int) -> ResponseReturnValue:
    """Open a public way in."""
    survey, form = _survey(survey_id), _door_form()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            asking.open_door(
                db(),
                survey,
                channel=form.channel.data,
                branch_id=form.branch.data,
                person_id=form.person.data,
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext("survey.door_opened"), "ok")
            return done(form.once.data, url_for(".one", survey_id=survey_id, _anchor="doors"))
    return _page(survey, form, _invite_form()), 422


@needs("surveys.manage")
def shut_door(survey_id: int, door_id: int) -> ResponseReturnValue:
    """Let nobody in by one way any more."""
    door = _door(survey_id, door_id)
    asking.shut_door(db(), door, by=me().id, as_of=as_of())
    return redirect(url_for(".one", survey_id=survey_id, _anchor="doors"))


@needs("surveys.read")
def poster(survey_id: int, door_id: int) -> ResponseReturnValue:
    """A page to print and put on the counter."""
    door, survey = _door(survey_id, door_id), _survey(survey_id)
    link = _settings().base_url + url_for(".door", token=door.token)
    code = segno.make(link, error="m").svg_inline(scale=8, border=2, light="#fff", dark="#000", omitsize=True)
    return render_template(
        "surveys/poster.html",
        survey=survey,
        door=door,
        branch=db().get(Branch, door.branch_id) if door.branch_id else None,
        link=link,
        code=Markup(code),  # noqa: S704 - drawn by segno from our own address
    )


@needs("surveys.manage")
def invite(survey_id: int) -> ResponseReturnValue:
    """Ask customers by mail."""
    survey, form = _survey(survey_id), _invite_form()
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        about = dict.fromkeys(
            ("surveys__no_address", "surveys__no_guests", "surveys__unknown_branch", "surveys__too_many"),
            "guests",
        )
        with form.refusals(**about):
            told = asking.invite(
                db(),
                survey,
                read_guests(form.guests.data or "", branch=form.branch.data or ""),
                secret=_settings().secret_key,
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(ngettext("%(num)s customer is asked.", "%(num)s customers are asked.", told.invited), "ok")
            left_out = told.resting + told.stopped
            if left_out:
                facts: dict[str, Any] = {"resting": told.resting, "stopped": told.stopped}
                flash(gettext("survey.not_asked", **facts), "info")
            return done(form.once.data, url_for(".one", survey_id=survey_id, _anchor="mail"))
    return _page(survey, _door_form(), form), 422


@needs("surveys.manage")
def close(survey_id: int) -> ResponseReturnValue:
    """End a survey."""
    asking.close(db(), _survey(survey_id), by=me().id, as_of=as_of())
    flash(gettext("survey.closed"), "ok")
    return redirect(url_for(".one", survey_id=survey_id))


@needs("surveys.read")
def answers(survey_id: int) -> ResponseReturnValue:
    """The answers to one survey, all or those of one way in, one clerk or one time."""
    survey = _survey(survey_id)
    sought = queries.Sought(
        door_id=asked_number("door"),
        served_by=asked_number("clerk"),
        since=_moment("since"),
        until=_moment("until"),
    )
    found, total = queries.answers(db(), survey, sought, asked_page())
    clerk = db().get(Person, sought.served_by) if sought.served_by else None
    return render_template(
        "surveys/answers.html",
        survey=survey,
        sought=sought,
        clerk=clerk,
        answers=found,
        total=total,
        scale=KINDS[survey.kind],
        page=asked_page(),
        last=pages_for(total, queries.PAGE),
        url_of=page_address(),
    )


def _moment(name: str) -> datetime | None:
    """A moment of the address's query; one without a zone or that makes no sense is none."""
    try:
        found = datetime.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _page(survey: Survey, door_form: DoorForm, invite_form: InviteForm) -> str:
    values = queries.values(db(), survey)
    g.place = "surveys.listing"
    return render_template(
        "surveys/one.html",
        survey=survey,
        touchpoint=touchpoint_name(survey),
        values=values,
        answered=sum(count for _, count in values),
        scale=KINDS[survey.kind],
        ways=queries.ways(db(), survey),
        doors=queries.doors(db(), survey),
        waiting=queries.waiting(db(), survey),
        base=_settings().base_url,
        door_form=door_form,
        invite_form=invite_form,
    )


def _survey(survey_id: int) -> Survey:
    found: Survey = db().get(Survey, survey_id) or abort(404)
    return found


def _door(survey_id: int, door_id: int) -> Door:
    door = db().get(Door, door_id)
    if door is None or door.survey_id != survey_id:
        abort(404)
    return door


def _door_form() -> DoorForm:
    form = DoorForm(prefix="door")
    form.offer(visible_branches("surveys.read"), queries.clerks(db()))
    return form


def _invite_form() -> InviteForm:
    form = InviteForm(prefix="invite")
    form.offer(visible_branches("surveys.read"))
    return form


def _settings() -> Settings:
    kept: Settings = current_app.config["SETTINGS"]
    return kept
