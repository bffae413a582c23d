"""Feedback told over the interface: masked, taken once, at the token's branches."""

from __future__ import annotations

from sqlmodel import select

from promises.database import open_session
from promises.feedback.tables import Feedback, Intake
from promises.people.tables import Branch


def words(key="F-1", text="Jono oli pitkä, soita 040 123 4567.", **otherwise):
    return {"key": key, "text": text, "given_at": "2026-06-09T11:30:00+03:00", **otherwise}


def tell(client, headers, *feedback):
    return client.post("/api/v1/feedback", json={"feedback": list(feedback)}, headers=headers)


def results(answer):
    assert answer.status_code == 200, answer.text
    return [row.get("code", row["result"]) for row in answer.json["rows"]]


def test_words_are_taken_masked_and_known_the_second_time(client, program, engine):
    first = [words(score=6, branch="centre"), words("F-2", "Kassalla neuvottiin hyvin.")]
    assert results(tell(client, program.headers, *first)) == ["taken", "taken"]
    assert results(tell(client, program.headers, *first, words("F-3", "Odotin turhaan."))) == [
        "known",
        "known",
        "taken",
    ]
    with open_session(engine, writes=False) as session:
        kept = session.exec(select(Feedback).order_by(Feedback.row)).all()
        assert len(session.exec(select(Intake)).all()) == 1
        branch = session.get(Branch, kept[0].branch_id)
    assert "040" not in kept[0].text
    assert (kept[0].score, branch.code, kept[0].source) == (6, "centre", "queue")


def test_a_row_of_another_branch_or_an_unknown_one_is_refused_by_itself(client, program, token, cast):
    own = token("feedback.write", branches=[cast.harbour])
    answer = tell(client, own, words(branch="centre"), words("F-2", branch="harbour"))
    assert results(answer) == ["tokens.not_your_branch", "taken"]
    assert results(tell(client, program.headers, words(branch="nowhere"), words("F-9"))) == [
        "fault.branch",
        "taken",
    ]


def test_what_is_not_exactly_so_is_refused_as_a_whole(client, program):
    for wrong in ({"given_at": "2026-06-09T11:30:00"}, {"score": 11}, {"extra": 1}):
        answer = tell(client, program.headers, words(), words("F-2", **wrong))
        assert (answer.status_code, answer.json["code"]) == (422, "shape.not_so")


def test_the_scope_is_its_own(client, token):
    assert tell(client, token("events.write"), words()).status_code == 403
