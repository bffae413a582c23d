"""``promises import feedback FILE``."""

import pytest
from click.testing import CliRunner
from sqlmodel import select

from promises.database import open_session
from promises.feedback.import_command import import_feedback
from promises.feedback.tables import Feedback, Intake

GOOD = (
    "Pvm;Konttori;NPS;Palaute\n8.6.2026;Keskusta;3;Jonotin melkein tunnin\n8.6.2026;satama;10;Hyvää työtä\n"
)


@pytest.fixture
def run(engine, cast, tmp_path, noon):
    def command(content, *options, mine=False):
        file = tmp_path / "palaute.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        how = [] if mine else ["--no-mine"]
        return CliRunner().invoke(import_feedback, [str(file), *options, *how], obj=engine)

    return command


def taken(engine):
    with open_session(engine, writes=False) as session:
        return session.exec(select(Feedback).order_by(Feedback.id)).all()


def test_a_file_comes_in_with_its_columns_guessed(run, engine, cast):
    outcome = run(GOOD)
    assert outcome.exit_code == 0, outcome.output
    assert "Otettu 2, ennestään tuttuja 0, jätetty sivuun 0." in outcome.stdout
    assert [(f.text, f.score, f.source) for f in taken(engine)] == [
        ("Jonotin melkein tunnin", 3, "palaute"),
        ("Hyvää työtä", 10, "palaute"),
    ]


def test_columns_and_source_can_be_said(run, engine):
    run(
        "a;b\nJonotin tunnin;Toinen\n",
        "--text",
        "B",
        "--score",
        "",
        "--source",
        "kysely",
        "--header",
        "--on",
        "2026-05-01",
    )
    (feedback,) = taken(engine)
    assert (feedback.text, feedback.source, feedback.given_at.isoformat()) == (
        "Toinen",
        "kysely",
        "2026-04-30T21:00:00+00:00",
    )


def test_the_same_file_again_adds_nothing(run, engine):
    run(GOOD)
    outcome = run(GOOD)
    assert outcome.exit_code == 0
    assert "tuotu jo aiemmin" in outcome.stdout
    assert len(taken(engine)) == 2


def test_rows_set_aside_are_told_and_written_to_a_file(run, engine, tmp_path):
    aside = tmp_path / "aside.csv"
    outcome = run(GOOD + "eilen;Rovaniemi;3;Huono päivä\n", "--set-aside", str(aside))
    assert outcome.exit_code == 0
    assert (
        "rivi 4: päivä: päivää ei voi lukea (eilen); konttori: tuntematon konttori (Rovaniemi)"
        in outcome.stderr
    )
    assert "Huono päivä" in aside.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        ("", (), "Tiedosto on tyhjä."),
        (b"%PDF-1.4", (), "muotoa PDF"),
        (GOOD, ("--text", "Kommentti"), "Siinä on: Pvm, Konttori, NPS, Palaute."),
        (GOOD, ("--text", ""), "missä sarakkeessa"),
        ("Jonotin tunnin konttorilla\nEikä kukaan palvellut minua\n", (), "missä sarakkeessa"),
        (GOOD.replace("Palaute", "Sarake"), (), "missä sarakkeessa"),
        (GOOD.replace("8.6.2026", "4/6/2026"), (), "Kerro, kumpi on ensin."),
        (GOOD, ("--encoding", "utf-16"), "merkistöä"),
    ],
)
def test_what_cant_be_done_is_said_in_one_sentence_with_exit_code_2(run, engine, content, options, told):
    outcome = run(content, *options)
    assert outcome.exit_code == 2
    assert told in outcome.stderr
    assert taken(engine) == []
    with open_session(engine, writes=False) as session:
        assert session.exec(select(Intake)).all() == []


def test_a_file_of_which_nothing_fits_shows_why(run):
    outcome = run(GOOD, "--score", "Palaute", "--text", "NPS")
    assert outcome.exit_code == 2
    assert "rivi 2: arvosana: ei ole kokonaisluku" in outcome.stderr


def test_dates_are_read_as_it_is_said(run, engine):
    run(GOOD.replace("8.6.2026", "4/6/2026"), "--month-first")
    assert {f.given_at.month for f in taken(engine)} == {4}


def test_problems_are_looked_for_afterwards(run, engine):
    outcome = run(GOOD, mine=True)
    assert outcome.exit_code == 0, outcome.output
    assert "0 uutta ongelmaa löytyi." in outcome.stdout
    assert all(feedback.kind for feedback in taken(engine))
