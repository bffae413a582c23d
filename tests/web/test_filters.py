"""How moments look on a page."""

from datetime import UTC, datetime

import pytest

from promises import language
from promises.web.filters import show_deadline, show_since

HELSINKI = "Europe/Helsinki"


@pytest.mark.parametrize(
    ("moment", "fi", "en"),
    [
        (datetime(2026, 11, 23, 22, tzinfo=UTC), "23.11.2026 klo 24.00", "23 Nov 2026 24:00"),
        (datetime(2026, 11, 23, 22, 0, 1, tzinfo=UTC), "24.11.2026 klo 00.00", "24 Nov 2026 00:00"),
        (datetime(2026, 11, 23, 21, 59, tzinfo=UTC), "23.11.2026 klo 23.59", "23 Nov 2026 23:59"),
        (datetime(2026, 12, 31, 22, tzinfo=UTC), "31.12.2026 klo 24.00", "31 Dec 2026 24:00"),
        (datetime(2026, 7, 1, 21, tzinfo=UTC), "1.7.2026 klo 24.00", "1 Jul 2026 24:00"),
        (datetime(2026, 7, 1, 22, tzinfo=UTC), "2.7.2026 klo 01.00", "2 Jul 2026 01:00"),
    ],
)
def test_a_limit_that_ends_with_a_day_is_told_as_that_days_end(moment: datetime, fi: str, en: str) -> None:
    for spoken, told in (("fi", fi), ("en", en)):
        with language.spoken(spoken):
            assert show_deadline(moment, HELSINKI) == told


def test_what_begins_at_midnight_begins_on_its_day() -> None:
    with language.spoken("fi"):
        assert show_since(datetime(2026, 11, 23, 22, tzinfo=UTC), HELSINKI) == "24.11.2026"
        assert show_since(datetime(2026, 11, 23, 22, 1, tzinfo=UTC), HELSINKI) == "24.11.2026 klo 00.01"
        assert show_since(None) == "–"


def test_no_limit_is_a_dash() -> None:
    assert show_deadline(None) == "–"
