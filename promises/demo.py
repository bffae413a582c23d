"""The demo: its own SQLite file, seeded, served and watched until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from sqlmodel import select

from promises import clock, language
from promises.database import open_database, open_session, transaction, upgrade
from promises.feedback.board import counts
from promises.keeper import Keeper
from promises.language import gettext
from promises.people.queries import demo_people
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.seeding.hall import Hall, open_hall
from promises.seeding.load import load
from promises.service.recount import fill
from promises.settings import Settings

HOST = "127.0.0.1"
PATIENCE_S = 10
BRANCH = "haapaharju"
"""Where the demo's branch manager works, and its hall is open."""
ROOT = Path(__file__).parents[1]


def run(port: int) -> int:
    """Prepare the demo and serve it on *port* until it is stopped; the exit code."""
    environment = {**os.environ, "PROMISES_DEMO": "1", "BASE_URL": f"http://{HOST}:{port}"}
    try:
        settings = Settings.from_environment(environment)
        language.use(settings.language)
        _check_port(port)
        hall = prepare(settings)
    except Refusal as refusal:
        print(language.sentence(refusal), file=sys.stderr)
        return 2
    welcome(settings, hall)
    watcher = _start_watcher(environment)
    here = os.getpid()
    try:
        _Server(settings, port).run()
    except SystemExit as end:
        if os.getpid() != here:
            raise  # a worker of the server, forked from this process, is on its way out
        return int(end.code or 0)
    finally:
        if os.getpid() == here:
            watcher.stop(PATIENCE_S)
    return 0


def prepare(settings: Settings) -> Hall | None:
    """Bring the schema up to date, load the seed if it is not there yet, and open the demo's hall."""
    engine = open_database(settings.database_url)
    print(gettext("demo.preparing"), flush=True)
    upgrade(engine)
    with transaction(engine) as session:
        load(session, as_of=clock.now(), secret=settings.secret_key)
        fill(session)
        counts.fill(session)
    with transaction(engine) as session:
        branch = session.exec(select(Branch).where(Branch.code == BRANCH)).first()
        secret, now = settings.secret_key, clock.now()
        hall = open_hall(session, branch, secret=secret, as_of=now) if branch else None
    engine.dispose()
    return hall


def welcome(settings: Settings, hall: Hall | None = None) -> None:
    """Print where to go, who can come in, and what nobody signs in to."""
    engine = open_database(settings.database_url)
    with open_session(engine, writes=False) as session:
        people = demo_people(session)
    engine.dispose()
    print()
    print(gettext("demo.address", address=settings.base_url))
    print(gettext("demo.sign_in", address=f"{settings.base_url}/sign-in"))
    for person in people:
        print(f"  {gettext(f'role.{person.role}'):<32}{person.name:<24}{person.email}")
    if hall is not None:
        print(gettext("demo.hall"))
        places = {gettext(f"device.{kind}"): path for kind, path in hall.devices.items()}
        for name, path in {**places, gettext("onward.customer"): hall.customer}.items():
            if path:
                print(f"  {name:<32}{settings.base_url}{path}")
    print()
    print(gettext("demo.stop"), flush=True)


def _start_watcher(environment: dict[str, str]) -> Keeper:
    """The watch beside the server. One that can't be kept running ends the demo: nothing runs unwatched."""
    paths = [str(ROOT), *filter(None, [environment.get("PYTHONPATH")])]

    def end() -> None:
        print(gettext("demo.watch_ended"), file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)

    command = [sys.executable, "-m", "promises", "watch"]
    return Keeper(command, {**environment, "PYTHONPATH": os.pathsep.join(paths)}, gave_up=end)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise Refusal("demo.port_taken", port=port) from None


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn inside this process: the same server as in production."""

    def __init__(self, settings: Settings, port: int) -> None:
        self._settings, self._port = settings, port
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": f"{HOST}:{self._port}",
            "workers": 1,
            "threads": 4,
            "loglevel": "error",
            "graceful_timeout": PATIENCE_S,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from app import create_app

        return create_app(self._settings)
