"""What is told: the kinds of notices, and which people hear of each by mail."""

from __future__ import annotations

from dataclasses import dataclass

from promises.people.roles import Role


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    :param role: those who are written to: of the branch where it happened, or of the whole company.
    :param at_once: whether a letter waits for nothing, instead of keeping its distance from the last one.
    :param also: further roles that are written to in the same way.
    :param mailed: whether there are letters about it at all; other systems may hear of every kind.
    """

    role: Role
    at_once: bool = False
    mailed: bool = True
    also: tuple[Role, ...] = ()


KINDS: dict[str, Kind] = {
    "case.broken": Kind(Role.BRANCH_MANAGER),
    "compensation.owed": Kind(Role.BRANCH_MANAGER),
    "compensation.due_soon": Kind(Role.BRANCH_MANAGER),
    "compensation.late": Kind(Role.BRANCH_MANAGER),
    "followup.late": Kind(Role.BRANCH_MANAGER),
    "watch.behind": Kind(Role.ADMINISTRATOR, at_once=True),
    "watch.stuck": Kind(Role.ADMINISTRATOR, at_once=True),
    "batch.waiting": Kind(Role.MANAGEMENT),
    "books.wrong": Kind(Role.AUDITOR, at_once=True),
    "problem.emerged": Kind(Role.MANAGEMENT, also=(Role.ANALYST,)),
    "problem.growing": Kind(Role.MANAGEMENT, also=(Role.ANALYST,)),
    "problem.fading": Kind(Role.MANAGEMENT, also=(Role.ANALYST,)),
}
