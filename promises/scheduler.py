"""A timetable only: which verb, how often. The verbs themselves are safe to run twice, anywhere.

Nothing here may hold up a tick: what needs a processor for seconds, as reading texts does, runs in a process
of its own that gives way to this one and ends when it is done.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_STOPPED, BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import Engine
from sqlmodel import Session

from promises import clock
from promises.audit import verify
from promises.compensation import actions as _compensation  # noqa: F401 - hears of what breaks
from promises.compensation.reminders import remind
from promises.database import open_session, transaction
from promises.feedback import keeping
from promises.feedback.finding.actions import pending
from promises.feedback.tables import IntakeWork
from promises.files import staging
from promises.files.taking import waiting
from promises.followup import actions as followup
from promises.outbox import sweeping
from promises.outbox.leaving import send_mail, send_webhooks
from promises.payments.deadlines import due
from promises.service.heartbeat import Pulse
from promises.service.tables import CaseIntakeWork
from promises.service.watch import SetAside, tick
from promises.settings import Settings
from promises.surveys import letters
from promises.web.once import sweep

MAIL_SECONDS = 5
WEBHOOK_SECONDS = 2
REMINDER_SECONDS = 60
DEADLINE_SECONDS = 10
MINING_SECONDS = 5
FILE_SECONDS = 2
# Whoever waits for a command beside looks so often whether the watch itself is over.
OVER_SECONDS = 1.0
# After one that failed, the next run of a command beside is made only so long after.
REST = timedelta(minutes=10)
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
log = structlog.get_logger()


def timetable(settings: Settings, engine: Engine, *, background: bool = False) -> BaseScheduler:
    """The watch's timetable, ready to be started.

    A run that is late is made up for once, however late; one that is still going is not joined by a second.
    """
    kind = BackgroundScheduler if background else BlockingScheduler
    schedule: BaseScheduler = kind(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(8)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    # That a run isn't joined by a second is as it should be, and may be so for minutes: no line for each.
    logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
    watch = _Watch(engine)

    def beside(command: str, wanted: Callable[[Session], object]) -> _Beside:
        return _Beside(command, wanted, settings, engine, lambda: bool(schedule.state == STATE_STOPPED))

    miner = beside("find-problems", pending)
    taker = beside("take-files", _files_waiting)
    verifier = beside("verify", lambda session: verify.due(session, clock.now()))
    every = schedule.add_job
    every(watch.look, "interval", seconds=settings.watch_seconds, id="watch")
    every(lambda: send_mail(engine, settings, as_of=clock.now()), "interval", seconds=MAIL_SECONDS, id="mail")
    every(
        lambda: send_webhooks(engine, settings, as_of=clock.now()),
        "interval",
        seconds=WEBHOOK_SECONDS,
        id="webhooks",
    )
    every(lambda: remind(engine, as_of=clock.now()), "interval", seconds=REMINDER_SECONDS, id="reminders")
    every(lambda: due(engine, clock.now()), "interval", seconds=DEADLINE_SECONDS, id="deadlines")
    every(miner.look, "interval", seconds=MINING_SECONDS, id="problems")
    every(taker.look, "interval", seconds=FILE_SECONDS, id="files")
    every(lambda: letters.send_due(engine, settings, as_of=clock.now()), "interval", seconds=60, id="surveys")
    every(lambda: followup.watch(engine, as_of=clock.now()), "interval", seconds=30, id="followup")
    # Not between 03 and 04, which a night of clock change may lack or have twice.
    every(lambda: _sweep(engine), "cron", hour=1, minute=15, id="sweep")
    every(verifier.look, "cron", hour=1, minute=45, id="verify")
    return schedule


def _files_waiting(session: Session) -> bool:
    return any(waiting(session, table, clock.now()) for table in (CaseIntakeWork, IntakeWork))


class _Watch:
    """One watcher: its ticks, what it couldn't judge, and its sign of life after each tick."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._aside, self._pulse = engine, SetAside(), Pulse(clock.now())

    def look(self) -> None:
        found = tick(self._engine, clock.now(), set_aside=self._aside)
        self._pulse.beat(self._engine, clock.now(), found.stuck)


class _Beside:
    """A command that runs in a process of its own, one at a time, whenever there is work for it.

    :param over: whether the watch has ended: then what runs is ended too.
    """

    def __init__(
        self,
        command: str,
        wanted: Callable[[Session], object],
        settings: Settings,
        engine: Engine,
        over: Callable[[], bool],
    ) -> None:
        self._command, self._wanted, self._over = command, wanted, over
        self._engine, self._rests_until = engine, clock.now()
        here = {"DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key}
        self._environment = {**os.environ, **here, **ONE_THREAD}

    def look(self) -> None:
        with open_session(self._engine, writes=False) as session:
            if clock.now() < self._rests_until or not self._wanted(session):
                return
        command = [sys.executable, "-m", "promises", self._command]
        process = subprocess.Popen(command, env=self._environment)  # noqa: S603 - our own command
        while (exit_code := _ended(process)) is None:
            if self._over():
                process.terminate()
        if exit_code > 0:
            log.error("beside.failed", command=self._command, exit_code=exit_code)
            self._rests_until = clock.now() + REST


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code, if the process ends soon."""
    try:
        return process.wait(OVER_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _sweep(engine: Engine) -> None:
    with transaction(engine) as session:
        sweep(session, clock.now())
        staging.sweep(session, clock.now())
        sweeping.sweep(session, clock.now())
        keeping.sweep(session, clock.now())
        letters.sweep(session, clock.now())
