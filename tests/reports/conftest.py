"""A company's cases, laid down row by row: what the reports' figures are recounted from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from promises.compensation.ledger import COST, CUSTOMERS, TILL
from promises.compensation.tables import Compensation, Entry, Payout
from promises.database import open_session
from promises.service import counts
from promises.service.tables import Case, Verdict
from promises.terms.actions import set_terms

LIMIT = timedelta(minutes=15)
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
REASONS = {"kept": "in_time", "broken": "late", "pending": "clock_running", "excluded": "left_before_limit"}


def document(code: str = "served", **changes: Any) -> dict[str, Any]:
    """Terms: served within 15 minutes, or ten euros."""
    return {
        "format": 1,
        "promise": code,
        "name": {"fi": "Palvelu 15 minuutissa", "en": "Served in 15 minutes"},
        "starts": "2025-01-01",
        "measure": {"from": "arrived", "to": "served", "limit": "15 min"},
        "target": "0.95",
        "remedy": {"pays": [{"amount": "10.00"}]},
        **changes,
    }


@dataclass
class History:
    """Writes promises, cases, verdicts and ledger lines; committed when told so."""

    session: Session
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def promise(self, code: str = "served", *, begins: datetime = BEGAN, **changes: Any) -> int:
        """The id of a promise, or of a further version's promise."""
        terms = set_terms(
            self.session, document=document(code, **changes), by=None, as_of=begins, starts_at=begins
        )
        self.terms = terms.id or 0
        return terms.promise_id

    def case(
        self,
        branch: int,
        promise: int,
        at: datetime,
        status: str,
        *,
        reason: str | None = None,
        minutes: float = 5,
        reference: str | None = None,
        owed: str | None = None,
        paid_by: int | None = None,
        ended: bool = True,
    ) -> int:
        """One case and its verdict; *owed* writes its compensation, *paid_by* its payment."""
        number = next(self._numbers)
        end = at + timedelta(minutes=minutes)
        decided = status != "pending"
        self.session.add(
            Case(
                branch_id=branch, id=number, source="test", reference=reference or f"A{number}",
                touchpoint="branch", started_at=at,
            )
        )  # fmt: skip
        self.session.flush()
        verdict = Verdict(
            branch_id=branch, id=number, case_id=number, promise_id=promise, terms_id=self.terms,
            status=status, reason=reason or REASONS[status], started_at=at, due_at=at + LIMIT,
            ended_at=end if decided and ended else None, dated_at=end if decided else None,
            judged_at=end, elapsed_s=minutes * 60,
        )  # fmt: skip
        self.session.add(verdict)
        counts.changed(self.session, None, counts.as_counted(verdict))
        self.session.flush()
        if owed:
            self._compensate(branch, promise, number, at + LIMIT, Decimal(owed), paid_by)
        return number

    def _compensate(
        self, branch: int, promise: int, number: int, at: datetime, amount: Decimal, paid_by: int | None
    ) -> None:
        self.session.add(
            Compensation(
                branch_id=branch, id=number, verdict_id=number, case_id=number, promise_id=promise,
                terms_id=self.terms, amount=amount, currency="EUR", dated_at=at, made_at=at,
            )
        )  # fmt: skip
        self.session.flush()
        self.entry(branch, number, "owed", amount, at)
        if paid_by is not None:
            self.session.add(
                Payout(
                    branch_id=branch, id=number, compensation_id=number, way="counter", made_at=at,
                    made_by=paid_by,
                )
            )  # fmt: skip
            self.entry(branch, number, "paid", amount, at)

    def entry(
        self, branch: int, number: int, kind: str, amount: Decimal, at: datetime, reverses: int | None = None
    ) -> int:
        """A line of the ledger about compensation *number*."""
        line = number if kind == "owed" else 10_000_000 + next(self._numbers)
        sides = {"owed": (COST, CUSTOMERS), "paid": (CUSTOMERS, TILL), "reversed": (CUSTOMERS, COST)}[kind]
        self.session.add(
            Entry(
                branch_id=branch, id=line, compensation_id=number, kind=kind, debit=sides[0],
                credit=sides[1], amount=amount, currency="EUR", reverses=reverses, dated_at=at, made_at=at,
            )
        )  # fmt: skip
        self.session.flush()
        return line

    def many(self, branch: int, promise: int, at: datetime, *, kept: int, broken: int) -> None:
        """Cases a minute apart."""
        for n in range(kept + broken):
            status = "kept" if n < kept else "broken"
            minutes = 5 if status == "kept" else 25
            self.case(branch, promise, at + timedelta(minutes=n), status, minutes=minutes)


@pytest.fixture
def history(engine: Engine) -> Iterator[History]:
    """``history.case(...)``; the test commits by ``history.session.commit()``."""
    with open_session(engine) as session:
        yield History(session)
