"""Web workers and watchers as real processes, quick to start again after they were killed.

gunicorn loads the application once and forks its workers from it; a watcher is forked from a process that
has loaded the program, and then runs ``promises watch`` as the command line does.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from multiprocessing.process import BaseProcess
from pathlib import Path

from setting import ROOT, environment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Web:
    """gunicorn with two workers."""

    def __init__(self, address: str, folder: Path, workers: int = 2) -> None:
        self.port = free_port()
        self._log = (folder / "web.log").open("ab")
        self._server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--preload", "--workers", str(workers), "--threads", "4"),
                *("--bind", f"127.0.0.1:{self.port}", "--log-level", "warning", "app:create_app()"),
            ],
            cwd=ROOT,
            env=environment(address, folder, API_PER_MINUTE="10000000", API_BATCH="1000"),
            stdout=self._log,
            stderr=self._log,
        )
        self._ready()

    def _ready(self) -> None:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10):
                    return
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the web workers never became ready")

    def workers(self) -> list[int]:
        """Process ids of the workers that live now."""
        server = self._server.pid
        found = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        return [int(one) for one in found]

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(60)
        self._log.close()


def _watch(environ: dict[str, str], log: str) -> None:
    os.environ.update(environ)
    with Path(log).open("ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    from promises.commands import cli

    cli(["watch"], standalone_mode=False)


class Watchers:
    """Some ``promises watch``; one that was killed is started again by :meth:`mend`."""

    def __init__(self, address: str, folder: Path, count: int = 2) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["promises.commands"])
        self._environ = environment(address, folder)
        self._log = str(folder / "watch.log")
        self._running: list[BaseProcess] = [self._start() for _ in range(count)]

    def _start(self) -> BaseProcess:
        process = self._context.Process(target=_watch, args=(self._environ, self._log), daemon=True)
        process.start()
        return process

    def pids(self) -> list[int]:
        return [one.pid for one in self._running if one.pid is not None and one.is_alive()]

    def mend(self) -> int:
        """Start again those that have ended; how many those were."""
        ended = [place for place, one in enumerate(self._running) if not one.is_alive()]
        for place in ended:
            self._running[place].join()
            self._running[place] = self._start()
        return len(ended)

    def stop(self) -> None:
        for one in self._running:
            if one.pid is not None and one.is_alive():
                os.kill(one.pid, signal.SIGTERM)
        for one in self._running:
            one.join(30)
            if one.is_alive():
                one.kill()
                one.join()
