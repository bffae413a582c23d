"""What has come of a problem: the promises that answer it, what they cost, and whether it is told less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from flask import url_for
from sqlalchemy import select
from sqlmodel import Session, col

from promises import language
from promises.compensation.ledger import balances
from promises.decisions.tables import Candidate, Decision, Launch
from promises.feedback.board.facts import week_of
from promises.feedback.board.seeing import seen
from promises.feedback.board.worth import Costs, tells_costs
from promises.feedback.queries import Wanted
from promises.feedback.tables import Problem
from promises.language import gettext
from promises.people.queries import company_zone
from promises.people.tables import Branch
from promises.proposals.problems import merged
from promises.proposals.tables import Answers, Version
from promises.reports import queries
from promises.reports.compliance import Figures, difference
from promises.terms.queries import promises
from promises.web.filters import show_percent
from promises.web.onward import Onward, leads_on_from
from promises.web.request import as_of, db

WEEKS = 26
"""So many weeks before a promise began are what it is compared with."""
HOUR = timedelta(hours=1)
FEWEST = 20
"""With fewer pieces of a problem before and since together, nothing is concluded."""

Outcome = Literal["less", "more", "same", "early"]


@dataclass(frozen=True)
class Since:
    """The share of all feedback that speaks of a problem, before a promise and since (weeks in whole).

    What changed at the same time, and that promises are made where things were at their worst, is in it too.
    """

    before: Figures
    after: Figures

    @property
    def outcome(self) -> Outcome:
        """Less or more only where Newcombe's interval of the difference leaves out 0."""
        gap = difference(self.after, self.before)
        if gap is None or self.before.kept + self.after.kept < FEWEST:
            return "early"
        return "less" if gap.high < 0 else "more" if gap.low > 0 else "same"


def promises_of_problems(session: Session) -> dict[int, list[int]]:
    """Problem, as it stands after merging → the promises that answer it, the oldest first."""
    query = (
        select(col(Answers.problem_id), col(Launch.promise_id))
        .join(Version, col(Version.proposal_id) == col(Answers.proposal_id))
        .join(Candidate, col(Candidate.version_id) == col(Version.id))
        .join(Decision, col(Decision.candidate_id) == col(Candidate.id))
        .join(Launch, col(Launch.decision_id) == col(Decision.id))
        .order_by(col(Launch.promise_id))
    )
    ends = merged(session)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for problem, promise in session.execute(query):
        end = ends.get(problem, problem)
        if promise not in found[end]:
            found[end].append(promise)
    return dict(found)


@tells_costs
def costs_of_problems(session: Session, branches: Collection[int]) -> Costs:
    """What has become owed in *branches* where the promises that answer each problem were broken."""
    answered = promises_of_problems(session)
    if not answered or not branches:
        return {}
    owed: defaultdict[int, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for balance in balances(session, branches=branches):
        owed[balance.promise_id][balance.currency] += balance.owed
    found: defaultdict[int, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for problem, own in answered.items():
        for promise in own:
            for currency, sum_ in owed[promise].items():
                found[problem][currency] += sum_
    return {problem: dict(sums) for problem, sums in found.items()}


def since(session: Session, problem_id: int, begun: datetime, as_of: datetime) -> Since:
    """How much of the feedback spoke of a problem in the weeks before *begun*, and does since."""
    zone = company_zone(session)
    start = week_of(begun.astimezone(zone).date())
    now = week_of(as_of.astimezone(zone).date())
    found = seen(session, Wanted(), col(Problem.id) == problem_id)
    pieces = found.weekly(start - WEEKS, [problem_id]).get(problem_id, {})
    heard = found.heard_weekly(start - WEEKS)
    # The week in which it began is of neither.
    return Since(
        _share(pieces, heard, range(start - WEEKS, start)), _share(pieces, heard, range(start + 1, now + 1))
    )


def _share(pieces: Mapping[int, int], heard: Mapping[int, int], weeks: range) -> Figures:
    told, all_ = sum(pieces.get(week, 0) for week in weeks), sum(heard.get(week, 0) for week in weeks)
    return Figures(kept=told, broken=all_ - told)


def kept_since(session: Session, promise_id: int, begun: datetime, as_of: datetime) -> Figures:
    """How the promise has been kept in all branches."""
    branches = [number for number in session.execute(select(col(Branch.id))).scalars() if number is not None]
    # Whole hours, as cases are counted by them.
    begin, end = (at.replace(minute=0, second=0, microsecond=0) for at in (begun, as_of + HOUR))
    parts = queries.by_period(session, branches, [promise_id], [begin, end])
    return sum(parts.values(), Figures())


@leads_on_from("problem")
def promises_that_answer(problem_id: int) -> Iterator[Onward]:
    """Each promise that answers a problem: how it is kept, and whether the problem is told less since."""
    for promise_id in promises_of_problems(db()).get(problem_id, ()):
        for dated in promises(db(), promise_id):
            begun = dated.versions[0].starts_at
            title = getattr(dated.shown(as_of()).terms.name, language.current())
            yield Onward(
                "promise", title, url_for("terms.one", code=dated.code), _note(problem_id, promise_id, begun)
            )


def _note(problem_id: int, promise_id: int, begun: datetime) -> str:
    if begun > as_of():
        return gettext("answering.to_come")
    kept, told = kept_since(db(), promise_id, begun, as_of()), since(db(), problem_id, begun, as_of())
    said = [gettext("answering.kept", share=show_percent(kept.share))] if kept.share is not None else []
    facts = {"before": show_percent(told.before.share), "after": show_percent(told.after.share)}
    return " ".join([*said, gettext(f"answering.{told.outcome}", **facts)])
