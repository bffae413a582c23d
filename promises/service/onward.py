"""The way onward into the cases: from a promise, and from a branch."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from promises.language import gettext
from promises.people.tables import Branch
from promises.terms.queries import promises
from promises.web.onward import Onward, leads_on_from
from promises.web.request import db, visitor


@leads_on_from("promise")
def cases_of_promise(promise_id: int) -> Iterator[Onward]:
    """The list of the promise's cases, for those who may see any."""
    reader = visitor()
    dated = next(iter(promises(db(), promise_id)), None)
    if dated is not None and reader is not None and reader.may("cases.read"):
        yield Onward("case", gettext("onward.cases"), url_for("service.listing", promise=dated.code))


@leads_on_from("branch")
def cases_of_branch(branch_id: int) -> Iterator[Onward]:
    """The list of the branch's cases, for those who may see them."""
    reader, branch = visitor(), db().get(Branch, branch_id)
    if branch is not None and reader is not None and reader.may("cases.read", branch.code):
        yield Onward("case", gettext("onward.cases"), url_for("service.listing", branch=branch.code))
