"""Something new that many speak of becomes one problem and is announced, wherever its texts were put."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.feedback.curation import actions as curation
from promises.feedback.curation.tables import Turn
from promises.feedback.erasing import erase
from promises.feedback.finding import actions as finding
from promises.feedback.finding import arising
from promises.feedback.tables import Feedback, Meaning, Mention, Problem
from promises.journal.tables import Event
from tests.feedback.heard import bring

TODAY = datetime(2026, 6, 9, 9, 0, tzinfo=UTC)
OLD = (
    "Jonossa piti odottaa {n} minuuttia",
    "Puhelimeen ei vastattu, odotin {n} minuuttia",
    "Laskussa oli {n} euroa väärin",
    "Sovellus kaatui {n} kertaa",
    "Kortti tuli {n} päivää myöhässä",
    "Konttori oli kiinni jo kello {n}",
)
NEW = (
    "Pihalla haukkuva koira pelotti lapsia",
    "Koira haukkui ovella ja lapset pelkäsivät",
    "Vartijan koira haukkuu kaikille asiakkaille",
    "Iso koira haukkui minulle ovella",
    "Ovella haukkuva koira on pelottava",
    "Koira haukkui taas, en uskalla tulla ovesta",
    "Miksi ovella on haukkuva koira",
    "Pelottava koira ovella haukkui",
    "Haukkuva koira pelotti taas ovella",
    "Vartijan koira haukkui lapsille pihalla",
)


def day(n):
    return (TODAY - timedelta(days=n)).isoformat()


@pytest.fixture
def heard(session, cast):
    """A year of the same old problems, looked at."""
    drawn = random.Random(1)
    texts = [
        (drawn.choice(OLD).format(n=n), 3, day(drawn.randrange(21, 360)), "", f"c{n}") for n in range(150)
    ]
    bring(session, *texts, as_of=TODAY - timedelta(days=20))
    finding.find(session, by=None, as_of=TODAY - timedelta(days=20))
    return session


def begin(session):
    """Ten days of something new, a text a day."""
    bring(session, *((text, 2, day(9 - n), "", f"new{n}") for n, text in enumerate(NEW)), as_of=TODAY)
    finding.find(session, by=None, as_of=TODAY, anew=False)
    return session.exec(select(Turn).where(Turn.kind == "emerged")).all()


def spoken(session, problem_id):
    query = select(Feedback.text).join(Mention).where(Mention.problem_id == problem_id)
    return set(session.exec(query).all())


def test_what_begins_becomes_one_problem_and_is_announced(heard):
    (turn,) = begin(heard)
    assert turn.since >= (TODAY - timedelta(days=9)).date()
    assert 5 <= turn.texts <= 10
    said = spoken(heard, turn.problem_id)
    assert len(said & set(NEW)) >= 8
    assert said <= set(NEW)
    problem = heard.get_one(Problem, turn.problem_id)
    assert problem.state == "found"
    assert problem.found_fi
    event = heard.exec(select(Event).where(Event.verb == "problems.announced")).one()
    assert event.subject_id == str(problem.id)


def test_it_is_announced_once_and_what_is_said_later_joins_it(heard):
    (turn,) = begin(heard)
    later = TODAY + timedelta(days=1)
    bring(heard, ("Koira haukkui ovella taas lapsille", 2, later.isoformat(), "", "late"), as_of=later)
    finding.find(heard, by=None, as_of=later, anew=False)
    assert len(heard.exec(select(Turn).where(Turn.kind == "emerged")).all()) == 1
    assert "Koira haukkui ovella taas lapsille" in spoken(heard, turn.problem_id)


def test_a_look_over_everything_leaves_what_was_announced(heard):
    (turn,) = begin(heard)
    said = spoken(heard, turn.problem_id)
    finding.find(heard, by=None, as_of=TODAY, anew=True)
    assert heard.get_one(Problem, turn.problem_id).state == "found"
    assert spoken(heard, turn.problem_id) >= said
    assert len(heard.exec(select(Turn).where(Turn.kind == "emerged")).all()) == 1


def test_what_people_dismissed_is_not_announced_again(heard):
    (turn,) = begin(heard)
    curation.dismiss(heard, heard.get_one(Problem, turn.problem_id), "ei meidän koira", by=None, as_of=TODAY)
    later = TODAY + timedelta(days=5)
    more = [(text + " tänäänkin", 2, later.isoformat(), "", f"more{n}") for n, text in enumerate(NEW[:8])]
    bring(heard, *more, as_of=later)
    finding.find(heard, by=None, as_of=later, anew=False)
    assert heard.exec(select(Turn).where(Turn.kind != "fading")).all() == [turn]


def test_the_old_problems_alone_announce_nothing(heard):
    texts = [(OLD[n % 6].format(n=n + 300), 3, day(n % 20), "", f"d{n}") for n in range(8)]
    bring(heard, *texts, as_of=TODAY)
    finding.find(heard, by=None, as_of=TODAY, anew=False)
    assert heard.exec(select(Turn)).all() == []


def test_one_customer_who_complains_all_day_is_one(heard):
    bring(heard, *((text, 2, day(0), "", "one") for text in NEW), as_of=TODAY)
    finding.find(heard, by=None, as_of=TODAY, anew=False)
    assert heard.exec(select(Turn)).all() == []


def test_the_watch_announces_in_transactions_of_its_own(engine, heard):
    bring(heard, *((text, 2, day(9 - n), "", f"new{n}") for n, text in enumerate(NEW)), as_of=TODAY)
    heard.commit()
    finding.mine_pending(engine, as_of=TODAY, anew=False)
    with transaction(engine) as session:
        ids = set(session.exec(select(Feedback.id).where(Feedback.text.in_(NEW))).all())
        assert len(session.exec(select(Turn)).all()) == 1
    assert arising.watch(engine, ids, as_of=TODAY) == ()


def test_what_an_erased_customer_said_is_kept_no_more(heard):
    begin(heard)
    ours = heard.exec(select(Feedback.id).where(Feedback.text == NEW[0])).one()
    assert heard.get(Meaning, ours) is not None
    erase(heard, "new0", secret="s", by=None, as_of=TODAY)
    heard.expire_all()
    assert heard.get(Meaning, ours) is None
