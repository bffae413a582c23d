"""A desk at work while something large comes in."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import numpy as np

MOST_MS = 500


class Presses:
    """A desk that writes one small row again and again: how long each press had to wait for the lock."""

    def __init__(self, file: Path) -> None:
        self.waits: list[float] = []
        self._file, self._over = file, threading.Event()
        self._thread = threading.Thread(target=self._press)

    def __enter__(self) -> Presses:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _press(self) -> None:
        connection = sqlite3.connect(self._file, timeout=60, isolation_level=None)
        while not self._over.wait(0.25):
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            self.waits.append(time.perf_counter() - began)
            connection.execute("UPDATE company SET name = name")
            connection.execute("COMMIT")

    def __str__(self) -> str:
        waits = np.array(self.waits) * 1000
        return (
            f"  a press meanwhile waited {np.median(waits):.0f} ms in the middle, "
            f"{np.quantile(waits, 0.95):.0f} ms at 95 %, {waits.max():.0f} ms at most "
            f"({len(waits)} presses)   at most {MOST_MS} ms   {'met' if waits.max() <= MOST_MS else 'MISSED'}"
        )
