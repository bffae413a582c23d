"""The demo's watch: killed, it is started again; one that can't run at all is given up."""

import os
import signal
import sys
import threading
import time

from promises.keeper import MOST, Keeper

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]


def wait_until(held):
    deadline = time.monotonic() + 60
    while not held():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_process_that_was_killed_is_started_again():
    gave_up = threading.Event()
    keeper = Keeper(SLEEPS, os.environ, gave_up=gave_up.set, pause_s=0.01)
    try:
        first = keeper.process.pid
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: keeper.process.pid != first)
        assert keeper.process.poll() is None
        assert not gave_up.is_set()
    finally:
        keeper.stop(10)
    assert keeper.process.poll() is not None


def test_one_that_ends_again_and_again_is_given_up(tmp_path):
    runs = tmp_path / "runs"
    counts = f"open({str(runs)!r}, 'a').write('x'); raise SystemExit(0)"
    gave_up = threading.Event()
    keeper = Keeper([sys.executable, "-c", counts], os.environ, gave_up=gave_up.set, pause_s=0.01)
    assert gave_up.wait(60)
    keeper.stop(1)
    assert runs.read_text() == "x" * MOST


def test_one_that_is_stopped_stays_so():
    keeper = Keeper(SLEEPS, os.environ, gave_up=lambda: None, pause_s=0.01)
    keeper.stop(10)
    stopped = keeper.process.pid
    time.sleep(0.2)
    assert keeper.process.pid == stopped
