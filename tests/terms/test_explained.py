"""What terms mean is said in one sentence and what it leaves open, in both languages, for any terms."""

import re
from random import Random

import pytest
from click.testing import CliRunner

from bench.agree import draw_terms
from promises import language
from promises.language import CODE
from promises.terms.commands import terms_group
from promises.terms.document import TermsDocument
from promises.terms.explain import explain, in_a_sentence
from promises.terms.line import written
from promises.terms.reading import read_terms, write_terms
from promises.terms.templates import names, template

BANK = write_terms(template("bank-15-minutes"))
RULES = {
    "fi": re.compile(
        r"Asiakas, (joka|jonka|jota|jolle) [^:;]+, "
        r"(saa hyvitystä [^:;]+|ei saa hyvitystä, mutta lupaus on silloin rikottu)\."
    ),
    "en": re.compile(r"A customer (who|whose|in whose case) ((?!: )[^;])+ is owed ((?!: )[^;])+\."),
}
QUOTED = re.compile("”[^”]*”|“[^”]*”")
MAKE_UP = ("arrived", "served", "kind", "right", "size", "fare", "people", "fault", "customer", "claimed")
"""Names of the drawn terms for which Finnish has other words."""


def said(terms: TermsDocument, spoken: str) -> list[str]:
    with language.spoken(spoken):
        lines = [in_a_sentence(terms), *written(explain(terms))]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def changed(**keys: object) -> TermsDocument:
    return read_terms(BANK | keys)


def is_plain(lines: list[str], spoken: str) -> None:
    """One sentence about the customer first; whole lines; never a code, and no name outside quotes."""
    assert RULES[spoken].fullmatch(lines[0]), lines[0]
    for line in lines:
        told = line.lstrip(" -")
        bare = QUOTED.sub("", told)
        assert told[0].isupper() or told[0] in "”“", line
        assert told.endswith((".", ":")) or ": " in told, line
        assert "%(" not in line, line
        assert "  " not in told, line
        assert not [word for word in bare.split() if CODE.fullmatch(word) and not word[0].isdigit()], line
        assert not re.search(r"[a-z]_[a-z]", bare), line
        if spoken == "fi":
            assert not re.search(rf"\b({'|'.join(MAKE_UP)})\b", bare), line


@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.parametrize("name", names())
def test_ready_terms_are_said_in_a_sentence(name: str, spoken: str) -> None:
    lines = said(template(name), spoken)
    is_plain(lines, spoken)
    raw = re.compile(r"storm|domestic|business|single|return\b|extraordinary-")
    assert spoken == "en" or not [line for line in lines if raw.search(line)]


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_terms_drawn_at_random_are_said_in_a_sentence(spoken: str) -> None:
    for seed in range(300):
        is_plain(said(draw_terms(Random(seed)), spoken), spoken)


@pytest.mark.parametrize(
    ("keys", "fi", "en"),
    [
        (
            {},
            "Asiakas, joka odottaa saapumisesta palveluun pääsyyn yli 15 minuuttia toimipaikan aukioloaikaa, "
            "saa hyvitystä 10,00 €.",
            "A customer who waits more than 15 minutes of the branch’s opening hours from arrival to being "
            "served is owed €10.00.",
        ),
        (
            {"measure": {"from": "arrived", "to": "served", "limit": "1 h", "exactly": "broken"}},
            "Asiakas, joka odottaa saapumisesta palveluun pääsyyn vähintään 1 tunnin, saa hyvitystä 10,00 €.",
            "A customer who waits 1 hour or more from arrival to being served is owed €10.00.",
        ),
        (
            {"measure": {"from": "handed-in", "to": "looked_at", "limit": "0 working days",
                         "due_time": "16:00"}},
            "Asiakas, joka odottaa vaiheesta ”handed in” vaiheeseen ”looked at” saman päivän kello 16.00 "
            "jälkeen, saa hyvitystä 10,00 €.",
            "A customer who waits from “handed in” to “looked at” past 16:00 on the same day is owed €10.00.",
        ),
        (
            {"measure": {"from": "created", "to": "closed",
                         "must": {"attribute": "transfers", "at_most": 1}}},
            "Asiakas, jonka asioinnissa ei pidä paikkaansa, että tieto ”transfers” on enintään 1, saa "
            "hyvitystä 10,00 €.",
            "A customer in whose case it is not true that “transfers” is at most 1 is owed €10.00.",
        ),
        (
            {"remedy": {}},
            "Asiakas, joka odottaa saapumisesta palveluun pääsyyn yli 15 minuuttia toimipaikan aukioloaikaa, "
            "ei saa hyvitystä, mutta lupaus on silloin rikottu.",
            "A customer who waits more than 15 minutes of the branch’s opening hours from arrival to being "
            "served is owed nothing, but the promise is then broken.",
        ),
    ],
)  # fmt: skip
def test_the_sentence_says_who_is_owed_what(keys: dict[str, object], fi: str, en: str) -> None:
    assert said(changed(**keys), "fi")[0] == fi
    assert said(changed(**keys), "en")[0] == en


def test_choices_inside_choices_are_lists_inside_lists() -> None:
    lines = said(template("gb-rail-delay-repay"), "fi")
    start = lines.index("- Hyvityksen määrä:")
    assert lines[start + 1 : start + 3] == [
        "  - Lipun laji on menolippu:",
        "    - Kesto on vähintään 15 minuuttia mutta alle 30 minuuttia: 25 % lipun hinnasta",
    ]


def test_a_value_with_odd_signs_is_quoted_as_it_is() -> None:
    odd = changed(cases=[{"attribute": "kind", "is": "50 % off"}])
    assert "- The promise covers only cases where “kind” is “50 % off”." in said(odd, "en")


def test_the_command_says_the_sentence_first(tmp_path) -> None:
    file = tmp_path / "terms.json"
    file.write_text(template("gb-power-cut").model_dump_json(by_alias=True, exclude_none=True))
    told = CliRunner().invoke(terms_group, ["explain", str(file), "--language", "en"]).output.splitlines()
    assert told[1].startswith("A customer who waits more than 12 hours")
    assert told[2].startswith("- ")
