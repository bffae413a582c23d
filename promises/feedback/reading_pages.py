"""The problem board, a problem, the feedback behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select
from werkzeug.datastructures import MultiDict

from promises.feedback import queries
from promises.feedback.board import problems, seeing, worth
from promises.feedback.board.drawing import draw
from promises.feedback.board.facts import monday_of, week_of
from promises.feedback.board.growth import RECENT
from promises.feedback.board.ranking import ORDERS
from promises.feedback.curation import sorting
from promises.feedback.finding import actions as finding
from promises.feedback.finding import announcing
from promises.feedback.forms import ButtonForm, FilterForm
from promises.feedback.queries import Wanted
from promises.feedback.tables import Feedback, Intake, Interview, Original, Problem
from promises.language import current
from promises.people.queries import company_zone
from promises.people.tables import Branch
from promises.web.guard import needs
from promises.web.navigation import visible_branches
from promises.web.request import as_of, asked_number, asked_page, db

OPEN = ("found", "accepted")


@needs("feedback.read")
def board() -> ResponseReturnValue:
    """The problems, by what they do."""
    dismissed = request.args.get("state") == "dismissed"
    form, wanted = asked_for()
    order = form.order.data if form.order.data in ORDERS else ORDERS[0]
    page = asked_page()
    shown = problems.board(
        db(),
        wanted,
        as_of(),
        ("dismissed",) if dismissed else OPEN,
        current(),
        order=order,
        page=page,
        costs=known_costs(),
    )
    return render_template(
        "feedback/board.html",
        form=form,
        wanted=wanted,
        board=shown,
        order=order,
        page=page,
        last=pages_for(shown.total, problems.PAGE),
        url_of=page_address(),
        dismissed=dismissed,
        all_dismissed=problems.how_many(db(), "dismissed"),
        pending=finding.pending(db()),
        kept=kept_arguments(),
        lately=lately(),
        draw=draw,
        news=[] if dismissed else announcing.news(db(), as_of()),
        sure=sorting.steadiness(db()),
    )


@needs("feedback.read")
def problem(problem_id: int) -> ResponseReturnValue:
    """One problem: what it does, in whose words, where and when, and what came of it."""
    found = db().get(Problem, problem_id) or abort(404)
    if found.merged_into_id is not None:
        return redirect(url_for(".problem", problem_id=found.merged_into_id))
    form, asked = asked_for()
    # Scores narrow the quotes only: a figure of those who gave 0-6 among those who gave 0-6 says nothing.
    wanted = replace(asked, scores="")
    page = asked_page()
    seen = seeing.seen(db(), wanted, col(Problem.id) == problem_id)
    doing = problems.doing_of(db(), found, seen, as_of(), known_costs())
    placed = {facet: seen.placed(facet, [problem_id]) for facet in problems.WHERE}
    branches = problems.by_branch(db(), found, replace(wanted, branch_id=None))
    return render_template(
        "feedback/problem.html",
        problem=found,
        form=form,
        wanted=asked,
        doing=doing,
        figures=doing.figures,
        concentrations=problems.concentrations(seen, placed).get(problem_id, ()),
        branch_of={str(branch.id): branch for branch, _ in branches},
        quotes=problems.quotes(db(), found, asked, page),
        branches=branches,
        drawing=draw(doing.growth, 520, 120),
        monday_of=monday_of,
        page=page,
        last=pages_for(problems.quoted(db(), found, asked), problems.QUOTES),
        url_of=page_address(),
        kept=kept_arguments(),
        lately=lately(),
        button=ButtonForm(),
        curated=sorting.curated(db(), problem_id),
    )


@needs("feedback.read")
def listing() -> ResponseReturnValue:
    """All feedback, searched and narrowed."""
    form, wanted = asked_for()
    intake = db().get(Intake, asked_number("intake") or 0)
    if intake is not None:
        wanted = replace(wanted, intake_id=intake.id)
    page = asked_page()
    voices, total = queries.listing(db(), wanted, page)
    ids = [voice.feedback.id or 0 for voice in voices]
    return render_template(
        "feedback/listing.html",
        form=form,
        wanted=wanted,
        intake=intake,
        voices=voices,
        total=total,
        problems=queries.problems_by_feedback(db(), ids),
        page=page,
        last=pages_for(total),
        url_of=page_address(),
    )


@needs("feedback.read")
def one(feedback_id: int) -> ResponseReturnValue:
    """One piece of feedback: its words, where they came from, which problems they speak of."""
    found = db().get(Feedback, feedback_id) or abort(404)
    return render_template(
        "feedback/one.html",
        feedback=found,
        branch=db().get(Branch, found.branch_id) if found.branch_id else None,
        intake=db().get_one(Intake, found.intake_id),
        mentions=queries.mentions(db(), feedback_id),
        original=db().get(Original, feedback_id),
        interview=db().exec(select(Interview).where(Interview.intake_id == found.intake_id)).first(),
    )


def known_costs() -> worth.Costs:
    """What problems have cost in the branches whose compensation the reader may see."""
    return worth.costs(db(), [branch.id or 0 for branch in visible_branches("compensation.read")])


def lately() -> str:
    """The day from which the last four weeks of a trend are counted, for the address of their quotes."""
    week = week_of(as_of().astimezone(company_zone(db())).date())
    return monday_of(week - RECENT + 1).isoformat()


def kept_arguments(**changed: Any) -> dict[str, Any]:
    """The filters of this page's address, for a link that keeps them."""
    names = ("branch", "touchpoint", "source", "language", "period", "since", "until", "words")
    kept = {name: request.args[name] for name in names if request.args.get(name)}
    return {**kept, **changed}


def pages_for(total: int, size: int = queries.PAGE) -> int:
    return max(1, -(-total // size))


def page_address() -> Callable[[int], str]:
    """Page number → this very address on that page."""
    arguments: MultiDict[str, Any] = MultiDict(request.args)
    arguments.update(request.view_args or {})

    def address(page: int) -> str:
        return url_for(request.endpoint or "", **{**arguments.to_dict(), "page": page})

    return address


def asked_for() -> tuple[FilterForm, Wanted]:
    """What the address asks to see, and the form that says so."""
    branches: Sequence[Branch] = visible_branches("feedback.read")
    form = FilterForm(request.args)
    form.offer(branches, queries.sources(db()), queries.languages(db()), queries.touchpoints(db()))
    return form, form.wanted(branches, as_of(), company_zone(db()))
