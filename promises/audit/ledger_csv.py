"""The ledger as a file, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from zoneinfo import ZoneInfo

from promises.audit.ledger_queries import Line
from promises.people.tables import Branch
from promises.reports.export import safe

COLUMNS = (
    "dated", "entered", "branch", "promise", "case", "customer", "line", "debit", "credit", "amount",
    "currency", "by", "id", "reverses",
)  # fmt: skip


def ledger_csv(
    lines: Iterable[Line], branches: Mapping[int, Branch], names: Mapping[int, str]
) -> Iterator[str]:
    """The lines of the file. Times are local to the branch; accounts and kinds are codes, amounts have a
    point: the file is for programs too.

    :param names: of promises, by id.
    """
    yield "\ufeff" + _row(COLUMNS)
    for line in lines:
        entry, branch = line.entry, branches[line.entry.branch_id]
        zone = ZoneInfo(branch.zone)
        yield _row(
            (
                f"{entry.dated_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                f"{entry.made_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                safe(branch.name),
                safe(names[line.promise_id]),
                safe(line.reference),
                safe(line.customer),
                entry.kind,
                entry.debit,
                entry.credit,
                str(entry.amount),
                entry.currency,
                safe(line.who or ""),
                str(entry.id),
                str(entry.reverses or ""),
            )
        )


def _row(cells: Iterable[str]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
