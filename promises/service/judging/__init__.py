"""Judging: cases, their terms and a moment in, verdicts out. One case and a million go the same way."""

from promises.service.judging.cases import Case, Cases
from promises.service.judging.rules import due_at, judge, judge_many
from promises.service.judging.verdicts import CANT_JUDGE, Counts, Verdict, Verdicts, counted

__all__ = [
    "CANT_JUDGE",
    "Case",
    "Cases",
    "Counts",
    "Verdict",
    "Verdicts",
    "counted",
    "due_at",
    "judge",
    "judge_many",
]
