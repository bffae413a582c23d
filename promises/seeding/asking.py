"""The bank's own surveys: half a season of asking, answering, getting back to customers and asking again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from promises.feedback.finding import actions as finding
from promises.followup import actions, messages
from promises.followup.tables import Asked, FollowUp
from promises.outbox.tables import Letter, Notice
from promises.people.tables import Branch, Company
from promises.seeding.days import is_working
from promises.seeding.files import Calendar, toml
from promises.settings import DEMO_SECRET, Settings
from promises.surveys import answering, asking, letters
from promises.surveys.forms import ready_question
from promises.surveys.guests import Guest
from promises.surveys.kinds import KINDS, LINK, QR
from promises.surveys.tables import Door, Invitation, Survey

HOLIDAYS = "FI"
SETTINGS = Settings(database_url="", secret_key=DEMO_SECRET)
BEGGED_DAYS_AGO = 12
HANDLED_AFTER = timedelta(days=2)


@dataclass
class Season:
    """What is known while the season is played, and what happens when."""

    session: Session
    calendar: Calendar
    branches: Mapping[str, Branch]
    staff: Mapping[str, int]
    told: Mapping[str, Any]
    chance: random.Random
    words: list[Mapping[str, Any]] = field(default_factory=list)
    happenings: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)

    def at(self, moment: datetime, act: Callable[[datetime], None]) -> None:
        """Let *act* happen at *moment*, if that isn't still to come."""
        if moment <= self.calendar.as_of:
            self.happenings.append((moment, len(self.happenings), act))

    def play(self) -> None:
        """Let everything happen in its order."""
        for moment, _, act in sorted(self.happenings, key=lambda one: one[:2]):
            act(moment)
        self.happenings.clear()

    def moment(self, days_ago: int) -> datetime:
        """A moment of that day while branches are open."""
        minute = int(self.chance.triangular(600, 950, 740))
        return self.calendar.at(days_ago, f"{minute // 60:02}:{minute % 60:02}")

    def score(self, weights: str) -> int:
        """A value of the scale that *weights* belongs to."""
        chosen: list[int] = self.told["scores"][weights]
        low = 0 if len(chosen) == len(KINDS["nps"].values) else 1
        return self.chance.choices(range(low, low + len(chosen)), chosen)[0]

    def worded(self, score: int) -> str:
        """Words that somebody wrote with this score, each once; mostly nobody writes any."""
        fitting = [one for one in self.words if one["score"] == score]
        if not fitting or self.chance.random() < 0.4:
            return ""
        self.words.remove(fitting[0])
        return str(fitting[0]["text"])


def _chance() -> random.Random:
    return random.Random("surveys")  # noqa: S311 - repeatable is the point


def load_asking(
    session: Session,
    calendar: Calendar,
    branches: Mapping[str, Branch],
    staff: Mapping[str, int],
    *,
    as_of: datetime,
) -> None:
    """Surveys, their answers and the follow-ups as they are on the day of seeding."""
    told = toml("surveys")
    season = Season(session, calendar, branches, staff, told, _chance(), list(told["words"]))
    analyst = staff["iida.lampinen"]
    first = max(one["days_ago"] for one in told["survey"])
    for one in told["rule"]:
        facts = {
            "highest_score": None,
            "problem_id": None,
            "words": "",
            "wish": False,
            "owner_id": None,
            **one,
        }
        actions.make_rule(session, **facts, by=analyst, as_of=calendar.at(first + 1, "09:00"))
    for one in told["survey"]:
        _ask(season, one, analyst)
    season.play()
    _handle(season)
    _answer_again(season)
    finding.find(session, by=analyst, as_of=as_of, anew=False)
    actions.consider(session, as_of=as_of)
    actions.notice_late(session, as_of=as_of)
    _settle_mail(session)


