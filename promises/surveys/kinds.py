"""The kinds of survey, their scales, and the ways to them. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """From *low* to *high*, whole numbers; those from *good* on are a good answer."""

    low: int
    high: int
    good: int

    @property
    def values(self) -> range:
        return range(self.low, self.high + 1)


NPS, SATISFACTION, EFFORT = "nps", "satisfaction", "effort"
# Customer Effort Score 2.0 asks for agreement with "made it easy" on seven steps (Dixon 2013).
KINDS = {NPS: Scale(0, 10, 9), SATISFACTION: Scale(1, 5, 4), EFFORT: Scale(1, 7, 5)}
MAIL, LINK, QR = "mail", "link", "qr"
CHANNELS = (LINK, QR)
