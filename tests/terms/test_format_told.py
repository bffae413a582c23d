"""What is written about the formats is whole and true: every key, every reason, every example."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import promises
from promises.service.casefile import Layout, Needs, read_cases
from promises.service.commands import judge_command
from promises.service.judging import CANT_JUDGE
from promises.service.tablefile import FileFaults
from promises.terms.commands import json_schema, terms_group
from promises.terms.document import AttributeMeasure, TermsDocument, TimeMeasure
from promises.terms.reading import read_terms, write_terms
from promises.terms.remedies import Remedy
from promises.terms.templates import template

HERE = Path(promises.__file__).parent
FORMAT = (HERE / "terms" / "FORMAT.md").read_text(encoding="utf-8")
CASES = (HERE / "service" / "CASES.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    """The indented examples of a document."""
    found = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub("^    ", "", block, flags=re.MULTILINE) for block in found]


@pytest.mark.parametrize("part", [TermsDocument, TimeMeasure, AttributeMeasure, Remedy])
def test_every_key_of_the_format_is_explained(part: type[TermsDocument]) -> None:
    keys = {field.alias or name for name, field in part.model_fields.items()}
    assert {key for key in keys if f"`{key}`" not in FORMAT and f'"{key}"' not in FORMAT} == set()


def test_the_whole_example_is_read() -> None:
    whole = next(block for block in blocks(FORMAT) if '"format"' in block)
    assert read_terms(whole).promise == "served-15"


def test_the_examples_of_the_remedy_are_read() -> None:
    document = write_terms(template("bank-15-minutes"))
    amounts = re.findall(r"^\| [a-z ,']+ \| `(\{.*\}|\".*\")` \|$", FORMAT, re.MULTILINE)
    assert len(amounts) == 6
    for amount in amounts:
        document["remedy"] = {"pays": [{"amount": json.loads(amount)}]}
        read_terms(document)
    caps = json.loads(re.search(r"^\| `caps` \| `(.*?)` \|", FORMAT, re.MULTILINE)[1])
    document["remedy"] = {"pays": [{"amount": "10.00"}], "caps": caps}
    assert len(read_terms(document).remedy.caps) == 3


def test_the_examples_of_measures_are_read() -> None:
    document = write_terms(template("bank-15-minutes"))
    both = next(block for block in blocks(FORMAT) if '"split_after"' in block)
    timed, asked = re.findall(r"\{\"from\".*?(?:\"2 h\"|true\})\}", both, re.DOTALL)
    for measure in (timed, asked):
        document["measure"] = json.loads(measure)
        assert read_terms(document).measure.from_ in ("reported", "created")


def test_every_reason_why_a_case_cannot_be_judged_is_in_the_table() -> None:
    assert {reason for reason in CANT_JUDGE if f"`{reason}`" not in CASES} == set()


@pytest.mark.parametrize("beginning", ["case,branch,touchpoint,arrived", "case,branch,milestone,at"])
def test_the_examples_of_files_are_read(tmp_path: Path, beginning: str) -> None:
    file = tmp_path / "cases.csv"
    file.write_text(next(one for one in blocks(CASES) if one.startswith(beginning)), encoding="utf-8")
    faults = FileFaults()
    (cases,) = read_cases(file, Needs.of([template("bank-15-minutes")]), Layout(), faults)
    assert faults.count == 0
    assert set(map(str, cases.ids)) <= {"A1", "A2"}
    assert cases.happened("arrived").first.min() > 0


def test_help_tells_every_option() -> None:
    told = CliRunner().invoke(judge_command, ["--help"]).output
    for option in (option for one in judge_command.params for option in one.opts if option.startswith("--")):
        assert told.count(option) >= 2, option
    assert "FORMAT.md" in CliRunner().invoke(terms_group, ["--help"]).output


def test_the_schema_describes_the_keys_that_it_has() -> None:
    properties = json_schema()["properties"]
    assert set(properties) == set(TermsDocument.model_fields)