def _ask(season: Season, told: Mapping[str, Any], analyst: int) -> None:
    session, calendar = season.session, season.calendar
    company = session.get_one(Company, 1).name
    made_at = calendar.at(told["days_ago"], "09:00")
    survey = asking.make(
        session,
        name=told["name"],
        kind=told["kind"],
        touchpoint=told["touchpoint"],
        questions={one: ready_question(told["kind"], one, company) for one in ("fi", "sv", "en")},
        reminder_days=told["reminder_days"],
        rest_days=told["rest_days"],
        by=analyst,
        as_of=made_at,
    )
    doors = _doors(season, survey, told, analyst, made_at)
    last = told.get("closed_days_ago", 0)
    for _ in range(told["walk_ins"]):
        _walk_in(season, survey, doors, season.moment(season.chance.randint(last + 1, told["days_ago"] - 1)))
    if told["kind"] == "nps":
        _beg(season, doors)
        for late in season.told["late"]:
            _late(season, next(d for d in doors if d.branch_id == season.branches[late["branch"]].id), late)
    if "mailed" in told:
        _mail(season, survey, told)
    if last:
        season.at(calendar.at(last, "15:00"), partial(_close, session, survey, analyst))


def _doors(season: Season, survey: Survey, told: Mapping[str, Any], analyst: int, at: datetime) -> list[Door]:
    """A code on the counter of each branch, one on the desk of some clerks, and a link for everybody."""
    session = season.session

    def opened(channel: str, branch: Branch | None = None, person: int | None = None) -> Door:
        branch_id = branch.id if branch else None
        return asking.open_door(
            session, survey, channel=channel, branch_id=branch_id, person_id=person, by=analyst, as_of=at
        )

    doors = [opened(QR, season.branches[code]) for code in told["qr"]]
    homes = {"tommi.rasanen": "tervasalmi", "jere.koivuniemi": "haapaharju", "heli.nurmela": "myllyranta"}
    doors += [opened(QR, season.branches[homes[one]], season.staff[one]) for one in told["clerks"]]
    return [*doors, opened(LINK)]


def _walk_in(season: Season, survey: Survey, doors: list[Door], at: datetime) -> None:
    door = season.chance.choice(doors)
    if survey.kind != "nps":
        value = season.score(survey.kind)
        text = ""
    else:
        here = door.branch_id == season.branches["haapaharju"].id
        value = season.score("haapaharju" if here else "elsewhere")
        text = season.worded(value)
    season.at(at, partial(_answer, season, door, answering.Given(value, text)))


def _answer(season: Season, door: Door, given: answering.Given, at: datetime) -> None:
    key = f"{season.chance.getrandbits(64):x}"
    # Every customer sits behind an address of their own, so that no throttle is met.
    answering.answer_door(season.session, door, given, key=key, address=key, language="fi", as_of=at)


def _beg(season: Season, doors: list[Door]) -> None:
    """What an honest figure wouldn't look like: an hour of tens on one code, and nines at one desk."""
    branch = season.branches["tervasalmi"].id
    counter = next(d for d in doors if d.branch_id == branch and d.person_id is None)
    desk = next(d for d in doors if d.branch_id == branch and d.person_id is not None)
    start = season.calendar.at(BEGGED_DAYS_AGO, "15:10")
    for n in range(14):
        ten = answering.Given(10)
        season.at(start + timedelta(minutes=3 * n), partial(_answer, season, counter, ten))
    for n in range(24):
        given = answering.Given(9 if n % 8 else 8)
        season.at(season.moment(20 + 3 * n), partial(_answer, season, desk, given))


def _late(season: Season, door: Door, told: Mapping[str, Any]) -> None:
    given = answering.Given(told["score"], told["text"], told["contact"], told["wish"], told["tell"])
    season.at(season.calendar.when(told), partial(_answer, season, door, given))


