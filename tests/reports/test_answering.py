"""What has come of a problem: what its promises have cost, and whether it is told less since."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from sqlmodel import select

from promises.compensation.tables import Entry
from promises.decisions import actions
from promises.decisions.counting import candidate_ids
from promises.feedback.board import worth
from promises.feedback.curation import actions as curation
from promises.feedback.tables import Problem
from promises.reports.answering import promises_of_problems, since
from promises.terms.tables import Terms
from tests.conftest import NOON
from tests.decisions.given import CLOSES, DOCUMENT, cast_vote, decide, opened
from tests.feedback.heard import bring, look
from tests.proposals.given import proposal
from tests.reports.conftest import History

WEEK = timedelta(weeks=1)
BEGUN = NOON - 10 * WEEK


def heard(session, before, after, every=40):
    """Feedback over ten weeks before BEGUN and ten since, of which so many pieces a week speak of queues."""
    rows, groups = [], {"jono": [], "muu": []}
    for week in range(-10, 10):
        told = before if week < 0 else after
        for n in range(every):
            text = f"Viikolla {week} sanottiin {n}"
            rows.append((text, 3, (BEGUN + week * WEEK).isoformat()))
            groups["jono" if n < told else "muu"].append(text)
    bring(session, *rows)
    look(session, groups)
    return session.exec(select(Problem).where(Problem.code == "jono")).one()


def launched(session, cast, problem_id):
    """The promise that a proposal about the problem became."""
    made = opened(session, cast.director, [proposal(session, cast.teller, about=problem_id)])
    cast_vote(session, made, cast.manager, 2)
    (candidate,) = candidate_ids(session, made.id)
    decision = decide(session, candidate, "chosen", cast.director)
    return actions.launch(session, decision.id, DOCUMENT, by=cast.director, as_of=CLOSES).promise_id


def broken(session, branch, promise, cases=1):
    """So many broken cases of *promise* at *branch*, with ten euros owed for each."""
    history = History(session, count(1000 * branch + 100 * promise))
    history.terms = session.exec(select(Terms.id).where(Terms.promise_id == promise)).first()
    for n in range(cases):
        history.case(branch, promise, CLOSES + timedelta(days=6, hours=n), "broken", minutes=20, owed="10.00")


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [(12, 4, "less"), (4, 12, "more"), (8, 8, "same"), (8, 7, "same"), (1, 0, "early")],
)
def test_less_or_more_is_said_only_where_chance_would_hardly_do_it(session, cast, before, after, outcome):
    problem = heard(session, before, after)
    told = since(session, problem.id, BEGUN, NOON)
    # The week in which the promise began is of neither; a look at "now" is still in the tenth.
    assert (told.before.kept, told.before.judged) == (10 * before, 400)
    assert (told.after.kept, told.after.judged) == (9 * after, 360)
    assert told.outcome == outcome


def test_a_promise_is_found_from_its_problem_and_from_whatever_that_is_merged_into(session, cast):
    problem = heard(session, 3, 3)
    promise = launched(session, cast, problem.id)
    assert promises_of_problems(session) == {problem.id: [promise]}
    other = session.exec(select(Problem).where(Problem.code == "muu")).one()
    curation.merge(session, problem, other, by=cast.analyst, as_of=NOON)
    assert promises_of_problems(session) == {other.id: [promise]}


def test_a_problem_costs_what_its_promises_owe_in_the_branches_that_the_reader_sees(session, cast):
    problem = heard(session, 3, 3)
    promise = launched(session, cast, problem.id)
    another = History(session).promise("another")
    broken(session, cast.centre, promise, 2)
    broken(session, cast.harbour, promise)
    broken(session, cast.centre, another, 4)
    session.commit()
    owed = sum((entry.amount for entry in session.exec(select(Entry)) if entry.kind == "owed"), Decimal(0))
    assert owed == 70
    assert worth.costs(session, [cast.centre, cast.harbour]) == {problem.id: {"EUR": Decimal(30)}}
    assert worth.costs(session, [cast.harbour]) == {problem.id: {"EUR": Decimal(10)}}
    assert worth.costs(session, []) == {}


def test_a_problems_page_shows_its_promise_its_effect_and_its_cost(session, cast, browser, noon):
    problem = heard(session, 12, 4)
    promise = launched(session, cast, problem.id)
    broken(session, cast.centre, promise)
    session.commit()
    noon.shift(30 * 86400)
    shown = browser(cast.director).get(f"/problems/{problem.id}").text
    assert "/promises/palvelu-vartissa" in shown
    assert "10,00" in shown
    assert "Pidetty: 0,0" in shown
    assert "10,00" in browser(cast.director).get("/problems?order=money").text
