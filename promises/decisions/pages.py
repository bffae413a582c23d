"""Choosing: rounds, voting, the count, decisions with reasons, and the launch of a promise."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

import promises.decisions.chain  # noqa: F401  registers what follows from a proposal
from promises.decisions import actions, counting, launch_pages, queries
from promises.decisions.forms import DecisionForm, RoundForm, ballot_form, marks_of, row_of
from promises.decisions.launch_pages import problem_url
from promises.decisions.phase import phase
from promises.decisions.queries import Standing
from promises.decisions.tables import Round
from promises.decisions.tally import departures
from promises.language import gettext, ngettext
from promises.people.tables import Company
from promises.proposals import queries as proposals
from promises.refusal import Refusal
from promises.web.guard import needs
from promises.web.once import done, pressed_before
from promises.web.request import as_of, db, me

pages = Blueprint("decisions", __name__)

CLOSES_AFTER = timedelta(days=7)
CLOSES_AT = time(16, 0)

pages.add_url_rule(
    "/decisions/<int:decision_id>/launch", view_func=launch_pages.launch, methods=["GET", "POST"]
)
pages.add_url_rule(
    "/decisions/<int:decision_id>/launch/whole", view_func=launch_pages.launch_whole, methods=["GET", "POST"]
)


@pages.get("/rounds")
@needs("rounds.read")
def listing() -> ResponseReturnValue:
    return render_template("decisions/listing.html", rounds=queries.rounds(db(), as_of=as_of()))


def _zone() -> ZoneInfo:
    company = db().get(Company, 1)
    return ZoneInfo(company.zone if company else "UTC")


@pages.route("/rounds/new", methods=["GET", "POST"])
@needs("rounds.open")
def new() -> ResponseReturnValue:
    drafts = [line for line in proposals.lines(db()) if line.state == "open"]
    here = as_of().astimezone(_zone())
    most = actions.voters(db())
    form = RoundForm(
        versions=[(line.version_id, _told(line)) for line in drafts],
        data={
            "versions": [
                line.version_id for line in drafts if line.id == request.args.get("proposal", type=int)
            ],
            "opens_on": here.date(),
            "opens_time": here.time(),
            "closes_on": (here + CLOSES_AFTER).date(),
            "closes_time": CLOSES_AT,
            "quorum": most // 2 + 1,
            "criteria": list(actions.CRITERIA),
        },
    )
    if form.validate_on_submit() and (moments := form.moments(_zone())) is not None:
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals(
            decisions__quorum_too_high="quorum",
            decisions__closes_before_opening="closes_on",
            decisions__closes_in_past="closes_on",
            decisions__text_changed="versions",
            decisions__not_available="versions",
        ):
            made = actions.open_round(
                db(),
                title=form.title.data or "",
                versions=form.versions.data or [],
                opens_at=moments[0],
                closes_at=moments[1],
                quorum=form.quorum.data or 0,
                criteria=form.criteria.data or [],
                by=me().id,
                as_of=as_of(),
            )
        if not form.refused:
            flash(gettext("decisions.round_made"), "ok")
            return done(form.once.data, url_for(".one", round_id=made.id))
    page = render_template("decisions/new.html", form=form, drafts=drafts, voters=most)
    return page, 422 if form.errors or form.refused else 200


def _told(line: proposals.Line) -> str:
    support = ngettext("%(num)s supporter", "%(num)s supporters", line.endorsements)
    return f"{line.title} · {support}"


def _round(round_id: int) -> Round:
    return db().get(Round, round_id) or abort(404)


@pages.get("/rounds/<int:round_id>")
@needs("rounds.read")
def one(round_id: int) -> ResponseReturnValue:
    held = _round(round_id)
    candidates = queries.candidates(db(), round_id)
    undecided = sum(candidate.made is None for candidate in candidates)
    where = phase(held.opens_at, held.closes_at, undecided, as_of())
    count = counting.count_of(db(), held, as_of=as_of()) if where in {"closed", "decided"} else None
    if count is not None:
        by_id = {candidate.id: candidate for candidate in candidates}
        candidates = [by_id[line.candidate] for line in count.lines]
    return render_template(
        "decisions/one.html",
        round=held,
        phase=where,
        candidates=candidates,
        titles={candidate.id: candidate.title for candidate in candidates},
        problem=problem_url(candidates[0]) if len(candidates) == 1 else None,
        count=count,
        ballots=queries.ballots_cast(db(), round_id),
        voters=actions.voters(db()),
        own=queries.own_ballot(db(), round_id, me().id),
    )


@pages.route("/rounds/<int:round_id>/vote", methods=["GET", "POST"])
@needs("rounds.vote")
def vote(round_id: int) -> ResponseReturnValue:
    held = _round(round_id)
    if as_of() < held.opens_at:
        raise Refusal("decisions.not_open_yet")
    if as_of() >= held.closes_at:
        raise Refusal("decisions.closed")
    candidates = queries.candidates(db(), round_id)
    ids = [candidate.id for candidate in candidates]
    own = queries.own_ballot(db(), round_id, me().id)
    form = ballot_form(ids, held.criteria, queries.own_marks(db(), own))
    if form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        with form.refusals():
            marks = marks_of(form, ids, held.criteria)
            actions.vote(db(), round_id, marks=marks, by=me().id, as_of=as_of())
        if not form.refused:
            flash(gettext("decisions.vote_taken"), "ok")
            return done(form.once.data, url_for(".one", round_id=round_id))
    page = render_template(
        "decisions/vote.html", form=form, round=held, candidates=candidates, own=own, row_of=row_of
    )
    return page, 422 if form.errors or form.refused else 200


@pages.route("/rounds/<int:round_id>/decide/<int:candidate_id>", methods=["GET", "POST"])
@needs("rounds.decide")
def decide(round_id: int, candidate_id: int) -> ResponseReturnValue:
    held = _round(round_id)
    candidate = _candidate(round_id, candidate_id)
    count = counting.count_of(db(), held, as_of=as_of())
    form = DecisionForm()
    if candidate.made is None and form.validate_on_submit():
        if seen := pressed_before(form.once.data):
            return seen
        proposal = url_for("proposals.one", proposal_id=candidate.proposal_id)
        with form.refusals(decisions__needs_reason="reason", decisions__reason_short="reason"):
            actions.decide(
                db(),
                candidate_id,
                outcome=form.outcome.data,
                reason=form.reason.data or "",
                by=me().id,
                as_of=as_of(),
                link=current_app.config["SETTINGS"].base_url + proposal,
            )
        if not form.refused:
            flash(gettext("decisions.made"), "ok")
            return done(
                form.once.data, url_for(".one", round_id=round_id, _anchor=f"candidate-{candidate_id}")
            )
        candidate = _candidate(round_id, candidate_id)
    decided = counting.outcomes(db(), round_id)
    page = render_template(
        "decisions/decide.html",
        form=form,
        round=held,
        candidate=candidate,
        problem=problem_url(candidate),
        count=count,
        line=count.of(candidate_id),
        titles={other.id: other.title for other in queries.candidates(db(), round_id)},
        departs={outcome: departures(count, decided, candidate_id, outcome) for outcome in actions.OUTCOMES},
        shortest=actions.SHORTEST_REASON_TO_DEPART,
    )
    return page, 422 if form.errors or form.refused else 200


def _candidate(round_id: int, candidate_id: int) -> Standing:
    found = queries.candidate(db(), candidate_id)
    return found if found is not None and found.round.id == round_id else abort(404)
