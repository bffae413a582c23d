"""The timetable of the watch: quiet while a run takes long, and over at once when it is ended."""

from __future__ import annotations

import sys
import time
from threading import Event

from apscheduler.events import EVENT_JOB_MAX_INSTANCES

from promises import scheduler
from promises.scheduler import timetable

SLEEPS = "import time; time.sleep(600)"


def test_a_run_that_takes_longer_than_its_turn_is_no_warning(engine, settings, caplog):
    schedule, over, skipped = timetable(settings, engine, background=True), Event(), Event()
    schedule.remove_all_jobs()
    schedule.add_job(lambda: over.wait(60), "interval", seconds=0.05)
    schedule.add_listener(lambda _event: skipped.set(), EVENT_JOB_MAX_INSTANCES)
    schedule.start()
    try:
        assert skipped.wait(60)
    finally:
        over.set()
        schedule.shutdown()
    assert [line for line in caplog.records if line.name.startswith("apscheduler")] == []


def test_what_runs_beside_the_watch_ends_with_it(engine, settings, monkeypatch):
    began, processes, start = Event(), [], scheduler.subprocess.Popen

    def sleeper(_command, **more):
        processes.append(start([sys.executable, "-c", SLEEPS], **more))
        began.set()
        return processes[-1]

    monkeypatch.setattr(scheduler.subprocess, "Popen", sleeper)
    monkeypatch.setattr(scheduler, "FILE_SECONDS", 0.1)
    monkeypatch.setattr(scheduler, "_files_waiting", lambda _session: True)
    schedule = timetable(settings, engine, background=True)
    for job in schedule.get_jobs():
        if job.id != "files":
            job.remove()
    schedule.start()
    assert began.wait(60)
    asked = time.monotonic()
    schedule.shutdown()
    assert time.monotonic() - asked < 300
    assert all(process.poll() is not None for process in processes)
