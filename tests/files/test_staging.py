"""A file that waits: sealed, whole, for a day or until it is taken, and gone with the customer it names."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from promises.database import open_session, transaction
from promises.feedback.begun import begin
from promises.feedback.erasing import erase
from promises.feedback.hearing import Said, hear, open_source
from promises.feedback.intake.mapping import guess
from promises.feedback.intake.reading import fingerprint_of, open_file
from promises.feedback.tables import Feedback, Intake, IntakeSetAside, IntakeWork
from promises.feedback.taking import take_all, take_staged
from promises.files import staging
from promises.files.sealing import seal, unseal
from promises.files.tables import StagedFile, StagedPiece
from promises.files.taking import LEASE, carry_on, drop_file
from promises.refusal import Refusal
from promises.service.tables import CaseIntake, CaseIntakeWork
from tests.conftest import NOON

SECRET = "s" * 40
WORDS = "text;customer\nJonotin tunnin konttorilla;4711\nHyvää palvelua kaikilta;4712\n".encode()


@pytest.fixture
def wait(engine, cast):
    """Let a file wait, as the page does."""

    def waits(content=WORDS, name="palaute.csv", as_of=NOON, secret=SECRET):
        return staging.stage(
            engine,
            name,
            content,
            fingerprint=fingerprint_of(content),
            by=cast.analyst,
            secret=secret,
            as_of=as_of,
        )

    return waits


def count(engine, table):
    with open_session(engine, writes=False) as session:
        return session.exec(select(func.count()).select_from(table)).one()


def begun(engine, staged, content=WORDS):
    sheet = open_file(content)
    columns = guess(sheet)
    with transaction(engine) as session:
        columns = type(columns)(columns.where, columns.order, "kysely")
        return begin(
            session, sheet, columns, filename="x", by=None, as_of=NOON, token=staged.token, at_it=False
        ).id  # fmt: skip


def test_a_piece_opens_only_in_its_own_place_and_with_its_own_secret():
    sealed = seal(SECRET, "token", 3, b"words")
    assert unseal(SECRET, "token", 3, sealed) == b"words"
    for secret, token, number in (("t" * 40, "token", 3), (SECRET, "other", 3), (SECRET, "token", 4)):
        with pytest.raises(Refusal, match="sealed"):
            unseal(secret, token, number, sealed)


@pytest.mark.parametrize("size", [1, staging.PIECE, staging.PIECE + 1, 5 * staging.PIECE + 7])
def test_what_waits_comes_back_as_it_was_however_large(engine, wait, size):
    content = (b"text\n" + b"Jonotin tunnin\n" * (size // 15 + 1))[: size + 20]
    staged = wait(content)
    with open_session(engine, writes=False) as session:
        assert staging.content_of(session, staged.token, SECRET) == content


def test_nothing_of_a_file_that_waits_can_be_read_in_the_database(engine, wait):
    wait()
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT sealed FROM staged_piece")).scalars().all()
    assert rows
    for word in (b"Jonotin", b"konttorilla", b"4711", b"text;"):
        assert all(word not in bytes(row) for row in rows)


def test_the_name_of_an_upload_is_never_a_path(wait):
    assert wait(name="C:\\temp\\..\\palaute.csv").filename == "palaute.csv"
    assert wait(name="../../etc/passwd\n").filename == "passwd"
    assert wait(name="").filename == "-"


def test_a_file_whose_columns_nobody_confirms_is_forgotten_after_a_day(engine, wait):
    staged = wait()
    for later, left in ((timedelta(days=1), 1), (timedelta(days=1, seconds=1), 0)):
        with transaction(engine) as session:
            staging.sweep(session, NOON + later)
        assert count(engine, StagedFile) == count(engine, StagedPiece) == left
    with open_session(engine, writes=False) as session:
        assert staging.staged_for(session, staged.token, staged.person_id) is None


def test_only_who_brought_it_finds_a_file_that_waits(engine, wait, cast):
    staged = wait()
    with open_session(engine, writes=False) as session:
        assert staging.staged_for(session, staged.token, cast.analyst) is not None
        assert staging.staged_for(session, staged.token, cast.director) is None


def test_a_header_without_rows_does_not_even_wait(wait):
    with pytest.raises(Refusal, match="no_rows"):
        wait(b"text;score\n")


def test_a_file_that_is_taken_leaves_nothing_of_itself(engine, wait):
    number = begun(engine, wait())
    assert carry_on(engine, take_staged(None), SECRET, lambda: NOON) == 1
    assert count(engine, StagedPiece) == count(engine, StagedFile) == 0
    assert count(engine, Feedback) == 2
    with open_session(engine, writes=False) as session:
        assert session.get_one(IntakeWork, number).token is None


def test_a_confirmed_file_that_no_watch_takes_goes_after_a_week_and_goes_on_when_it_is_brought_again(
    engine, wait
):
    begun(engine, wait())
    with transaction(engine) as session:
        staging.sweep(session, NOON + staging.CONFIRMED)
        assert session.exec(select(func.count()).select_from(StagedFile)).one() == 1
        staging.sweep(session, NOON + staging.CONFIRMED + timedelta(seconds=1))
    assert count(engine, StagedFile) == 0
    assert carry_on(engine, take_staged(None), SECRET, lambda: NOON + timedelta(days=8)) == 0
    begun(engine, wait())
    assert carry_on(engine, take_staged(None), SECRET, lambda: NOON + LEASE) == 1
    assert count(engine, Intake) == 1
    assert count(engine, Feedback) == 2


def test_a_file_sealed_with_another_secret_is_ended_with_its_reason(engine, wait):
    number = begun(engine, wait(secret="another secret that is long enough"))
    assert carry_on(engine, take_staged(None), SECRET, lambda: NOON) == 1
    with open_session(engine, writes=False) as session:
        assert session.get_one(IntakeWork, number).stopped["code"] == "files.sealed"
    assert count(engine, StagedFile) == 0


def test_an_erased_customer_goes_from_files_that_wait_and_what_is_left_of_them_is_not_taken(engine, wait):
    other = wait(WORDS.replace(b"4711", b"4713"))
    number = begun(engine, wait())
    with transaction(engine) as session:
        gone = erase(session, "4711", secret=SECRET, by=None, as_of=NOON)
    assert gone.counts["staged"] == 1
    with open_session(engine, writes=False) as session:
        assert session.exec(select(StagedFile.token)).all() == [other.token]
        work = session.get_one(IntakeWork, number)
        assert (work.stopped["code"], work.token) == ("files.erased", None)
    assert carry_on(engine, take_staged(None), SECRET, lambda: NOON + LEASE) == 0
    assert count(engine, Feedback) == 0


def test_an_erased_customer_goes_from_the_rows_that_were_set_aside_however_many(engine, wait):
    rows = "".join(f"Jono {n};{4711 if n % 2 else 4712};{n + 99}\n" for n in range(1_010))
    content = ("text;customer;score\nHyvä palvelu;1;9\n" + rows).encode()
    sheet = open_file(content)
    with transaction(engine) as session:
        columns = guess(sheet)
        columns = type(columns)(columns.where, columns.order, "kysely")
        number = begin(session, sheet, columns, filename="x", by=None, as_of=NOON).id
    take_all(engine, number, sheet, now=lambda: NOON)
    assert count(engine, IntakeSetAside) == 10
    with transaction(engine) as session:
        assert erase(session, "4711", secret=SECRET, by=None, as_of=NOON).counts["set_aside"] == 505
    with open_session(engine, writes=False) as session:
        intake = session.get_one(Intake, number)
        left = [*intake.set_aside, *(one.fault for one in session.exec(select(IntakeSetAside)))]
    assert {row["cells"][1] for row in left} == {"4712"}


def test_a_file_of_cases_that_goes_is_ended_too(engine, wait):
    staged = wait()
    with transaction(engine) as session:
        intake = CaseIntake(
            filename="x", sha256="x", source="x", mapping={}, taken=0, known=0, made_at=NOON
        )  # fmt: skip
        session.add(intake)
        session.flush()
        number = intake.id
        session.add(CaseIntakeWork(intake_id=number, token=staged.token, moved_at=NOON))
        session.flush()
        drop_file(session, staged.token, Refusal("files.erased"), NOON)
    with open_session(engine, writes=False) as session:
        assert session.get_one(CaseIntakeWork, number).stopped["code"] == "files.erased"


def test_answers_without_words_keep_no_personal_code_and_no_address_of_people(engine, cast):
    with transaction(engine) as session:
        source = open_source(session, "kysely", "kysely", by=None, as_of=NOON)
        said = Said("1", "", NOON, customer="131052-308T", touchpoint="matti@posti.fi")
        (one,) = hear(session, source, [said], as_of=NOON)
        assert "131052" not in one.customer
        assert one.touchpoint == "[email]"


def test_a_column_of_touchpoints_keeps_no_numbers_and_addresses_of_people(engine, cast):
    content = b"text;touchpoint;source\nJonotin;040 123 4567;Anna-tabletti\n"
    sheet = open_file(content)
    with transaction(engine) as session:
        columns = guess(sheet)
        columns = type(columns)(columns.where, columns.order, "kysely")
        number = begin(session, sheet, columns, filename="x", by=None, as_of=NOON).id
    take_all(engine, number, sheet, now=lambda: NOON)
    with open_session(engine, writes=False) as session:
        (one,) = session.exec(select(Feedback)).all()
    assert (one.touchpoint, one.source) == ("[phone]", "Anna-tabletti")
