"""Problems are looked for, and what people have said of them stays."""

from datetime import timedelta

import pytest
from sqlmodel import select

from promises.database import transaction
from promises.feedback.curation import actions as curation
from promises.feedback.finding import actions as finding
from promises.feedback.mining.results import Joined, Member
from promises.feedback.tables import Denial, Finding, Mention, Problem
from promises.journal.tables import Event
from tests.conftest import NOON
from tests.feedback.heard import bring, look, texts

QUEUE = ["Jono oli pitkä", "Jonotin tunnin", "Odotin vuoroa kauan"]
APP = ["Sovellus kaatuu", "Appi jumittaa", "Sovellus ei aukea"]
LOANS = ["Laina kesti", "Lainaa ei tule", "Lainapäätös viipyy"]
REAL = [
    "Jono konttorissa oli aivan liian pitkä", "Jouduin jonottamaan tiskille yli tunnin",
    "odotin vuoroo konttoris 40 minuuttia",
    "Queued for an hour at the branch",
    "The line at the counter was far too long", "Sovellus kaatuu joka kerta",
    "appi jumittaa päivityksen jälkeen",
    "mobiilisovellus ei toimi ollenkaan", "The app crashes after the update", "App freezes all the time",
]  # fmt: skip


def held(session):
    """Found label → the texts that mention it."""
    rows = session.exec(select(Mention, Problem).join(Problem)).all()
    of = {feedback.id: text for text, feedback in texts(session).items()}
    found = {}
    for mention, problem in rows:
        found.setdefault(problem.found_fi.removesuffix(" suomeksi"), set()).add(of[mention.feedback_id])
    return found


def problem(session, group):
    return session.exec(select(Problem).where(Problem.found_fi == f"{group} suomeksi")).one()


@pytest.fixture
def heard(session, cast):
    bring(session, *[(text, 3) for text in [*QUEUE, *APP, "Kiitos hyvästä palvelusta"]])
    look(session, {"jono": QUEUE, "app": APP}, kinds={"Kiitos hyvästä palvelusta": "praise"})
    return session


def test_the_first_look_makes_problems_and_says_of_every_text_what_it_tells(heard):
    assert held(heard) == {"jono": set(QUEUE), "app": set(APP)}
    kinds = {text: feedback.kind for text, feedback in texts(heard).items()}
    assert kinds == {**dict.fromkeys([*QUEUE, *APP], "trouble"), "Kiitos hyvästä palvelusta": "praise"}
    assert finding.pending(heard) == 0


def test_looking_again_without_new_feedback_changes_nothing(heard):
    before = held(heard), {p.code: (p.id, p.state) for p in heard.exec(select(Problem)).all()}
    look(heard, {"jono": QUEUE, "app": APP})
    assert (held(heard), {p.code: (p.id, p.state) for p in heard.exec(select(Problem)).all()}) == before
    assert finding.find(heard, by=None, as_of=NOON).texts == 0


def test_a_problem_found_under_another_code_keeps_its_id(heard):
    before = problem(heard, "jono").id
    looked = look(heard, {"ffff": [*QUEUE[:2]], "app": APP})
    assert looked.new == ()
    assert problem(heard, "jono").id == before
    assert held(heard)["jono"] == set(QUEUE[:2])


def test_names_and_states_that_people_gave_survive(heard, cast):
    named = problem(heard, "jono")
    curation.name(heard, named, "Jonotus", "Queueing", by=cast.analyst, as_of=NOON)
    curation.accept(heard, named, by=cast.analyst, as_of=NOON)
    look(heard, {"ffff": QUEUE, "app": APP})
    heard.refresh(named)
    assert (named.given_fi, named.state) == ("Jonotus", "accepted")
    assert held(heard)["jono"] == set(QUEUE)


def test_what_was_dismissed_does_not_come_back_as_a_new_problem(heard, cast):
    curation.dismiss(heard, problem(heard, "jono"), "Remontti oli ohi", by=cast.analyst, as_of=NOON)
    bring(heard, ("Taas jonoa", 2))
    looked = look(heard, {"ffff": [*QUEUE, "Taas jonoa"], "app": APP})
    assert looked.new == ()
    assert problem(heard, "jono").state == "dismissed"
    assert "Taas jonoa" in held(heard)["jono"]


def test_what_would_join_a_merged_problem_joins_its_heir(heard, cast):
    curation.merge(heard, problem(heard, "jono"), problem(heard, "app"), by=cast.analyst, as_of=NOON)
    bring(heard, ("Taas jonoa", 2))
    look(heard, {"jono": [*QUEUE, "Taas jonoa"], "app": APP})
    assert held(heard) == {"app": {*QUEUE, *APP, "Taas jonoa"}}


def test_a_quote_that_a_person_moved_stays_where_it_was_moved(heard, cast):
    quote = heard.exec(select(Mention).where(Mention.feedback_id == texts(heard)[QUEUE[0]].id)).one()
    curation.move(heard, quote, problem(heard, "app"), by=cast.analyst, as_of=NOON)
    look(heard, {"jono": QUEUE, "app": APP})
    assert held(heard) == {"jono": set(QUEUE[1:]), "app": {*APP, QUEUE[0]}}


