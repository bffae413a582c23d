"""Every page says which verb it is, or that it is open to all; one that says neither can't be served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from promises.people.roles import MAY

View = TypeVar("View", bound=Callable[..., Any])
OPEN = "open"


def needs(verb: str) -> Callable[[View], View]:
    """Mark a page as the act *verb* of the permission table.

    Where its address has a ``<branch>``, the permission is asked for that branch.
    """
    if verb not in MAY:
        raise KeyError(f"no such verb in the permission table: {verb}")

    def mark(view: View) -> View:
        view.verb = verb  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Mark a page as readable without signing in."""
    view.verb = OPEN  # type: ignore[attr-defined]
    return view


def verb_of(app: Flask, endpoint: str) -> str:
    """The verb of *endpoint*: a key of the permission table, or ``"open"``."""
    if endpoint == "static":
        return OPEN
    return str(getattr(app.view_functions[endpoint], "verb"))  # noqa: B009 - mypy knows no such attribute


def check_all_marked(app: Flask) -> None:
    """:raises RuntimeError: naming the pages that nobody has put under a verb."""
    unmarked = [
        name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, "verb")
    ]
    if unmarked:
        raise RuntimeError(f"pages without a verb: {', '.join(sorted(unmarked))}")
