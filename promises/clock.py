"""The only reader of "now". Everything else takes the moment as an argument, ``as_of``."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, in UTC, to the microsecond."""
    return datetime.now(UTC)
