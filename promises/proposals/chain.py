"""What the proposals room tells along the chain: a problem's proposals."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from promises.language import gettext
from promises.proposals import problems, queries
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db


@leads_on_from("problem")
def proposals_for(problem_id: int) -> Iterator[Onward]:
    """The proposals that answer a problem, or one that was merged into it."""
    for line in queries.lines(db(), problems.answers_to(db(), problem_id)):
        yield Onward(
            kind="proposal",
            title=line.title,
            url=url_for("proposals.one", proposal_id=line.id),
            note=gettext(f"proposal.{line.state}"),
        )
