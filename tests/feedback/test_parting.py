"""Problems are split and parted again, and it stays so when problems are looked for anew."""

import pytest
from sqlmodel import select

from promises.feedback.board import counts
from promises.feedback.curation import actions as curation
from promises.feedback.curation import parting
from promises.feedback.curation.tables import Handed, Merging, Parting
from promises.feedback.finding import actions as finding
from promises.feedback.tables import Denial, Mention, Problem
from promises.journal.tables import Event
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.feedback.heard import bring, look, texts

QUEUE = ["Jono oli pitkä", "Jonotin tunnin", "Odotin vuoroa kauan"]
PHONE = ["Puhelimessa ei vastata", "Linja oli varattu", "Jonotin linjoilla"]
APP = ["Sovellus kaatuu", "Appi jumittaa"]
BOTH = "Jono oli pitkä ja sovellus kaatuu"
FOUND = {"jono": [*QUEUE, *PHONE, BOTH], "app": [*APP, BOTH]}


@pytest.fixture
def problems(session, cast):
    bring(session, *[(text, 3) for text in [*QUEUE, *PHONE, *APP, BOTH]])
    look(session, FOUND)
    return {p.code: p for p in session.exec(select(Problem)).all()}


def held(session):
    of = {feedback.id: text for text, feedback in texts(session).items()}
    found = {}
    for mention in session.exec(select(Mention)).all():
        found.setdefault(mention.problem_id, set()).add(of[mention.feedback_id])
    return found


def marked(session, problem, said):
    ids = [texts(session)[text].id for text in said]
    query = select(Mention.id).where(Mention.problem_id == problem.id, Mention.feedback_id.in_(ids))
    return session.exec(query).all()


def split(session, cast, problem, said=PHONE, fi="Puhelin ei vastaa", en=""):
    return parting.split(
        session, problem, marked(session, problem, said), fi, en, by=cast.analyst, as_of=NOON
    )


def test_what_was_marked_becomes_an_accepted_problem_of_its_own(session, cast, problems):
    new = split(session, cast, problems["jono"])
    assert (new.state, new.label("fi"), new.label("en")) == ("accepted", *["Puhelin ei vastaa"] * 2)
    assert held(session)[new.id] == set(PHONE)
    assert held(session)[problems["jono"].id] == {*QUEUE, BOTH}
    event = session.exec(select(Event).where(Event.verb == "problems.split")).one()
    assert (event.person_id, event.facts["into"], event.facts["quotes"]) == (cast.analyst, new.id, 3)
    assert counts.recount(session) == []


@pytest.mark.parametrize(
    ("said", "fi", "code"),
    [([], "Puhelin", "split_nothing"), ([*QUEUE, *PHONE, BOTH], "Puhelin", "split_all"),
     (PHONE, "  ", "name_missing"), (PHONE, "APP suomeksi", "name_taken")],
)  # fmt: skip
def test_a_split_needs_some_quotes_but_not_all_and_a_name_of_its_own(session, cast, problems, said, fi, code):
    with pytest.raises(Refusal, match=code):
        split(session, cast, problems["jono"], said, fi)


def test_only_quotes_of_the_problem_itself_are_split_off(session, cast, problems):
    others = marked(session, problems["app"], APP)
    with pytest.raises(Refusal, match="split_nothing"):
        parting.split(session, problems["jono"], others, "Muu", "", by=cast.analyst, as_of=NOON)


def test_a_problem_that_has_left_the_board_is_not_split(session, cast, problems):
    curation.dismiss(session, problems["jono"], "ei", by=cast.analyst, as_of=NOON)
    with pytest.raises(Refusal, match="merge_closed"):
        split(session, cast, problems["jono"])


def test_a_split_stays_when_problems_are_found_anew_as_they_were(session, cast, problems):
    new = split(session, cast, problems["jono"])
    for _ in range(2):
        looked = look(session, FOUND)
        assert looked.new == ()
        assert held(session)[new.id] == set(PHONE)
        assert held(session)[problems["jono"].id] == {*QUEUE, BOTH}


def test_what_is_found_with_the_split_quotes_later_is_of_the_new_problem(session, cast, problems):
    new = split(session, cast, problems["jono"])
    bring(session, ("Kukaan ei vastaa puhelimeen", 1))
    look(session, {"ffff": [*PHONE, "Kukaan ei vastaa puhelimeen"], "jono": [*QUEUE, BOTH], "app": APP})
    assert held(session)[new.id] == {*PHONE, "Kukaan ei vastaa puhelimeen"}


def test_merging_back_undoes_a_split(session, cast, problems):
    new = split(session, cast, problems["jono"])
    curation.merge(session, new, problems["jono"], by=cast.analyst, as_of=NOON)
    assert held(session)[problems["jono"].id] == {*QUEUE, *PHONE, BOTH}
    assert session.exec(select(Parting)).all() == []
    assert session.exec(select(Denial)).all() == []
    look(session, FOUND)
    assert held(session)[problems["jono"].id] == {*QUEUE, *PHONE, BOTH}


