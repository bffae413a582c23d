"""Times as they are written in files, read strictly and many at once.

A column of times has few shapes ("2026-01-05T10:00:00Z", "5.1.2026 9:05"): each shape is understood
once and all values of the shape are read together. Values with an offset are taken by it; the others
are local times of one zone, where an hour may be skipped or come twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from promises.refusal import Refusal
from promises.terms.columns import MISSING, Flags, Rows, Times
from promises.terms.quantities import HOUR, MINUTE, SECOND

ISO = "%Y-%m-%dT%H:%M:%S%z"
_ISO_SHAPE = (
    r"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[T ](?P<H>\d\d):(?P<M>\d\d)"
    r"(:(?P<S>\d\d)([.,](?P<f>\d{1,9}))?)? ?(?P<z>Z|UTC|[+-]\d\d(:?\d\d)?)?"
)
_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})", "m": r"(?P<m>\d\d?)", "d": r"(?P<d>\d\d?)", "H": r"(?P<H>\d\d?)",
    "I": r"(?P<I>\d\d?)", "M": r"(?P<M>\d\d?)", "S": r"(?P<S>\d\d?)", "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp][Mm])", "z": r"(?P<z>Z|UTC|[+-]\d\d(:?\d\d)?)", "%": "%",
}  # fmt: skip
_LIMITS = {"m": (1, 12), "d": (1, 31), "H": (0, 23), "I": (1, 12), "M": (0, 59), "S": (0, 59)}
_FIRST = int(datetime(1970, 1, 2, tzinfo=UTC).timestamp()) * SECOND
_LAST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * SECOND

UNREADABLE, SKIPPED, TWICE = "time_unreadable", "time_skipped", "time_twice"


@dataclass(frozen=True)
class Texts:
    """A column of texts as bytes: text *i* is ``data[offsets[i]:offsets[i + 1]]``."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, texts: list[str]) -> Texts:
        """From Python texts."""
        encoded = [text.encode() for text in texts]
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in encoded])]).astype(np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), offsets)

    def of_length(self, rows: Rows, length: int) -> NDArray[np.uint8]:
        """The texts of *rows*, all *length* bytes long, as a matrix."""
        if len(rows) == len(self.offsets) - 1:
            return self.data[self.offsets[0] : self.offsets[-1]].reshape(len(rows), length)
        return np.take(self.data, self.offsets[rows][:, None] + np.arange(length))


def time_shape(time_format: str | None) -> re.Pattern[str]:
    """What times look like: ISO 8601, or a format of strptime's directives %Y %m %d %H %I %M %S %f %p %z.

    :raises Refusal: for a directive that isn't one of these, or a format without year, month and day.
    """
    if time_format is None:
        return re.compile(_ISO_SHAPE)
    shape = ""
    for literal, directive in re.findall(r"([^%]+)|%(.?)", time_format):
        if not literal and directive not in _DIRECTIVES:
            raise Refusal("cases.time_format", found=time_format)
        shape += re.escape(literal) if literal else _DIRECTIVES[directive]
    try:
        pattern = re.compile(shape)
    except re.error:
        raise Refusal("cases.time_format", found=time_format) from None
    if not {"Y", "m", "d"} <= set(pattern.groupindex):
        raise Refusal("cases.time_format", found=time_format)
    return pattern


def read_times(texts: Texts, shape: re.Pattern[str], zone: str) -> tuple[Times, dict[str, Rows]]:
    """Microseconds in UTC for each text, and the rows whose time can't be told, by the code of the reason.

    Empty texts are :data:`MISSING`; so are those that can't be read.
    """
    count = len(texts.offsets) - 1
    times = np.full(count, MISSING)
    local = np.zeros(count, bool)
    bad: list[Rows] = []
    lengths = np.diff(texts.offsets)
    for length in np.flatnonzero(np.bincount(lengths)).tolist():
        if not length:
            continue
        rows = np.flatnonzero(lengths == length)
        if length > 40:
            bad.append(rows)
            continue
        _read_length(texts.of_length(rows, length), rows, shape, times, local, bad)
    unreadable = np.sort(np.concatenate(bad)) if bad else np.empty(0, np.int64)
    skipped, twice = _to_utc(times, local, zone)
    times[unreadable] = MISSING
    return times, {UNREADABLE: unreadable, SKIPPED: skipped, TWICE: twice}


def _read_length(
    matrix: NDArray[np.uint8],
    rows: Rows,
    shape: re.Pattern[str],
    times: Times,
    local: Flags,
    bad: list[Rows],
) -> None:
    while len(rows):
        example = matrix[0]
        digits = (example >= 48) & (example <= 57)
        same = np.ones(len(rows), bool)
        for place in range(matrix.shape[1]):
            column = matrix[:, place]
            same &= (column - 48 <= 9) if digits[place] else (column == example[place])
        match = shape.fullmatch(example.tobytes().decode("utf-8", "replace"))
        alike = matrix if same.all() else matrix[same]
        if match is None:
            bad.append(rows[same])
        else:
            read, right = _read_alike(alike, match)
            times[rows[same]] = read
            local[rows[same]] = match.groupdict().get("z") is None
            bad.append(rows[same][~right])
        if same.all():
            return
        matrix, rows = matrix[~same], rows[~same]