def test_a_text_whose_only_problem_a_person_denied_is_shown_as_fitting_none(heard, cast):
    feedback = texts(heard)[QUEUE[0]]
    quote = heard.exec(select(Mention).where(Mention.feedback_id == feedback.id)).one()
    curation.deny(heard, quote, by=cast.analyst, as_of=NOON)
    look(heard, {"jono": QUEUE, "app": APP})
    heard.refresh(feedback)
    assert feedback.kind == "unplaced"
    assert held(heard)["jono"] == set(QUEUE[1:])


def test_a_new_problem_is_announced_when_others_stood_before_it(heard):
    assert heard.exec(select(Event).where(Event.verb == "problems.emerged")).all() == []
    bring(heard, *[(text, 1) for text in LOANS])
    looked = look(heard, {"jono": QUEUE, "app": APP, "laina": LOANS}, as_of=NOON + timedelta(hours=1))
    (event,) = heard.exec(select(Event).where(Event.verb == "problems.emerged")).all()
    assert looked.new == (problem(heard, "laina").id,)
    assert event.subject_id == str(looked.new[0])


def test_an_untouched_problem_that_falls_to_another_leads_there(heard):
    look(heard, {"kaikki": [*QUEUE, *APP]})
    one, other = problem(heard, "jono"), problem(heard, "app")
    assert {one.state, other.state} == {"found", "merged"}
    gone, heir = (one, other) if one.state == "merged" else (other, one)
    assert gone.merged_into_id == heir.id
    assert gone.merged_by is None


def test_new_feedback_joins_the_problems_that_stand(heard):
    bring(heard, ("Taas jonoa", 2), ("Parkkipaikka puuttuu", 5))
    material = finding.gather(heard, anew=False)
    assert [row.text for row in material.pending] == ["Taas jonoa", "Parkkipaikka puuttuu"]
    assert [standing.space for standing in material.standing] == [b"space"]
    member = Member(0, str(problem(heard, "jono").id), 0.8, 5, 10, True)
    joined = Joined((member,), ("fi", "und"), ("trouble", "unplaced"))
    finding.apply(heard, material, joined, None, by=None, as_of=NOON)
    assert "Taas jonoa" in held(heard)["jono"]
    quotes = heard.exec(
        select(Mention.quote).where(Mention.feedback_id == texts(heard)["Taas jonoa"].id)
    ).all()
    assert quotes == ["jonoa"]
    assert texts(heard)["Parkkipaikka puuttuu"].kind == "unplaced"


def test_what_people_merged_while_texts_were_read_is_respected(heard, cast):
    bring(heard, ("Taas jonoa", 2))
    material = finding.gather(heard, anew=False)
    queue, app = problem(heard, "jono"), problem(heard, "app")
    curation.merge(heard, queue, app, by=cast.analyst, as_of=NOON)
    joined = Joined((Member(0, str(queue.id), 0.8, 0, 10, True),), ("fi",), ("trouble",))
    finding.apply(heard, material, joined, None, by=None, as_of=NOON)
    assert "Taas jonoa" in held(heard)["app"]


def test_problems_are_found_anew_only_when_there_is_much_more(heard):
    assert not finding.wants_anew(heard)
    bring(heard, *[(f"Uusi palaute {i}", 5) for i in range(49)])
    assert not finding.wants_anew(heard)
    bring(heard, ("Viideskymmenes", 5))
    assert finding.wants_anew(heard)
    assert finding.work(heard) == 57


def test_a_problem_that_no_group_continues_goes_on_drawing_feedback_in_its_old_space(heard, cast):
    curation.accept(heard, problem(heard, "app"), by=cast.analyst, as_of=NOON)
    look(heard, {"jono": QUEUE})
    heard.expire_all()
    assert problem(heard, "app").centroid == b"app"
    assert len({p.finding_id for p in heard.exec(select(Problem)).all()}) == 2
    look(heard, {"jono": QUEUE, "app": APP})
    spaces = heard.exec(select(Finding.space).order_by(Finding.id)).all()
    assert spaces == [b"", b"", b"space"]


def test_a_person_who_denies_what_was_never_found_hinders_nobody_else(heard, cast):
    feedback = texts(heard)[QUEUE[0]]
    heard.add(
        Denial(problem_id=problem(heard, "app").id, feedback_id=feedback.id, made_by=None, made_at=NOON)
    )
    heard.flush()
    look(heard, {"jono": QUEUE, "app": [*APP, QUEUE[0]]})
    assert QUEUE[0] not in held(heard)["app"]


def test_real_texts_of_two_languages_become_two_problems_and_later_ones_join(engine, cast):
    with transaction(engine) as session:
        bring(session, *[(text, 2) for text in REAL])
    looked = finding.mine_pending(engine, as_of=NOON)
    assert (looked.texts, looked.anew) == (10, True)
    with transaction(engine) as session:
        problems = session.exec(select(Problem)).all()
        counts = sorted(len(said) for said in held(session).values())
        assert len(problems) == 2
        assert counts == [5, 5]
        bring(session, ("Seisoin konttorin jonossa puoli tuntia", 1))
    assert finding.mine_pending(engine, as_of=NOON).new == ()
    with transaction(engine) as session:
        assert sorted(len(said) for said in held(session).values()) == [5, 6]
    assert finding.mine_pending(engine, as_of=NOON) is None