def test_a_merge_is_undone_with_all_that_came_by_it(session, cast, problems):
    before = held(session)
    queue, app = problems["jono"], problems["app"]
    curation.merge(session, queue, app, by=cast.analyst, as_of=NOON)
    assert held(session) == {app.id: {*QUEUE, *PHONE, *APP, BOTH}}
    assert parting.unmerge(session, queue, by=cast.analyst, as_of=NOON) == 7
    assert held(session) == before
    assert (queue.state, queue.merged_into_id) == ("accepted", None)
    assert session.exec(select(Handed)).all() == []
    assert session.exec(select(Merging)).all() == []
    assert counts.recount(session) == []
    with pytest.raises(Refusal, match="changed_meanwhile"):
        parting.unmerge(session, queue, by=cast.analyst, as_of=NOON)


def test_what_joined_while_they_were_one_goes_with_the_one_that_drew_it(session, cast, problems):
    queue, app = problems["jono"], problems["app"]
    curation.merge(session, queue, app, by=cast.analyst, as_of=NOON)
    bring(session, ("Taas jonoa", 2), ("Ei aukea", 2))
    look(session, {"jono": [*FOUND["jono"], "Taas jonoa"], "app": [*FOUND["app"], "Ei aukea"]})
    parting.unmerge(session, queue, by=cast.analyst, as_of=NOON)
    assert held(session)[queue.id] == {*QUEUE, *PHONE, BOTH, "Taas jonoa"}
    assert held(session)[app.id] == {*APP, BOTH, "Ei aukea"}


def test_parted_problems_stay_two_when_mining_takes_them_for_one(session, cast, problems):
    queue, app = problems["jono"], problems["app"]
    curation.merge(session, queue, app, by=cast.analyst, as_of=NOON)
    parting.unmerge(session, queue, by=cast.analyst, as_of=NOON)
    before = held(session)
    look(session, {"ffff": [*QUEUE, *PHONE, *APP, BOTH]})
    session.expire_all()
    assert {queue.state, app.state} == {"accepted", "found"}
    assert held(session) == before


def test_a_merge_that_problem_finding_made_is_undone_as_well(session, cast, problems):
    look(session, {"ffff": [*QUEUE, *PHONE, *APP, BOTH]})
    session.expire_all()
    gone = next(p for p in problems.values() if p.state == "merged")
    assert session.get_one(Merging, gone.id).made_by is None
    parting.unmerge(session, gone, by=cast.analyst, as_of=NOON)
    assert gone.state == "accepted"
    assert session.exec(select(Event.verb).order_by(Event.id.desc())).first() == "problems.parted"


def test_of_a_chain_of_merges_the_first_follows_the_one_that_it_was_merged_into(session, cast, problems):
    third = split(session, cast, problems["jono"])
    queue, app = problems["jono"], problems["app"]
    curation.merge(session, third, queue, by=cast.analyst, as_of=NOON)
    curation.merge(session, queue, app, by=cast.analyst, as_of=NOON)
    session.expire_all()
    assert third.merged_into_id == app.id
    parting.unmerge(session, queue, by=cast.analyst, as_of=NOON)
    assert third.merged_into_id == queue.id
    parting.unmerge(session, third, by=cast.analyst, as_of=NOON)
    assert held(session) == {third.id: set(PHONE), queue.id: {*QUEUE, BOTH}, app.id: {*APP, BOTH}}


def test_every_correction_survives_true_mining_of_everything(session, cast):
    real = [
        "Jono konttorissa oli aivan liian pitkä", "Jouduin jonottamaan tiskille yli tunnin",
        "odotin vuoroo konttoris 40 minuuttia", "Queued for an hour at the branch",
        "The line at the counter was far too long", "Sovellus kaatuu joka kerta",
        "appi jumittaa päivityksen jälkeen", "mobiilisovellus ei toimi ollenkaan",
        "The app crashes after the update", "App freezes all the time",
    ]  # fmt: skip
    bring(session, *[(text, 2) for text in real])
    finding.find(session, by=None, as_of=NOON)
    queue = next(one for one, said in held(session).items() if real[0] in said)
    app = next(one for one, said in held(session).items() if real[5] in said)
    queue, app = session.get_one(Problem, queue), session.get_one(Problem, app)
    new = split(session, cast, queue, real[3:5], "Englanniksi jonottaneet", "Queued in English")
    (lone,) = marked(session, app, real[8:9])
    curation.deny(session, session.get_one(Mention, lone), by=cast.analyst, as_of=NOON)
    (moved,) = marked(session, app, real[9:10])
    curation.move(session, session.get_one(Mention, moved), queue, by=cast.analyst, as_of=NOON)
    curation.name(session, app, "Sovellus kaatuilee", "", by=cast.analyst, as_of=NOON)
    expected = {queue.id: {*real[:3], real[9]}, new.id: set(real[3:5]), app.id: set(real[5:8])}
    assert held(session) == expected
    for anew in (True, False, True):
        bring(session, (f"Jonotin taas konttorissa tunnin, kerta {anew}", 1))
        finding.find(session, by=None, as_of=NOON, anew=anew)
        now = held(session)
        assert {one: said & set(real) for one, said in now.items()} == expected
        assert app.label("fi") == "Sovellus kaatuilee"
        assert texts(session)[real[8]].kind == "unplaced"
    assert len(held(session)[queue.id]) > len(expected[queue.id])
    assert counts.recount(session) == []
