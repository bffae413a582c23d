"""Surveys for tests: made, opened, sent and answered through the real verbs."""

from datetime import UTC, datetime

from promises.surveys import answering, asking
from promises.surveys.forms import ready_question
from promises.surveys.guests import Guest

NOON = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)
SECRET = "k" * 40


def survey(session, cast, kind="nps", touchpoint="branch", reminder_days=7, rest_days=90, as_of=NOON):
    questions = {language: ready_question(kind, language, "Koepankki") for language in ("fi", "sv", "en")}
    return asking.make(
        session,
        name="Konttorikysely",
        kind=kind,
        touchpoint=touchpoint,
        questions=questions,
        reminder_days=reminder_days,
        rest_days=rest_days,
        by=cast.analyst,
        as_of=as_of,
    )


def door(session, made, branch_id=None, person_id=None, channel="qr"):
    return asking.open_door(
        session, made, channel=channel, branch_id=branch_id, person_id=person_id, by=None, as_of=NOON
    )


def invite(session, made, *addresses, as_of=NOON, **more):
    guests = [Guest(address, **more) for address in addresses]
    return asking.invite(session, made, guests, secret=SECRET, by=None, as_of=as_of)


_keys = iter(range(1_000_000))


def walk_in(session, way, value, text="", as_of=NOON, key="", address="192.0.2.1", language="fi", **more):
    return answering.answer_door(
        session,
        way,
        answering.Given(value, text, **more),
        key=key or f"press-{next(_keys)}",
        address=address,
        language=language,
        as_of=as_of,
    )


def answer(session, invitation, value, text="", as_of=NOON, language="fi", **more):
    given = answering.Given(value, text, **more)
    return answering.answer_invitation(session, invitation, given, language=language, as_of=as_of)
