"""A file is brought in: all or nothing, and nothing twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import func, select

from promises.database import transaction
from promises.feedback import actions, taking
from promises.feedback.intake.mapping import Columns, guess
from promises.feedback.intake.reading import open_file
from promises.feedback.intake.sheet import of_rows
from promises.feedback.tables import Feedback, Intake
from promises.journal.tables import Event
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.feedback.heard import bring, texts


def count(session):
    return session.exec(select(func.count()).select_from(Feedback)).one()


def test_rows_are_taken_with_everything_that_they_tell(session, cast):
    taken = bring(
        session,
        ("Jonotin tunnin", 3, "8.6.2026 klo 15.30", "Keskusta", "c1", "tabletti", "FI"),
        by=cast.analyst,
    )
    feedback = texts(session)["Jonotin tunnin"]
    assert (taken.taken, taken.known, taken.set_aside) == (1, 0, 0)
    assert (feedback.score, feedback.branch_id, feedback.customer) == (3, cast.centre, "c1")
    assert (feedback.source, feedback.language, feedback.kind, feedback.row) == ("tabletti", "fi", "", 2)
    assert feedback.given_at == datetime(2026, 6, 8, 15, 30, tzinfo=ZoneInfo("Europe/Helsinki"))
    assert feedback.intake_id == taken.intake.id


def test_branches_are_known_by_code_and_by_name(session, cast):
    bring(session, ("a b", 1, "", "centre"), ("c d", 1, "", "SATAMA"))
    assert {f.branch_id for f in texts(session).values()} == {cast.centre, cast.harbour}


def test_a_score_without_words_waits_for_no_look_for_problems(session, cast):
    bring(session, ("", 9))
    assert texts(session)[""].kind == "nothing"


def test_the_same_file_again_adds_nothing_and_leads_to_its_first_intake(session, cast):
    rows = [("Jonotin tunnin", 3), ("Hyvää työtä", 10), ("Hyvää työtä", 10), ("x", 11)]
    first = bring(session, *rows, fingerprint="abc")
    again = bring(session, *rows, fingerprint="abc", as_of=NOON + timedelta(days=30))
    assert (first.taken, first.set_aside, first.again) == (3, 1, False)
    assert (again.taken, again.known, again.again, again.intake.id) == (0, 3, True, first.intake.id)
    assert count(session) == 3
    assert session.exec(select(func.count()).select_from(Intake)).one() == 1


def test_a_longer_export_of_the_same_adds_only_what_is_new(session, cast):
    bring(session, ("Hyvä", 9), ("Hyvä", 9), fingerprint="january")
    longer = bring(session, ("Hyvä", 9), ("Hyvä", 9), ("Hyvä", 9), ("Jono", 2), fingerprint="february")
    assert (longer.taken, longer.known) == (2, 2)


def test_the_same_file_read_with_other_columns_takes_no_row_twice(session, cast):
    rows = [("Jonotin tunnin", 3, "", "centre"), ("Hyvää työtä", 10, "", "Rovaniemi")]
    bring(session, *rows, fingerprint="abc")
    without_branch = guess(of_rows(("text", "score"), []))
    again = bring(session, *rows, fingerprint="abc", columns=without_branch)
    assert (again.taken, again.known) == (1, 1)
    assert count(session) == 2


def test_a_row_that_was_put_right_is_taken_the_second_time(session, cast):
    bring(session, ("Jonotin tunnin", 3), ("Hyvää työtä", 11), fingerprint="wrong")
    again = bring(session, ("Jonotin tunnin", 3), ("Hyvää työtä", 10), fingerprint="right")
    assert (again.taken, again.known, again.set_aside) == (1, 1, 0)


def test_three_bad_rows_in_ten_thousand_are_set_aside_and_the_others_taken(session, cast):
    rows = [(f"Palaute numero {i}", i % 11, "8.6.2026", "centre") for i in range(10_000)]
    rows[10], rows[5_000], rows[9_999] = ("a b", 11), ("c d", 3, "eilen"), ("e f", 3, "", "Rovaniemi")
    taken = bring(session, *rows)
    assert (taken.taken, taken.set_aside) == (9_997, 3)
    assert count(session) == 9_997
    assert [(row["row"], row["faults"]) for row in taken.intake.set_aside] == [
        (12, [{"field": "score", "reason": "score_range", "found": "11"}]),
        (5_002, [{"field": "date", "reason": "date", "found": "eilen"}]),
        (10_001, [{"field": "branch", "reason": "branch", "found": "Rovaniemi"}]),
    ]


def test_a_file_of_which_nothing_can_be_taken_is_refused_with_its_first_faults(session, cast):
    with pytest.raises(Refusal) as refusal:
        bring(session, ("a b", 11), ("c d", 12))
    assert refusal.value.code == "feedback.nothing_taken"
    assert refusal.value.facts["rows"] == 2
    assert refusal.value.facts["first"][0]["faults"][0]["reason"] == "score_range"


def test_a_refusal_in_the_middle_leaves_nothing_behind(engine, cast):
    data = "text,score\n" + "Hyvä palvelu,9\n" * 1_500 + '"Jono,3\n' + "Hyvä palvelu,9\n" * 20_000
    sheet = open_file(data.encode())
    with pytest.raises(Refusal, match="quote_open"), transaction(engine) as session:
        taking.bring_in(session, sheet, replace(guess(sheet), source="x"), filename="x", by=None, as_of=NOON)
    with transaction(engine) as session:
        assert count(session) == 0
        assert session.exec(select(Intake)).all() == []


def test_rows_without_a_date_get_the_day_that_was_said_but_never_one_to_come(session, cast):
    sheet = of_rows(["text", "date"], [["Jono", ""], ["Toinen", "1.6.2026"]])
    columns = replace(guess(sheet), source="x")
    day = datetime(2026, 5, 1, tzinfo=ZoneInfo("Europe/Helsinki"))
    taking.bring_in(session, sheet, columns, filename="x", by=None, as_of=NOON, default_at=day)
    assert texts(session)["Jono"].given_at == day
    assert texts(session)["Toinen"].given_at > day
    with pytest.raises(Refusal, match="day_in_future"):
        taking.bring_in(
            session, sheet, columns, filename="x", by=None, as_of=NOON, default_at=NOON + timedelta(seconds=1)
        )


def test_two_people_who_bring_in_the_same_rows_at_once_take_each_of_them_once(engine, cast):
    rows = [[f"Palaute {i}", str(i % 11)] for i in range(300)]
    start = Barrier(2)

    def bring_at_once(order):
        sheet = of_rows(["text", "score"], rows[::order], f"file {order}")
        start.wait()
        with transaction(engine) as session:
            columns = replace(guess(sheet), source="kysely")
            taken = taking.bring_in(session, sheet, columns, filename="x", by=cast.analyst, as_of=NOON)
            return taken.taken, taken.known

    with ThreadPoolExecutor(2) as both:
        outcomes = Counter(both.map(bring_at_once, (1, -1)))
    assert outcomes == Counter({(300, 0): 1, (0, 300): 1})


def test_the_journal_tells_how_much_came_in_but_no_words(session, cast):
    taken = bring(session, ("Jonotin tunnin", 3), ("x", 11), by=cast.analyst)
    (event,) = session.exec(select(Event).where(Event.verb == "feedback.brought_in")).all()
    assert (event.person_id, event.subject_id) == (cast.analyst, str(taken.intake.id))
    assert event.facts == {"taken": 1, "known": 0, "set_aside": 1}


def test_the_same_header_is_offered_the_columns_that_were_confirmed(session, cast):
    sheet = of_rows(["Oma sarake", "Luku"], [["Jono", "3"]])
    confirmed = Columns({"text": 0, "score": 1}, source="oma kysely")
    taking.bring_in(session, sheet, confirmed, filename="x", by=None, as_of=NOON)
    offered, remembered = actions.proposed_columns(session, of_rows(["oma sarake", "LUKU"], [["Muu", "4"]]))
    assert (offered, remembered) == (confirmed, True)
    assert not actions.proposed_columns(session, of_rows(["Muu", "LUKU"], [["Muu", "4"]]))[1]


def test_ten_thousand_questions_of_a_real_bank_come_in_without_trouble(session, cast):
    data = "text,category\n" + "".join(
        f'"Why was my card, number {i}, declined?",card\n' for i in range(10_003)
    )
    sheet = open_file(data.encode())
    taken = taking.bring_in(
        session, sheet, replace(guess(sheet), source="bank"), filename="questions.csv", by=None, as_of=NOON
    )
    assert (taken.taken, taken.set_aside) == (10_003, 0)
