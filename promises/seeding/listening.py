"""Feedback of the seed comes in as a file does, and its problems get the names people gave them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from promises.feedback import taking
from promises.feedback.curation import actions as curation
from promises.feedback.finding import actions as finding
from promises.feedback.intake.mapping import Columns
from promises.feedback.intake.reading import open_file
from promises.feedback.tables import Feedback, Mention, Problem
from promises.seeding.files import Calendar, rows, toml
from promises.terms.calendar import branch_hours
from promises.terms.hours import OpeningHours

FILE = "feedback.csv"
HEADER = ("id", "date", "branch", "touchpoint", "source", "language", "score", "customer", "text")
TABLET = "branch_tablet"


def load_feedback(session: Session, calendar: Calendar, *, by: int, as_of: datetime) -> dict[str, int]:
    """Bring in ``feedback.csv`` with its days as dates, and look for problems; feedback ids by seed id."""
    told = rows("feedback")
    hours = branch_hours(session)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(HEADER)
    for row in told:
        given_at = _given_at(row, calendar, hours)
        writer.writerow([row["id"], given_at.isoformat(), *(row[name] for name in HEADER[2:])])
    columns = Columns({name: n for n, name in enumerate(HEADER) if name != "id"}, source=FILE)
    sheet = open_file(file.getvalue().encode())
    taken = taking.bring_in(session, sheet, columns, filename=FILE, by=by, as_of=as_of)
    finding.find(session, by=by, as_of=as_of)
    query = select(Feedback.row, Feedback.id).where(Feedback.intake_id == taken.intake.id)
    by_row = dict(session.exec(query).all())
    # The first row of a file is its header.
    return {row["id"]: by_row[n] or 0 for n, row in enumerate(told, 2) if n in by_row}


def _given_at(row: Mapping[str, str], calendar: Calendar, hours: Mapping[str, OpeningHours]) -> datetime:
    """When a piece of feedback was given; on the tablet of a branch only while the branch was open."""
    days_ago = int(row["days_ago"])
    if row["source"] == TABLET and row["branch"] in hours:
        while not hours[row["branch"]].on(calendar.day(days_ago)):
            days_ago += 1
    given_at = calendar.at(days_ago, row["time"])
    # To the second apart, so that two pieces of one minute keep their order.
    return given_at + timedelta(seconds=int(row["id"][1:]) % 60)


def name_problems(
    session: Session, feedback: Mapping[str, int], *, by: int, as_of: datetime
) -> dict[str, int]:
    """The problem that each proposal answers, by the proposal's code; named and accepted on the way.

    ``feedback_labels.csv`` tells which feedback speaks of the problem by a reader's judgement; the found
    problem that agrees best with it is meant.
    """
    mentions: defaultdict[int, set[int]] = defaultdict(set)
    for problem_id, feedback_id in session.exec(select(Mention.problem_id, Mention.feedback_id)):
        mentions[problem_id].add(feedback_id)
    answered: dict[str, int] = {}
    named: set[int] = set()
    for told in toml("proposals")["proposal"]:
        problem = told["problem"]
        meant = {feedback[one] for one in _speaking_of(problem) if one in feedback}
        answered[told["code"]] = chosen = max(
            mentions, key=lambda one: (_agreement(mentions[one], meant), -one)
        )
        if chosen not in named:
            named.add(chosen)
            row = session.get_one(Problem, chosen)
            curation.name(session, row, problem["fi"], problem["en"], by=by, as_of=as_of)
            curation.accept(session, row, by=by, as_of=as_of)
    return answered


def _speaking_of(problem: Mapping[str, Any]) -> list[str]:
    """Seed ids of the feedback that a reader has labelled with *problem*, or else its examples."""
    labelled = [row["id"] for row in rows("feedback_labels") if problem["code"] in row["problems"].split("|")]
    return labelled or list(problem["examples"])


def _agreement(found: set[int], meant: set[int]) -> float:
    """F1 of two sets."""
    return 2 * len(found & meant) / (len(found) + len(meant))
