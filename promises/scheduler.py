"""A timetable only: which verb, how often. The verbs themselves are safe to run twice, anywhere."""

from __future__ import annotations

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from sqlalchemy import Engine

from promises import clock
from promises.compensation import actions as _compensation  # noqa: F401 - hears of what breaks
from promises.database import transaction
from promises.feedback import keeping
from promises.feedback.actions import sweep_staged
from promises.feedback.finding import mine_pending
from promises.outbox.actions import send_due
from promises.outbox.transport import transport
from promises.service.watch import tick
from promises.settings import Settings
from promises.surveys import letters
from promises.web.once import sweep

MAIL_SECONDS = 5
MINING_SECONDS = 5


def timetable(settings: Settings, engine: Engine, *, background: bool = False) -> BaseScheduler:
    """The watch's timetable, ready to be started.

    A run that is late is made up for once, however late; one that is still going is not joined by a second.
    """
    kind = BackgroundScheduler if background else BlockingScheduler
    schedule: BaseScheduler = kind(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(4)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    send = transport(settings)
    every = schedule.add_job
    every(lambda: tick(engine, clock.now()), "interval", seconds=settings.watch_seconds, id="watch")
    every(lambda: send_due(engine, send, as_of=clock.now()), "interval", seconds=MAIL_SECONDS, id="mail")
    every(lambda: mine_pending(engine, as_of=clock.now()), "interval", seconds=MINING_SECONDS, id="problems")
    every(lambda: letters.send_due(engine, settings, as_of=clock.now()), "interval", seconds=60, id="surveys")
    # Not between 03 and 04, which a night of clock change may lack or have twice.
    every(lambda: _sweep(engine), "cron", hour=1, minute=15, id="sweep")
    return schedule


def _sweep(engine: Engine) -> None:
    with transaction(engine) as session:
        sweep(session, clock.now())
        sweep_staged(session, clock.now())
        keeping.sweep(session, clock.now())
        letters.sweep(session, clock.now())
