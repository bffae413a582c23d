"""Python looks for cycles of forgotten things each time some hundred new ones were made.

Whoever makes many at once, none of them in a cycle, and keeps them for a while pays for each of those looks:
they go through all that there is, again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unswept() -> Iterator[None]:
    """No such look in the whole process until the block ends. Things that are not in a cycle go as ever."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()
