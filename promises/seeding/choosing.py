"""Proposals, rounds, decisions and launches of the seed, through the same verbs that people use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from promises.decisions import actions as decisions
from promises.decisions.queries import candidates as standing_in
from promises.proposals import actions as proposals
from promises.proposals.tables import Version
from promises.seeding.files import Calendar, toml

People = Mapping[str, int]


def load_proposals(
    session: Session, calendar: Calendar, people: People, problems: Mapping[str, int]
) -> dict[str, int]:
    """Every proposal with its versions, support and comments; their ids by the seed's codes.

    :param problems: ids of problems by the code of the proposal that answers them.
    """
    ids: dict[str, int] = {}
    for told in toml("proposals")["proposal"]:
        first, *later = told["version"]
        by = people[told["author"]]
        proposal = proposals.propose(
            session,
            problems=[problems[told["code"]]],
            title=first["title"],
            text=first["text"],
            steps=first["steps"],
            by=by,
            as_of=calendar.when(first),
        )
        ids[told["code"]] = proposal_id = proposal.id or 0
        happenings = [(calendar.when(one), n, one) for n, one in enumerate(_talk(told), 1)]
        happenings += [(calendar.when(one), 0, one) for one in later]
        for at, _, one in sorted(happenings, key=lambda happening: happening[:2]):
            _happen(session, proposal_id, one, people, by, at)
    return ids


def _talk(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [*told.get("endorsement", ()), *told.get("comment", ())]


def _happen(
    session: Session, proposal_id: int, told: dict[str, Any], people: People, author: int, at: datetime
) -> None:
    if "steps" in told:
        proposals.revise(
            session,
            proposal_id,
            based_on=told["number"] - 1,
            title=told["title"],
            text=told["text"],
            steps=told["steps"],
            by=author,
            as_of=at,
        )
    elif "version" in told:
        person = people[told["person"]]
        proposals.endorse(session, proposal_id, number=told["version"], by=person, as_of=at)
    else:
        proposals.comment(session, proposal_id, text=told["text"], by=people[told["person"]], as_of=at)


def load_rounds(session: Session, calendar: Calendar, people: People, standing: Mapping[str, int]) -> None:
    """Every round with its ballots and decisions; what was chosen is launched with its terms.

    :param standing: ids of proposals by the seed's codes.
    """
    terms = {told["code"]: told for told in toml("promises")["promise"]}
    for told in toml("rounds")["round"]:
        made = decisions.open_round(
            session,
            title=told["title"],
            versions=[_current(session, standing[code]) for code in told["proposals"]],
            opens_at=calendar.when(told["opens"]),
            closes_at=calendar.when(told["closes"]),
            quorum=told["quorum"],
            by=people[told["made_by"]],
            as_of=calendar.when(told["made"]),
        )
        candidates = {one.proposal_id: one.id for one in standing_in(session, made.id or 0)}
        for ballot in told.get("ballot", ()):
            marks = {
                (candidates[standing[code]], criterion): mark
                for code, given in ballot["marks"].items()
                for criterion, mark in zip(made.criteria, given, strict=True)
            }
            by, at = people[ballot["person"]], calendar.when(ballot["cast"])
            decisions.vote(session, made.id or 0, marks=marks, by=by, as_of=at)
        for one in told.get("decision", ()):
            by, at = people[one["by"]], calendar.when(one["at"])
            candidate = candidates[standing[one["proposal"]]]
            decision = decisions.decide(
                session, candidate, outcome=one["outcome"], reason=one["reason"], by=by, as_of=at
            )
            if "promise" in one:
                promise = terms[one["promise"]]
                document = document_of(promise, calendar)
                starts_at = calendar.when(promise["starts"])
                decisions.launch(session, decision.id or 0, document, by=by, as_of=at, starts_at=starts_at)


def _current(session: Session, proposal_id: int) -> int:
    query = select(Version.id).where(Version.proposal_id == proposal_id).order_by(Version.number.desc())  # type: ignore[attr-defined]
    return session.exec(query).first() or 0


def document_of(told: Mapping[str, Any], calendar: Calendar) -> dict[str, Any]:
    """A promise of ``promises.toml`` in the terms format."""
    measure = {"from": told["from"], "to": told["to"], "limit": told["limit"]}
    if "clock" in told:
        measure["clock"] = told["clock"]
    return {
        "format": 1,
        "promise": told["code"],
        "name": told["name"],
        "told": told["sentence"],
        "starts": str(calendar.day(told["starts"]["days_ago"])),
        "zone": calendar.zone.key,
        "branches": told["branches"],
        "touchpoint": told["touchpoint"],
        "measure": measure,
        "target": told["target"],
        "remedy": {
            "pays": [{"amount": told["amount"]}],
            "pay_within": f"{told['pay_by_days']} calendar days",
            **({"by_hand": told["by_hand"]} if "by_hand" in told else {}),
            "ways": toml("payments")["ways"].get(told["code"], ["counter"]),
        },
    }
