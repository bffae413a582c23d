"""Every page of the seeded bank, for everybody: axe finds nothing, nothing overflows, no script fails."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine
from sqlmodel import Session, select
from werkzeug.serving import make_server

from app import create_app
from promises.compensation.tables import Compensation, Payout
from promises.database import open_database, open_session
from promises.feedback.tables import Feedback
from promises.followup.tables import Closing, FollowUp
from promises.language import CODE, translations
from promises.people.tables import Branch, Person
from promises.service.excluded_tables import Exclusion
from promises.service.tables import Case, Verdict
from promises.settings import Settings
from promises.surveys.tables import Door
from promises.terms.tables import CustomerPromise
from promises.web import watching
from tests.conftest import SEEDED

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CODES = {str(one) for one in translations("en")._catalog if CODE.fullmatch(str(one))}
LOOKS = [(1280, "light", "fi-FI"), (390, "dark", "en-GB")]


@pytest.fixture(scope="module")
def seeded_engine(seeded_sqlite, tmp_path_factory) -> Iterator[Engine]:
    file = tmp_path_factory.mktemp("pages") / "pages.sqlite"
    shutil.copy(seeded_sqlite, file)
    engine = open_database(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def address(seeded_engine) -> Iterator[str]:
    settings = Settings(database_url="", secret_key="k" * 40, demo=True)
    app = create_app(settings, seeded_engine)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    with time_machine.travel(SEEDED, tick=True):
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()
        watching.rest(app)


def pages_of(session: Session) -> dict[str, list[str]]:
    """Addresses by the role that looks at them."""
    branch = session.exec(select(Branch).where(Branch.code == "haapaharju")).one()
    promise = session.exec(select(CustomerPromise)).first()
    broken = session.exec(
        select(Verdict).where(Verdict.branch_id == branch.id, Verdict.status == "broken")
    ).first()
    case = session.get(Case, (branch.id, broken.case_id))
    paid = session.exec(select(Payout).where(Payout.branch_id == branch.id)).first()
    open_one = session.exec(
        select(Compensation)
        .where(Compensation.branch_id == branch.id)
        .where(Compensation.id.not_in(select(Payout.compensation_id)))
    ).first()
    feedback = session.exec(select(Feedback)).first()
    person = session.exec(select(Person)).first()
    link = session.exec(select(Door.token).where(Door.channel == "link")).first()
    waiting = session.exec(
        select(FollowUp.id).where(
            FollowUp.branch_id == branch.id, FollowUp.id.not_in(select(Closing.follow_up_id))
        )
    ).first()
    exclusion = session.exec(select(Exclusion).where(Exclusion.branch_id == branch.id)).first()
    here = f"/branches/{branch.code}"
    return {
        "": ["/", "/sign-in", "/forgot", "/ticket", "/no-such-page", f"/s/{link}",
            f"/s/{link}?language=sv", "/survey/thanks"],
        "staff": [
            "/home", "/problems", "/problems/1", "/feedback", f"/feedback/{feedback.id}", "/proposals",
            "/proposals/1", "/proposals/new", "/proposals/new?problem=1", "/rounds", "/rounds/1", "/rounds/2",
            "/promises", f"/promises/{promise.code}", "/hours", f"{here}/desk", "/cases",
            f"{here}/cases/{case.id}", "/compensation", f"{here}/compensation/{open_one.id}",
            f"{here}/compensation/{paid.compensation_id}",
            f"{here}/compensation/{paid.compensation_id}/receipt", "/reports", f"{here}/report", "/people",
            f"{here}/vouchers", f"{here}/compensation/{open_one.id}/way", "/compensation?state=sent",
        ],
        "branch_manager": [
            "/home", "/rounds/2/vote", f"{here}/report", "/reports", f"{here}/board", f"{here}/hall",
            "/by-hand", f"{here}/exclusions/{exclusion.id}", f"{here}/cases/{exclusion.case_id}/award",
            f"{here}/cases/{case.id}/exclude",
            f"{here}/cases/{case.id}/customer", "/followup", f"/followup/{waiting}", "/feedback/praise",
        ],
        "management": [
            "/home", "/rounds/new", "/rounds/1", f"/promises/{promise.code}/terms", f"{here}/hours",
            "/reports", "/compensation", "/payments", "/payments/batches/1", "/payments/batches/2",
            "/payments/answers",
        ],
        "analyst": [
            "/home", "/feedback/import", "/feedback/intakes/1", "/problems/1/name", "/problems/1/merge",
            "/problems/1/dismiss", "/cases/import", "/nps", "/nps?by=touchpoint", "/surveys", "/surveys/1",
            "/surveys/2", "/surveys/new", "/surveys/1/answers", "/surveys/1/doors/1", "/followup",
            "/followup/rules", "/followup/rules/new", "/followup/effect", "/followup/tell/1",
            "/customers/erase", "/feedback/interviews/new", "/problems/1/sort", "/problems/agreement",
        ],
        "auditor": [
            "/home", "/journal", "/people", "/journal/chain", "/ledger", "/ledger?by=customer", "/misuse",
        ],
        "administrator": [
            "/home", "/tokens", "/webhooks", "/api", "/people", "/people/invite", f"/people/{person.id}",
            "/look",
        ],
    }  # fmt: skip


def enter(page: Page, address: str, engine: Engine, role: str) -> None:
    with open_session(engine, writes=False) as session:
        name = session.exec(select(Person.name).where(Person.role == role, Person.demo)).one()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name=name).click()
    page.wait_for_url("**/home")


@pytest.mark.browser
@pytest.mark.parametrize(
    "role", ["", "staff", "branch_manager", "management", "analyst", "auditor", "administrator"]
)
@pytest.mark.parametrize(("width", "theme", "locale"), LOOKS)
def test_pages_are_whole_for_everybody(
    chromium: Browser, address: str, seeded_engine: Engine, role: str, width: int, theme: str, locale: str
):
    window = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale=locale)
    page = window.new_page()
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    if role:
        enter(page, address, seeded_engine, role)
    with open_session(seeded_engine, writes=False) as session:
        paths = pages_of(session)[role]
    faults = []
    for path in paths:
        said.clear()
        answer = page.goto(address + path)
        expected = {"/people": 403 if role == "staff" else 200, "/no-such-page": 404}.get(path, 200)
        if answer.status != expected:
            faults.append(f"{path}: {answer.status}")
            continue
        found = Axe().run(page, options=RULES).response["violations"]
        faults += [f"{path}: {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            faults.append(f"{path}: {wide} px too wide")
        faults += [f"{path}: {line}" for line in said if "status of 40" not in line]
        if path != "/journal":
            shown = set(re.findall(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+", page.inner_text("body")))
            faults += [f"{path}: shows the code {code}" for code in sorted(shown & CODES)]
    window.close()
    assert faults == []
