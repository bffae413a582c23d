"""What turns is announced once: in the journal, by mail to those who decide, and on the board."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.feedback.curation import actions as curation
from promises.feedback.curation import parting
from promises.feedback.curation.tables import Turn
from promises.feedback.finding import announcing
from promises.feedback.tables import Mention, Problem
from promises.journal.tables import Event
from promises.outbox.digests import write_digests
from promises.outbox.tables import Letter, Notice
from promises.people.tables import Person
from tests.conftest import NOON
from tests.feedback.heard import bring, look

HOUR = timedelta(hours=1)
FIRST = NOON - timedelta(days=200)


def day(n):
    return (FIRST + timedelta(days=n)).isoformat()


@pytest.fixture
def told(session, cast):
    """Two hundred days of queueing every day, and of a new app that fails from the 190th on."""
    queue = [(f"Jonotin {n}. kerran", 3, day(n)) for n in range(201)]
    app = [(f"Sovellus kaatuu, {n}. kerta", 2, day(n)) for n in range(190, 201)]
    bring(session, *queue, *app)
    look(session, {"jono": [text for text, *_ in queue], "app": [text for text, *_ in app]})
    return {p.code: p for p in session.exec(select(Problem)).all()}


def test_a_problem_that_begins_is_announced_with_its_evidence(session, cast, told):
    assert announcing.now(session, NOON + HOUR) == (told["app"].id,)
    turn = session.exec(select(Turn)).one()
    assert (turn.problem_id, turn.kind, turn.texts, turn.expected) == (told["app"].id, "emerged", 10, 0.1)
    assert turn.since == (FIRST + timedelta(days=191)).date()
    event = session.exec(select(Event).where(Event.verb == "problems.announced")).one()
    assert (event.subject_id, event.facts["texts"]) == (str(told["app"].id), 10)
    notice = session.exec(select(Notice)).one()
    assert (notice.kind, notice.branch_id) == ("problem.emerged", None)
    assert notice.facts[0]["name"] == {"fi": "app suomeksi", "en": "app in English"}


def test_it_is_announced_once(session, cast, told):
    announcing.now(session, NOON + HOUR)
    assert announcing.now(session, NOON + 2 * HOUR) == ()
    bring(session, *((f"Sovellus kaatui taas {n}", 2, day(200)) for n in range(3)))
    assert announcing.now(session, NOON + timedelta(days=1)) == ()
    assert len(session.exec(select(Turn)).all()) == 1


def test_a_problem_that_falls_silent_is_said_to_fade_and_may_emerge_again(session, cast, told):
    announcing.now(session, NOON + HOUR)
    later = NOON + timedelta(days=100)
    others = [(f"Muuta asiaa {n}", 5, (NOON + timedelta(days=n // 2)).isoformat()) for n in range(200)]
    bring(session, *others, as_of=later)
    look(session, {}, as_of=later)
    assert set(announcing.now(session, later)) == {told["jono"].id, told["app"].id}
    kinds = {(one.problem_id, one.kind) for one in session.exec(select(Turn)).all()}
    assert kinds >= {(told["jono"].id, "fading"), (told["app"].id, "fading")}
    assert [one.turn.kind for one in announcing.news(session, later)] == ["fading", "fading"]
    assert announcing.now(session, later + HOUR) == ()


def test_news_leaves_the_board_after_four_weeks_or_with_the_problem(session, cast, told):
    announcing.now(session, NOON + HOUR)
    assert [one.problem.id for one in announcing.news(session, NOON + 2 * HOUR)] == [told["app"].id]
    assert announcing.news(session, NOON + timedelta(days=29)) == []
    curation.dismiss(session, told["app"], "korjattu", by=cast.analyst, as_of=NOON)
    assert announcing.news(session, NOON + 2 * HOUR) == []
    assert len(announcing.turns(session, told["app"].id)) == 1


def test_nobody_announces_a_problem_that_was_dismissed(session, cast, told):
    curation.dismiss(session, told["app"], "ei meidän", by=cast.analyst, as_of=NOON)
    assert announcing.now(session, NOON + HOUR) == ()


def test_what_another_announced_meanwhile_is_not_announced_again(session, cast, told):
    gathered = announcing.gather(session, NOON + HOUR)
    changes = announcing.look(gathered, NOON + HOUR)
    assert announcing.announce(session, changes, gathered, NOON + HOUR) == (told["app"].id,)
    assert announcing.announce(session, changes, gathered, NOON + HOUR) == ()


def test_one_customer_who_complains_all_day_is_one(session, cast):
    bring(session, *((f"Jonotin {n}. kerran", 3, day(n)) for n in range(201)))
    same = [(f"Sovellus kaatuu taas {n}", 1, day(200), "", "c1") for n in range(30)]
    bring(session, *same)
    look(session, {"app": [text for text, *_ in same]})
    assert announcing.now(session, NOON + HOUR) == ()


def test_a_problem_that_a_person_split_off_is_no_news(session, cast, told):
    recent = session.exec(
        select(Mention.id).where(Mention.problem_id == told["jono"].id).order_by(Mention.id.desc()).limit(15)
    ).all()
    new = parting.split(session, told["jono"], recent, "Kassan jono", "", by=cast.analyst, as_of=NOON)
    assert new.id not in announcing.now(session, NOON + HOUR)


def test_those_who_decide_are_written_to(engine, session, cast, told):
    announcing.now(session, NOON + HOUR)
    session.commit()
    assert write_digests(engine, base_url="https://x", gap=HOUR, as_of=NOON + 2 * HOUR) == 2
    with transaction(engine) as other:
        letters = other.exec(select(Letter)).all()
        people = {other.get_one(Person, one).email for one in (cast.director, cast.analyst)}
        assert {letter.to for letter in letters} == people
        assert all("app suomeksi" in letter.body for letter in letters)
        assert all("10 palautetta" in letter.body for letter in letters), letters[0].body


def test_the_watch_announces_in_transactions_of_its_own(engine, session, cast, told):
    session.commit()
    assert announcing.watch(engine, as_of=NOON + HOUR) == (told["app"].id,)
    assert announcing.watch(engine, as_of=NOON + 2 * HOUR) == ()
