"""The seeded bank: whole, believable, and loaded once however often it is asked for."""

import shutil
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, text
from sqlmodel import select

from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import open_database, open_session, transaction
from promises.decisions.tables import Decision, Round
from promises.feedback.tables import Feedback, Mention, Problem
from promises.people.roles import Role
from promises.people.tables import Branch, Person, Region
from promises.proposals.tables import Proposal
from promises.seeding.load import load
from promises.service.tables import Case, Verdict
from promises.tables import metadata
from promises.terms.tables import CustomerPromise, Terms
from tests.conftest import SEEDED, administer, database


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def seeded(request, tmp_path_factory):
    """A seeded database, loaded once for all tests of this file."""
    if request.config.getoption("--database") not in {request.param, "both"}:
        pytest.skip("another database was asked for")
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("seeded") / "copy.sqlite"
        shutil.copy(request.getfixturevalue("seeded_sqlite"), file)
        engine = open_database(f"sqlite:///{file}")
    else:
        server = request.getfixturevalue("postgresql_server")
        request.getfixturevalue("blank_postgresql")
        administer(server, "CREATE DATABASE seeded TEMPLATE blank")
        engine = open_database(database(server, "seeded"))
        with transaction(engine) as session:
            assert load(session, as_of=SEEDED)
    yield engine
    engine.dispose()


@pytest.fixture
def read(seeded):
    with open_session(seeded, writes=False) as session:
        yield session


def count(session, table, *where):
    return session.exec(select(func.count()).select_from(table).where(*where)).one()


def test_the_bank_has_its_branches_and_people_in_every_role(read):
    assert count(read, Region) == 2
    assert count(read, Branch) == 6
    people = read.exec(select(Person)).all()
    assert 15 <= len(people) <= 20
    assert Counter(p.role for p in people if p.demo) == {role.value: 1 for role in Role}


def test_all_feedback_came_in_and_problems_were_found_in_it(read):
    assert count(read, Feedback, Feedback.source != "survey") == 800
    assert count(read, Problem) >= 12
    largest = read.exec(
        select(func.count()).select_from(Mention).group_by(Mention.problem_id).order_by(func.count().desc())
    ).first()
    assert largest >= 60


def test_one_round_has_been_decided_and_one_is_open(read):
    rounds = read.exec(select(Round).order_by(Round.closes_at)).all()
    assert len(rounds) == 2
    assert rounds[0].closes_at < SEEDED < rounds[1].closes_at
    outcomes = Counter(read.exec(select(Decision.outcome)).all())
    assert outcomes == {"chosen": 3, "rejected": 1, "sent_back": 1}
    assert count(read, Proposal) >= 7


def test_three_promises_are_live_with_half_a_year_of_cases(read):
    assert count(read, CustomerPromise) == 3
    assert count(read, Case) > 40_000
    for promise in read.exec(select(CustomerPromise)).all():
        decided = Counter(
            dict(
                read.exec(
                    select(Verdict.status, func.count())
                    .where(Verdict.promise_id == promise.id)
                    .group_by(Verdict.status)
                ).all()
            )
        )
        share = decided["kept"] / (decided["kept"] + decided["broken"])
        assert 0.85 < share < 0.99, promise.code


def test_the_bad_branch_shows(read):
    promise = read.exec(select(CustomerPromise).where(CustomerPromise.code == "served-in-15")).one()
    shares = {}
    for branch in read.exec(select(Branch)).all():
        decided = dict(
            read.exec(
                select(Verdict.status, func.count())
                .where(Verdict.promise_id == promise.id, Verdict.branch_id == branch.id)
                .group_by(Verdict.status)
            ).all()
        )
        shares[branch.code] = decided["kept"] / (decided["kept"] + decided["broken"])
    assert min(shares, key=shares.get) == "haapaharju"
    assert shares["haapaharju"] < 0.9 < min(share for code, share in shares.items() if code != "haapaharju")


def test_every_broken_case_has_its_one_compensation_and_the_ledger_tells_the_same(read):
    broken = read.exec(select(Verdict.id).where(Verdict.status == "broken")).all()
    undone = set(read.exec(select(Entry.reverses).where(Entry.kind == "reversed")))
    every = read.exec(select(Compensation)).all()
    # What a case left out by hand was owed is taken back; an award by hand comes on top, as a second part.
    standing = [one.verdict_id for one in every if one.part == 1 and one.id not in undone]
    assert sorted(standing) == sorted(broken)
    assert count(read, Entry, Entry.kind == "owed") == len(every)
    assert count(read, Entry, Entry.kind == "paid") == count(read, Payout) < len(broken)
    owed = read.exec(select(func.sum(Compensation.amount))).one()
    entered = read.exec(select(func.sum(Entry.amount)).where(Entry.kind == "owed")).one()
    assert owed == entered > 0


def test_nobody_waits_from_the_night_before(read):
    midnight = datetime(2026, 10, 13, 21, 0, tzinfo=UTC)
    assert read.exec(select(func.max(Case.started_at))).one() < midnight


def test_terms_are_in_force_since_half_a_year(read):
    for terms in read.exec(select(Terms)).all():
        assert 175 <= (SEEDED - terms.starts_at).days <= 190


def test_loading_it_again_changes_nothing(seeded):
    def rows():
        with seeded.connect() as connection:
            return {
                name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar()
                for name in metadata.tables
            }

    before = rows()
    with transaction(seeded) as session:
        assert not load(session, as_of=SEEDED)
    assert rows() == before
