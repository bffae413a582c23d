"""What the decisions room tells along the chain: what became of a proposal, where a promise came from."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from promises import language
from promises.decisions import queries
from promises.decisions.phase import phase
from promises.decisions.queries import Standing
from promises.language import gettext
from promises.proposals import problems
from promises.web.onward import Onward, leads_on_from
from promises.web.request import as_of, db, visitor


@leads_on_from("proposal")
def after_a_proposal(proposal_id: int) -> Iterator[Onward]:
    """Its rounds, the decisions, and the promise."""
    for candidacy in queries.candidacies(db(), proposal_id):
        held = candidacy.round
        where = phase(held.opens_at, held.closes_at, 0 if candidacy.made else 1, as_of())
        url = url_for("decisions.one", round_id=held.id)
        yield Onward("round", held.title, url, gettext(f"round.{where}"))
        if candidacy.made is None:
            continue
        yield decision_link(candidacy)
        if candidacy.made.promise is not None:
            there = url_for("terms.one", code=candidacy.made.promise)
            yield Onward("promise", candidacy.title, there)


@leads_on_from("promise_origin")
def before_a_promise(promise_id: int) -> Iterator[Onward]:
    """The decision, the proposal and the problem that a promise came from; nothing for those outside."""
    candidacy, reader = queries.origin(db(), promise_id), visitor()
    if candidacy is None or reader is None:
        return
    yield decision_link(candidacy)
    yield Onward("proposal", candidacy.title, url_for("proposals.one", proposal_id=candidacy.proposal_id))
    if reader.may("feedback.read"):
        for problem in problems.answered(db(), [candidacy.proposal_id])[candidacy.proposal_id]:
            there = url_for("feedback.problem", problem_id=problem.id)
            yield Onward("problem", problem.label(language.current()), there)


def decision_link(candidacy: Standing) -> Onward:
    """Where a decided candidacy's decision can be read."""
    outcome = candidacy.made.decision.outcome if candidacy.made else ""
    there = url_for("decisions.one", round_id=candidacy.round.id, _anchor=f"candidate-{candidacy.id}")
    return Onward("decision", gettext(f"decision.{outcome}"), there)
