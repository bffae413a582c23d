"""The rules of the house, held by reading the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROMISES = ROOT / "promises"
ORDER = (
    "people",
    "journal",
    "outbox",
    "files",
    "terms",
    "feedback",
    "surveys",
    "followup",
    "proposals",
    "decisions",
    "service",
    "queue",
    "compensation",
    "payments",
    "customer",
    "reports",
    "audit",
    "api",
    "seeding",
)
# People act (and so write into the journal and the outbox), though the journal names people.
GROUND_FOR_ALL = {"journal", "outbox"}
EDGE = {"pages", "forms"}
PURE = (
    "terms/agreement.py",
    "terms/document.py",
    "terms/free_text.py",
    "terms/hours.py",
    "terms/parts.py",
    "terms/quantities.py",
    "terms/remedies.py",
    "terms/timeline.py",
    "terms/explain.py",
    "terms/paying.py",
    "service/judging",
    "feedback/text",
    "feedback/mining",
    "feedback/board/concentration.py",
    "feedback/board/drawing.py",
    "feedback/board/facts.py",
    "feedback/board/growth.py",
    "feedback/nps.py",
    "feedback/nps_trend.py",
    "feedback/curation/agreement.py",
    "feedback/curation/alike.py",
    "feedback/cutting.py",
    "feedback/finding/emergence.py",
    "feedback/masking",
    "surveys/guests.py",
    "surveys/kinds.py",
    "surveys/signs.py",
    "followup/codes.py",
    "followup/rules.py",
    "shares.py",
    "proposals/concreteness.py",
    "proposals/differences.py",
    "decisions/tally.py",
    "queue/estimate.py",
    "queue/urgency.py",
    "customer/codes.py",
    "reports/compliance.py",
    "journal/rows.py",
    "seeding/simulation.py",
)
NOT_IN_RULES = (
    "flask",
    "sqlmodel",
    "sqlalchemy",
    "wtforms",
    "promises.clock",
    "promises.database",
    "promises.web",
)
# Writing these is what the files are for.
READS_THE_CLOCK = {"clock.py"}
LONGEST = 400


def sources():
    return sorted(file for file in PROMISES.rglob("*.py") if "versions" not in file.parts)


def imports(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def room(module):
    parts = module.split(".")
    return parts[1] if parts[0] == "promises" and len(parts) > 1 else ""


def test_a_room_imports_only_earlier_rooms():
    faults = []
    for file in sources():
        own = file.relative_to(PROMISES).parts[0]
        if own not in ORDER:
            continue
        for module in imports(file):
            other = room(module)
            if other in ORDER and other not in GROUND_FOR_ALL and ORDER.index(other) > ORDER.index(own):
                faults.append(f"{file.relative_to(ROOT)} imports {module}")
    assert faults == []


def test_no_room_imports_anothers_pages():
    faults = []
    for file in sources():
        own = file.relative_to(PROMISES).parts[0]
        for module in imports(file):
            if (
                own in ORDER
                and room(module) in ORDER
                and room(module) != own
                and module.split(".")[-1] == "pages"
            ):
                faults.append(f"{file.relative_to(ROOT)} imports {module}")
    assert faults == []


def test_rule_files_know_neither_web_nor_database_nor_clock():
    files = [f for name in PURE for f in (sorted((PROMISES / name).rglob("*.py")) or [PROMISES / name])]
    assert all(file.exists() for file in files), [str(file) for file in files if not file.exists()]
    faults = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in files
        for module in imports(file)
        if module.startswith(NOT_IN_RULES)
    ]
    assert faults == []


def test_there_is_one_reader_of_the_clock():
    faults = []
    for file in sources():
        if file.name in READS_THE_CLOCK:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
                owner = ast.unparse(node.value)
                if owner in {"datetime", "date", "datetime.datetime", "datetime.date"}:
                    faults.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert faults == []


# What is read in texts is named there; the styleguide shows names of towns and people.
SPEAKS_FINNISH = {"feedback", "proposals", "look", "look.py", "free_text.py"}


def test_no_finnish_text_stands_in_source_or_templates():
    faults = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:60]}"
        for file in [*sources(), *sorted((ROOT / "templates").rglob("*.html"))]
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if set(line) & set("äöåÄÖÅ") and not SPEAKS_FINNISH & set(file.parts)
    ]
    assert faults == []


def test_templates_hold_no_inline_style_or_script():
    faults = [
        f"{file.relative_to(ROOT)}: {mark}"
        for file in sorted((ROOT / "templates").rglob("*.html"))
        for mark in ("style=", "onclick=", "onchange=", "<style", "javascript:")
        if mark in file.read_text(encoding="utf-8")
    ]
    assert faults == []


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(PROMISES)))
def test_a_file_is_short_enough_to_be_read(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_the_ledger_has_one_writer():
    faults = [
        str(file.relative_to(ROOT))
        for file in sources()
        if file.name not in {"ledger.py", "tables.py"}
        and any(
            mark in file.read_text(encoding="utf-8") for mark in ("Entry(", "insert(Entry", "insert(_entry")
        )
    ]
    assert faults == []