def _read_alike(matrix: NDArray[np.uint8], match: re.Match[str]) -> tuple[Times, Flags]:
    """Times of texts with digits and signs in the same places as in *match*; and which are real times."""
    right = np.ones(len(matrix), bool)
    parts = match.groupdict()

    def number(name: str) -> NDArray[np.int32]:
        start, end = match.span(name)
        value = np.zeros(len(matrix), np.int32)
        for place in range(start, end):
            value = value * 10 + (matrix[:, place].astype(np.int32) - 48)
        if name in _LIMITS:
            low, high = _LIMITS[name]
            np.logical_and(right, (value >= low) & (value <= high), out=right)
        return value

    year, month, day = number("Y"), number("m"), number("d")
    first = np.clip((year.astype(np.int64) - 1970) * 12 + np.clip(month, 1, 12) - 1, 0, 12 * 400)
    starts = _month_starts()
    right &= (year >= 1970) & (year < 2200) & (day <= starts[first + 1] - starts[first])
    second = (starts[first] + day - 1) * 86400
    if parts.get("H"):
        second += number("H").astype(np.int64) * 3600
    elif parts.get("I"):
        afternoon = (parts.get("p") or "am").lower() == "pm"
        second += (number("I").astype(np.int64) % 12 + 12 * afternoon) * 3600
    if parts.get("M"):
        second += number("M") * 60
    if parts.get("S"):
        second += number("S")
    time = second * SECOND
    if parts.get("f"):
        width = len(parts["f"])
        fraction = number("f").astype(np.int64)
        time += fraction * 10 ** (6 - width) if width <= 6 else fraction // 10 ** (width - 6)
    zone = parts.get("z") or ""
    if zone[:1] in ("+", "-"):
        start = match.start("z")
        sign = np.where(matrix[:, start] == ord("-"), -1, 1)
        places = [start + 1 + n for n, char in enumerate(zone[1:]) if char != ":"]
        tens = [matrix[:, place].astype(np.int64) - 48 for place in places] + [np.int64(0)] * 2
        hours, minutes = tens[0] * 10 + tens[1], tens[2] * 10 + tens[3]
        right &= (hours <= 14) & (minutes < 60)
        time -= sign * (hours * HOUR + minutes * MINUTE)
    return time, right & (time >= _FIRST) & (time < _LAST)


@lru_cache(maxsize=1)
def _month_starts() -> Times:
    months = np.arange(0, 12 * 400 + 2).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64)


@lru_cache(maxsize=64)
def changes(zone: str, first_year: int, last_year: int) -> tuple[Times, Times]:
    """The moments at which the offset of *zone* changes, and the offsets: one more than there are moments."""
    info = ZoneInfo(zone)

    def offset(at: datetime) -> int:
        found = at.astimezone(info).utcoffset()
        assert found is not None
        return found // timedelta(microseconds=1)

    at = datetime(first_year, 1, 1, tzinfo=UTC) - timedelta(days=2)
    end = datetime(last_year + 1, 1, 3, tzinfo=UTC)
    moments: list[int] = []
    offsets = [offset(at)]
    while at < end:
        following = at + timedelta(days=1)
        if offset(following) != offsets[-1]:
            before, after = at, following
            while after - before > timedelta(seconds=1):
                middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
                before, after = (middle, after) if offset(middle) == offsets[-1] else (before, middle)
            moments.append(int(after.timestamp()) * SECOND)
            offsets.append(offset(after))
        at = following
    return np.array(moments, np.int64), np.array(offsets, np.int64)


def _to_utc(times: Times, local: Flags, zone: str) -> tuple[Rows, Rows]:
    """Turn local times into UTC where they stand; return rows that the zone skips, and that come twice."""
    rows = np.flatnonzero(local)
    none = np.empty(0, np.int64)
    if not len(rows):
        return none, none
    wall = times[rows]
    first, last = (int(value) // (86400 * SECOND * 365) + 1970 for value in (wall.min(), wall.max()))
    moments, offsets = changes(zone, min(first, last) - 1, last + 1)
    later, earlier = (
        moments + np.maximum(offsets[:-1], offsets[1:]),
        moments + np.minimum(offsets[:-1], offsets[1:]),
    )
    after = np.searchsorted(later, wall, side="right")
    doubtful = np.searchsorted(earlier, wall, side="right") > after
    forward = np.append(offsets[1:] > offsets[:-1], False)[after]
    times[rows] = np.where(doubtful, MISSING, wall - offsets[after])
    return rows[doubtful & forward], rows[doubtful & ~forward]
