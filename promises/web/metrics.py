"""Figures for a monitor, as Prometheus reads them: requests as they are served, the rest from the database.

Under gunicorn each worker counts its own requests into files that all of them read (gunicorn.conf.py names
the folder); what stands in the database is looked up when it is asked for, so every worker tells the same.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime

from flask import Flask, Response, g, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Summary, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from sqlmodel import Session, col, func, select

from promises.outbox.tables import Delivery, Letter, Notice, Webhook
from promises.service.heartbeat import overdue, standing
from promises.service.tables import CaseIntakeWork

NO_ROUTE = "none"
TOGETHER = "PROMETHEUS_MULTIPROC_DIR"

requests = Counter(
    "promises_requests", "Requests by route, method and status.", ["route", "method", "status"]
)
seconds = Summary("promises_request_seconds", "How long requests took.", ["route"])


def attach(app: Flask) -> None:
    """Count the requests that *app* serves."""
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.began = time.perf_counter()


def _count(response: Response) -> Response:
    # By rule, never by address: whoever asks for a million addresses makes one line.
    route = request.url_rule.rule if request.url_rule is not None else NO_ROUTE
    note(route, request.method, response.status_code, time.perf_counter() - g.began if "began" in g else None)
    return response


def note(route: str, method: str, status: int, took: float | None) -> None:
    """Count one request that was answered, and how many seconds it took, if that is known."""
    requests.labels(route, method, status).inc()
    if took is not None:
        seconds.labels(route).observe(took)


def exposition(session: Session, as_of: datetime) -> bytes:
    """Every figure as text, in Prometheus's format."""
    counted = REGISTRY
    if TOGETHER in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    stored = CollectorRegistry()
    stored.register(_Stored(session, as_of))
    return generate_latest(counted) + generate_latest(stored)


class _Stored:
    """Gauges from the database."""

    def __init__(self, session: Session, as_of: datetime) -> None:
        self._session, self._as_of = session, as_of

    def collect(self) -> Iterator[Metric]:
        found = standing(self._session, self._as_of)
        yield from self._gauges(
            {
                "watch_lag_seconds": ("How long ago the oldest overdue case was due.", found.overdue_since),
                "watch_tick_age_seconds": ("How long ago the watch last finished a tick.", found.ticked_at),
            }
        )
        yield _gauge("overdue_cases", "Cases that are overdue and not yet broken.", overdue(
            self._session, self._as_of))  # fmt: skip
        yield _gauge("stuck_cases", "Cases that could not be judged.", found.stuck)
        yield from self._outbox()
        yield from self._imports()

    def _gauges(self, figures: dict[str, tuple[str, datetime | None]]) -> Iterator[Metric]:
        for name, (meaning, since) in figures.items():
            # NaN stands for never: nobody watched yet. Nothing overdue is no lag.
            never = float("nan") if name == "watch_tick_age_seconds" else 0.0
            yield _gauge(name, meaning, never if since is None else (self._as_of - since).total_seconds())

    def _outbox(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("promises_outbox_waiting", "What waits to be sent.", labels=["what"])
        failed = GaugeMetricFamily("promises_outbox_failed", "What was given up.", labels=["what"])
        for what, table, over in (
            ("mail", Letter, col(Letter.sent_at)),
            ("webhook", Delivery, col(Delivery.confirmed_at)),
        ):
            count = select(func.count()).select_from(table)
            due = col(table.due_at)
            waiting.add_metric([what], self._session.exec(count.where(due.is_not(None))).one())
            given_up = count.where(due.is_(None), over.is_(None))
            if table is Delivery:
                given_up = given_up.join(Webhook).where(col(Webhook.ended_at).is_(None))
            failed.add_metric([what], self._session.exec(given_up).one())
        not_mailed = select(func.count()).select_from(Notice).where(col(Notice.mailed_at).is_(None))
        waiting.add_metric(["notice"], self._session.exec(not_mailed).one())
        yield waiting
        yield failed

    def _imports(self) -> Iterator[Metric]:
        done = GaugeMetricFamily("promises_import_cases", "Cases taken of a file so far.", labels=["file"])
        rows = GaugeMetricFamily("promises_import_rows", "Rows that a file may have.", labels=["file"])
        open_ones = select(CaseIntakeWork).where(col(CaseIntakeWork.finished_at).is_(None))
        for work in self._session.exec(open_ones):
            done.add_metric([str(work.intake_id)], work.seen)
            rows.add_metric([str(work.intake_id)], work.about)
        yield done
        yield rows


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"promises_{name}", meaning, value=value)
