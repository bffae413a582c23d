"""Judging: cases, their terms and a moment in, verdicts out. One case and a million go the same way."""

from promises.service.judging.cases import Case, Cases
from promises.service.judging.rules import due_at, judge, judge_many
from promises.service.judging.splits import split
from promises.service.judging.verdicts import CANT_JUDGE, Counts, Verdict, Verdicts, counted
from promises.service.judging.versions import judge_by, judge_dated
from promises.terms.caps import Paid

__all__ = [
    "CANT_JUDGE",
    "Case",
    "Cases",
    "Counts",
    "Paid",
    "Verdict",
    "Verdicts",
    "counted",
    "due_at",
    "judge",
    "judge_by",
    "judge_dated",
    "judge_many",
    "split",
]
