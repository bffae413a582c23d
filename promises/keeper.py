"""Keeps a process running beside this one: when it ends by itself it is started again, but not for ever."""

from __future__ import annotations

import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

PAUSE_S = 1.0
MOST, WITHIN_S = 5, 60.0


class Keeper:
    """A process that runs *command* until :meth:`stop`.

    :param gave_up: called once when it ended so often in so short a time that another try is hopeless.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        gave_up: Callable[[], None],
        pause_s: float = PAUSE_S,
    ) -> None:
        self._command, self._environment = list(command), dict(environment)
        self._gave_up, self._pause_s = gave_up, pause_s
        self._stopping = threading.Event()
        self._began: deque[float] = deque(maxlen=MOST)
        self._lock = threading.Lock()
        self.process = self._start()
        self._follower = threading.Thread(target=self._follow, daemon=True)
        self._follower.start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._began.append(time.monotonic())
        # Ctrl-C reaches every process of a terminal; this one is stopped by us, when it is time.
        command = self._command
        return subprocess.Popen(command, env=self._environment, start_new_session=True)  # noqa: S603 - ours

    def _follow(self) -> None:
        while True:
            self.process.wait()
            hopeless = len(self._began) == MOST and time.monotonic() - self._began[0] < WITHIN_S
            if self._stopping.wait(0 if hopeless else self._pause_s):
                return
            if hopeless:
                self._gave_up()
                return
            with self._lock:
                if self._stopping.is_set():
                    return
                self.process = self._start()

    def stop(self, patience_s: float) -> None:
        """Ask the process to end; after *patience_s* it is killed."""
        with self._lock:
            self._stopping.set()
            process = self.process
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
