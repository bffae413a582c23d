"""Web workers and watchers are killed while events stream in: nothing is lost, missing or doubled.

A small run of the harness; ``python bench/kill.py`` is the whole one, with 200 kills on both databases.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_eight_kills_lose_and_double_nothing(database_url):
    told = subprocess.run(
        [sys.executable, "bench/kill.py", "--kills", "8", "--seed", "7", "--address", database_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "8 kills" in told.stdout
    assert "nothing lost, missing or doubled" in told.stdout
