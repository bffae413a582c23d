"""The written seed agrees with itself: whoever is named exists, and nothing happens before its cause."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from promises.people.roles import MAY, Role

from .conftest import rows_of, tables_of

KINDS = {"problem", "praise", "nonanswer", "stray"}


@pytest.fixture(scope="module")
def feedback() -> list[dict[str, str]]:
    return rows_of("feedback.csv")


@pytest.fixture(scope="module")
def labels() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in rows_of("feedback_labels.csv")}


@pytest.fixture(scope="module")
def people() -> dict[str, dict[str, str]]:
    return {row["person"]: row for row in rows_of("people.csv")}


@pytest.fixture(scope="module")
def proposals() -> dict[str, dict[str, Any]]:
    return {proposal["code"]: proposal for proposal in tables_of("proposals.toml")["proposal"]}


@pytest.fixture(scope="module")
def rounds() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables_of("rounds.toml")["round"]
    return found


def moment(told: dict[str, Any]) -> tuple[int, str]:
    """Something that sorts by time."""
    return -told["days_ago"], told["time"]


def may(person: dict[str, str], verb: str) -> bool:
    return Role(person["role"]) in MAY[verb]


def codes_of(name: str) -> set[str]:
    return {one["code"] for one in tables_of("company.toml")[name]}


def test_there_are_800_pieces_of_feedback_oldest_first_each_with_its_label(
    feedback: list[dict[str, str]], labels: dict[str, dict[str, str]]
) -> None:
    assert [row["id"] for row in feedback] == [f"f{n:04}" for n in range(1, 801)] == list(labels)
    times = [(-int(row["days_ago"]), row["time"]) for row in feedback]
    assert times == sorted(times)
    assert max(times) < (0, ""), "nothing is said on the day of seeding, which may have only begun"


def test_feedback_speaks_of_places_that_exist_in_languages_and_scores_that_can_be(
    feedback: list[dict[str, str]],
) -> None:
    assert {row["branch"] for row in feedback} == codes_of("branch") | {""}
    assert {row["touchpoint"] for row in feedback} == codes_of("touchpoint")
    assert {row["source"] for row in feedback} == codes_of("source")
    assert {row["score"] for row in feedback} == {"", *map(str, range(11))}
    assert Counter(row["language"] for row in feedback) == {"fi": 704, "en": 64, "sv": 32}
    assert all(row["text"].strip() for row in feedback)


def test_no_text_stands_twice_but_the_shortest_answers(feedback: list[dict[str, str]]) -> None:
    counted = Counter(row["text"].lower() for row in feedback)
    assert max(len(text) for text, count in counted.items() if count > 1) <= len("en osaa sanoa")


def test_labels_name_problems_where_there_are_some(labels: dict[str, dict[str, str]]) -> None:
    kinds = Counter(row["kind"] for row in labels.values())
    problems = Counter(code for row in labels.values() for code in row["problems"].split("|") if code)
    assert set(kinds) == KINDS
    assert all(bool(row["problems"]) for row in labels.values() if row["kind"] == "problem")
    assert not any(row["problems"] for row in labels.values() if row["kind"] in ("nonanswer", "stray"))
    assert len(problems) == 15
    assert problems.most_common()[0] == ("branch_queue", 114)
    assert min(problems.values()) == 12


def test_the_cast_has_every_role_and_one_demo_sign_in_of_each(people: dict[str, dict[str, str]]) -> None:
    demo = Counter(row["role"] for row in people.values() if row["demo"] == "1")
    assert demo == dict.fromkeys(Role, 1)
    assert len({row["email"] for row in people.values()}) == len(people)
    for row in people.values():
        assert row["email"].endswith(".example")
        assert set(filter(None, row["branches"].split("|"))) <= codes_of("branch")


def test_a_proposal_answers_words_that_were_said_before_it_and_speak_of_its_problem(
    proposals: dict[str, dict[str, Any]], feedback: list[dict[str, str]], labels: dict[str, dict[str, str]]
) -> None:
    said = {row["id"]: (-int(row["days_ago"]), row["time"]) for row in feedback}
    for proposal in proposals.values():
        problem = proposal["problem"]
        assert 3 <= len(problem["examples"]) <= 6
        for example in problem["examples"]:
            assert said[example] < moment(proposal["version"][0])
            if problem["code"] != "not_noticed":
                assert problem["code"] in labels[example]["problems"].split("|")


def test_people_support_and_comment_what_has_been_written_and_never_their_own(
    proposals: dict[str, dict[str, Any]], people: dict[str, dict[str, str]]
) -> None:
    for proposal in proposals.values():
        written = {version["number"]: moment(version) for version in proposal["version"]}
        assert may(people[proposal["author"]], "proposals.write")
        assert sorted(written) == list(range(1, len(written) + 1))
        assert list(written.values()) == sorted(written.values())
        backed = [(one["version"], one["person"]) for one in proposal["endorsement"]]
        assert len(set(backed)) == len(backed)
        for one in proposal["endorsement"]:
            assert written[one["version"]] < moment(one)
            assert moment(one) < written.get(one["version"] + 1, (0, "")), "the newest text at that moment"
            assert one["person"] != proposal["author"]
            assert may(people[one["person"]], "proposals.support")
        for one in proposal["comment"]:
            assert written[1] < moment(one)
            assert may(people[one["person"]], "proposals.support")


def test_votes_are_cast_while_the_round_is_open_by_those_who_may(
    rounds: list[dict[str, Any]], proposals: dict[str, dict[str, Any]], people: dict[str, dict[str, str]]
) -> None:
    criteria = tables_of("rounds.toml")["criteria"]
    for one in rounds:
        assert moment(one["made"]) < moment(one["opens"]) < moment(one["closes"])
        for code in one["proposals"]:
            assert moment(proposals[code]["version"][-1]) < moment(one["opens"])
        assert len({ballot["person"] for ballot in one["ballot"]}) == len(one["ballot"])
        for ballot in one["ballot"]:
            assert moment(one["opens"]) <= moment(ballot["cast"]) < moment(one["closes"])
            assert may(people[ballot["person"]], "rounds.vote")
            assert set(ballot["marks"]) == set(one["proposals"])
            for marks in ballot["marks"].values():
                assert len(marks) == len(criteria)
                assert set(marks) <= {1, 2, 3, 4, 5}


def test_the_ended_round_had_its_quorum_and_three_choices_that_became_the_three_promises(
    rounds: list[dict[str, Any]], people: dict[str, dict[str, str]]
) -> None:
    ended, standing = rounds
    promises = {promise["code"]: promise for promise in tables_of("promises.toml")["promise"]}
    assert len(ended["ballot"]) >= ended["quorum"] > len(standing["ballot"])
    assert {one["proposal"] for one in ended["decision"]} == set(ended["proposals"])
    outcomes = Counter(one["outcome"] for one in ended["decision"])
    assert outcomes == {"chosen": 3, "rejected": 1, "sent_back": 1}
    for one in ended["decision"]:
        assert moment(one["at"]) > moment(ended["closes"])
        assert may(people[one["by"]], "rounds.decide")
        assert len(one["reason"]) > 60
        assert ("promise" in one) == (one["outcome"] == "chosen")
        if "promise" in one:
            assert promises.pop(one["promise"])["proposal"] == one["proposal"]
    assert not promises
    assert "decision" not in standing
    assert moment(standing["opens"]) < (0, "") < moment(standing["closes"])


def test_a_promise_begins_after_it_was_decided_and_its_cases_belong_to_it() -> None:
    shape = tables_of("shape.toml")
    for promise in tables_of("promises.toml")["promise"]:
        assert promise["starts"]["days_ago"] == shape["days"] < 193
        assert set(promise["branches"]) == codes_of("branch")
        assert promise["touchpoint"] in codes_of("touchpoint")
    simulated = {shape[part]["promise"] for part in ("visits", "callbacks", "invoices")}
    assert simulated == {promise["code"] for promise in tables_of("promises.toml")["promise"]}
