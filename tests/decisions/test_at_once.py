"""Two people press at the same moment, each in a transaction of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine
from sqlmodel import Session, select

from promises.database import open_session, transaction
from promises.decisions import actions
from promises.decisions.tables import Ballot, Decision, Launch, Round
from promises.proposals.actions import current
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.decisions.given import CLOSES, DOCUMENT, OPENS, cast_vote, closed_round, decide, opened
from tests.proposals.given import proposal


def at_once(engine: Engine, *acts: Callable[[Session], object]) -> list[str]:
    """Each act in a thread and a transaction of its own; ``done`` or the refusal's code of each."""
    start = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> str:
        start.wait()
        try:
            with transaction(engine) as session:
                act(session)
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_two_directors_decide_at_once_and_one_of_them_is_told_so(engine, cast):
    with transaction(engine) as session:
        _, [candidate] = closed_round(session, cast, 5)
    found = at_once(
        engine,
        lambda session: decide(session, candidate, "chosen", cast.director),
        lambda session: decide(session, candidate, "rejected", cast.manager),
    )
    assert found == ["decisions.decided_already", "done"]
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Decision)).all()) == 1


def test_one_voter_in_two_tabs_at_once_has_one_ballot(engine, cast):
    with transaction(engine) as session:
        made = opened(session, cast.director, [proposal(session, cast.teller)])
    found = at_once(
        engine,
        lambda session: cast_vote(session, made, cast.manager, 2),
        lambda session: cast_vote(session, made, cast.manager, 5),
    )
    assert found == ["done", "done"]
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Ballot)).all()) == 1


def test_one_proposal_enters_one_of_two_rounds_opened_at_once(engine, cast):
    with transaction(engine) as session:
        version = current(session, proposal(session, cast.teller)).id

    def opening(session):
        actions.open_round(
            session,
            title="Kierros",
            versions=[version],
            opens_at=OPENS,
            closes_at=CLOSES,
            quorum=1,
            by=cast.director,
            as_of=NOON,
        )

    assert at_once(engine, opening, opening) == ["decisions.not_available", "done"]
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Round)).all()) == 1


def test_one_decision_is_launched_once(engine, cast):
    with transaction(engine) as session:
        _, [candidate] = closed_round(session, cast, 5)
        decision = decide(session, candidate, "chosen", cast.director).id

    def launching(code):
        document = {**DOCUMENT, "promise": code}
        return lambda session: actions.launch(session, decision, document, by=cast.director, as_of=CLOSES)

    assert at_once(engine, launching("a"), launching("b")) == ["decisions.launched_already", "done"]
    with open_session(engine, writes=False) as session:
        assert len(session.exec(select(Launch)).all()) == 1
