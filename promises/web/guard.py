"""Every page says which verb it is, that it is open to all, or which scope a token needs for it; one that
says none of them can't be served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

from promises.people.roles import MAY

View = TypeVar("View", bound=Callable[..., Any])
OPEN = "open"
TOKEN = "token"  # noqa: S105 - a word, not a secret
Door = Callable[[str], None]
"""Lets a request in by its token, if that has the scope; raises otherwise."""


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


def writes_by_itself(view: View) -> View:
    """Mark a page that takes its time and writes in short transactions of its own: the request's session only
    reads, so that SQLite's one lock isn't held meanwhile."""
    view.writes_by_itself = True  # type: ignore[attr-defined]
    return view


def only_reads(app: Flask, endpoint: str) -> bool:
    """Whether the request's own session writes nothing, whatever the method."""
    return getattr(app.view_functions[endpoint], "writes_by_itself", False)


def needs_token(scope: str) -> Callable[[View], View]:
    """Mark an address of the interface: it opens to a token with *scope*, whoever is signed in."""

    def mark(view: View) -> View:
        view.verb = TOKEN  # type: ignore[attr-defined]
        view.scope = scope  # type: ignore[attr-defined]
        return view

    return mark


def scope_of(app: Flask, endpoint: str) -> str:
    """The scope that *endpoint* needs, if it opens to tokens."""
    return str(getattr(app.view_functions[endpoint], "scope"))  # noqa: B009


def verb_of(app: Flask, endpoint: str) -> str:
    """The verb of *endpoint*: a key of the permission table, ``"open"`` or ``"token"``."""
    if endpoint == "static":
        return OPEN
    return str(getattr(app.view_functions[endpoint], "verb"))  # noqa: B009 - mypy knows no such attribute


def check_all_marked(app: Flask) -> None:
    """:raises RuntimeError: naming the pages that nobody has put under a verb, or if tokens have no door."""
    unmarked = [
        name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, "verb")
    ]
    if unmarked:
        raise RuntimeError(f"pages without a verb: {', '.join(sorted(unmarked))}")
    tokens = [name for name in app.view_functions if name != "static" and verb_of(app, name) == TOKEN]
    if tokens and "door" not in app.extensions:
        raise RuntimeError(f"nobody asks for a token at: {', '.join(sorted(tokens))}")
