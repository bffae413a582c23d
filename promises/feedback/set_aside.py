"""The rows of a file that were set aside, as a file to put right and bring in again."""

from __future__ import annotations

import csv
import io
from typing import Any

from promises.feedback.tables import Intake
from promises.language import current, gettext

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(intake: Intake) -> str:
    """Row, reason in the reader's language, then the row's own cells under the names of its columns."""
    out = io.StringIO()
    # Excel in Finland splits at semicolons; our own intake reads any.
    writer = csv.writer(out, delimiter=";" if current() == "fi" else ",")
    width = max((len(row["cells"]) for row in intake.set_aside), default=0)
    titles = [""] * width
    for name, index in intake.mapping.get("where", {}).items():
        if index < width:
            titles[index] = intake.mapping["columns"][name]
    writer.writerow([gettext("set_aside.row"), gettext("set_aside.why"), *map(_harmless, titles)])
    for row in intake.set_aside:
        why = "; ".join(told(fault) for fault in row["faults"])
        writer.writerow([row["row"], _harmless(why), *map(_harmless, row["cells"])])
    return out.getvalue()


def told(fault: dict[str, Any]) -> str:
    """One fault in words: which field, what is wrong, what stood there."""
    words = f"{gettext('column.' + fault['field'])}: {gettext('fault.' + fault['reason'])}"
    return f"{words} ({fault['found']})" if fault["found"] else words


def _harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula; with an apostrophe it shows it."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
