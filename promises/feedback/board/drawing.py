"""The chart of a problem's growth as lines for a drawing. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from promises.feedback.board.growth import WEEKS, Growth, Point

PAD = 4.0
"""Room above and below, so that no mark is cut off."""


@dataclass(frozen=True)
class Mark:
    """A week beyond its limits or at the end of a run, at its place in the drawing."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True)
class Drawing:
    """Lines of an SVG of this *width* and *height*: shares, centre, limits; and the weeks with a signal."""

    width: int
    height: int
    shares: str
    centre: str
    high: str
    low: str
    marks: tuple[Mark, ...]
    most: float


def draw(growth: Growth, width: int, height: int) -> Drawing | None:
    """*growth* drawn from no share at the bottom to the largest share or limit at the top.

    Nothing where fewer than two weeks have a point.
    """
    points = growth.points
    if len(points) < 2:
        return None
    most = max(max(point.share, point.high) for point in points) or 1.0
    last = points[-1].week
    step = (width - 2 * PAD) / (WEEKS - 1)

    def x(point: Point) -> float:
        return width - PAD - (last - point.week) * step

    def y(share: float) -> float:
        return height - PAD - share / most * (height - 2 * PAD)

    def line(values: list[float]) -> str:
        placed = zip(points, values, strict=True)
        return "M" + "L".join(f"{x(point):.1f} {y(value):.1f}" for point, value in placed)

    return Drawing(
        width,
        height,
        shares=line([point.share for point in points]),
        centre=line([growth.centre] * len(points)),
        high=line([point.high for point in points]),
        low=line([point.low for point in points]),
        marks=tuple(Mark(x(p), y(p.share), p) for p in points if p.signal),
        most=most,
    )
