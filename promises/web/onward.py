"""The way onward along the chain: what later rooms know of an earlier room's thing.

A page of an early room can't import a later room, yet it shows what came of its thing: a problem its
proposals, a case its compensation. Later rooms register themselves here for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Onward:
    """One thing further down the chain. ``kind`` is a code of the ``kind.*`` family."""

    kind: str
    title: str
    url: str
    note: str = ""


Provider = Callable[..., Iterable[Onward]]
_providers: defaultdict[str, list[Provider]] = defaultdict(list)


def leads_on_from(kind: str) -> Callable[[Provider], Provider]:
    """Register a function that takes the key of a *kind* and tells what the chain holds after it."""

    def register(provider: Provider) -> Provider:
        _providers[kind].append(provider)
        return provider

    return register


def onward(kind: str, *key: Any) -> list[Onward]:
    """Everything that follows from the *kind* of this *key*, in the order of the chain."""
    return [step for provider in _providers[kind] for step in provider(*key)]
