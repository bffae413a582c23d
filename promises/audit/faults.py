"""What a verification may find, as codes that every language can say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from promises.language import gettext


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it must be. ``code`` is of the catalogue's ``fault.*`` family."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return gettext(self.code, **self.facts)