def _mail(season: Season, survey: Survey, told: Mapping[str, Any]) -> None:
    """Some customers of each week are asked by mail on its Tuesday; some of them answer within days."""
    mailed, session = told["mailed"], season.session
    number = 0
    for days_ago in range(told["days_ago"] - 1, 0, -1):
        if season.calendar.day(days_ago).weekday() != 1 or not is_working(
            season.calendar.day(days_ago), HOLIDAYS
        ):
            continue
        guests = []
        for branch in mailed["branches"]:
            for _ in range(mailed["per_week"] // len(mailed["branches"])):
                number += 1
                address, customer = f"asiakas{number}@posti.example", f"k{5000 + number}"
                guests.append(Guest(address, customer=customer, branch=branch))
        at = season.calendar.at(days_ago, "10:00")
        season.at(at, partial(_invite, season, survey, guests, mailed["answered"]))
        season.at(at + timedelta(days=7, hours=1), partial(_remind, session))


def _close(session: Session, survey: Survey, analyst: int, at: datetime) -> None:
    asking.close(session, survey, by=analyst, as_of=at)


def _remind(session: Session, at: datetime) -> None:
    letters.write_due(session, SETTINGS, as_of=at)


def _invite(season: Season, survey: Survey, guests: list[Guest], answered: float, at: datetime) -> None:
    session = season.session
    asking.invite(session, survey, guests, secret=DEMO_SECRET, by=None, as_of=at)
    letters.write_due(session, SETTINGS, as_of=at)
    sent = session.exec(select(Invitation).where(Invitation.made_at == at).order_by(col(Invitation.id))).all()
    haapaharju = season.branches["haapaharju"].id
    for invitation in sent:
        if season.chance.random() >= answered:
            continue
        value = season.score("haapaharju" if invitation.branch_id == haapaharju else "elsewhere")
        when = at + timedelta(hours=season.chance.expovariate(1 / 30))
        if when < season.calendar.as_of:
            given = answering.Given(value, season.worded(value))
            answering.answer_invitation(session, invitation, given, language="fi", as_of=when)


def _handle(season: Season) -> None:
    """What managers did about the follow-ups of the past: most were closed within two days, some late."""
    session, chance = season.session, season.chance
    for follow_up in session.exec(select(FollowUp).order_by(col(FollowUp.opened_at), col(FollowUp.id))).all():
        # Those with a way to be reached are the ones that wait today.
        contact = actions.contact_of(session, follow_up.feedback_id)
        if follow_up.opened_at > season.calendar.as_of - HANDLED_AFTER or contact is not None:
            continue
        by = follow_up.owner_id or season.staff["iida.lampinen"]
        at = follow_up.opened_at + timedelta(hours=chance.uniform(1, 40))
        actions.notice_late(session, as_of=at)
        outcome = chance.choices(("solved", "explained", "not_reached"), (5, 3, 2))[0]
        kind = "not_reached" if outcome == "not_reached" else "called"
        actions.note(session, follow_up, kind, "", by=by, as_of=at)
        end = at + timedelta(minutes=20)
        actions.close(session, follow_up, outcome, "", by=by, as_of=end)
        messages.ask_again(session, follow_up, secret=DEMO_SECRET, by=by, as_of=end)


def _answer_again(season: Season) -> None:
    """Those who were asked again answer as often as the first time, some better, some not."""
    session = season.session
    query = select(Invitation).join(Asked).where(col(Invitation.due_at) < season.calendar.as_of)
    for invitation in session.exec(query.order_by(col(Invitation.id))).all():
        at = (invitation.due_at or invitation.made_at) + timedelta(hours=season.chance.uniform(2, 60))
        letters.write_due(session, SETTINGS, as_of=invitation.due_at or invitation.made_at)
        if at < season.calendar.as_of and season.chance.random() < 0.7:
            given = answering.Given(season.score("again"))
            answering.answer_invitation(session, invitation, given, language="fi", as_of=at)


def _settle_mail(session: Session) -> None:
    """The letters of the past have left long ago, and the late ones were told then."""
    session.execute(
        update(Letter).where(col(Letter.sent_at).is_(None)).values(sent_at=col(Letter.made_at), due_at=None)
    )
    session.execute(
        update(Notice).where(col(Notice.kind) == "followup.late").values(mailed_at=col(Notice.made_at))
    )
    session.flush()
