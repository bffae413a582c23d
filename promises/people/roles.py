"""One table of who may do which verb where. Every page names its verb; nothing else decides."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Role(StrEnum):
    """What a person is in the company; one each."""

    STAFF = "staff"
    BRANCH_MANAGER = "branch_manager"
    MANAGEMENT = "management"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Where(StrEnum):
    """How far a permission reaches: the person's own branches, or the whole company."""

    OWN = "own"
    ALL = "all"


_S, _B, _M = Role.STAFF, Role.BRANCH_MANAGER, Role.MANAGEMENT
_N, _U, _A = Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR
_EVERYBODY = dict.fromkeys(Role, Where.ALL)

MAY: dict[str, dict[Role, Where]] = {
    "home.read": _EVERYBODY,
    "people.read": {_A: Where.ALL, _U: Where.ALL},
    "people.manage": {_A: Where.ALL},
    "tokens.manage": {_A: Where.ALL},
    "webhooks.manage": {_A: Where.ALL},
    "journal.read": {_U: Where.ALL, _A: Where.ALL},
    "feedback.read": {_S: Where.ALL, _B: Where.ALL, _M: Where.ALL, _N: Where.ALL, _U: Where.ALL},
    "feedback.import": {_N: Where.ALL},
    "problems.curate": {_N: Where.ALL},
    "problems.rate": {_S: Where.ALL, _B: Where.ALL, _M: Where.ALL, _N: Where.ALL},
    "praise.read": {_B: Where.OWN, _M: Where.ALL},
    "originals.read": {_N: Where.ALL},
    "customers.erase": {_N: Where.ALL, _A: Where.ALL},
    "surveys.read": {_B: Where.ALL, _M: Where.ALL, _N: Where.ALL, _U: Where.ALL},
    "surveys.manage": {_N: Where.ALL},
    "followup.read": {_S: Where.OWN, _B: Where.OWN, _M: Where.ALL, _N: Where.ALL, _U: Where.ALL},
    "followup.act": {_S: Where.OWN, _B: Where.OWN, _N: Where.ALL},
    "followup.rule": {_N: Where.ALL, _M: Where.ALL},
    "proposals.read": _EVERYBODY,
    "proposals.write": {_S: Where.ALL, _B: Where.ALL, _N: Where.ALL},
    "proposals.support": {_S: Where.ALL, _B: Where.ALL, _N: Where.ALL},
    "rounds.read": _EVERYBODY,
    "rounds.open": {_M: Where.ALL},
    "rounds.vote": {_M: Where.ALL, _B: Where.ALL},
    "rounds.decide": {_M: Where.ALL},
    "terms.read": _EVERYBODY,
    "terms.set": {_M: Where.ALL},
    "hours.set": {_B: Where.OWN, _M: Where.ALL},
    "cases.read": {_S: Where.OWN, _B: Where.OWN, _M: Where.ALL, _N: Where.ALL, _U: Where.ALL},
    "cases.import": {_N: Where.ALL},
    "desk.serve": {_S: Where.OWN, _B: Where.OWN},
    "board.read": {_S: Where.OWN, _B: Where.OWN},
    "devices.manage": {_B: Where.OWN},
    "customers.link": {_S: Where.OWN, _B: Where.OWN},
    "compensation.read": {_S: Where.OWN, _B: Where.OWN, _M: Where.ALL, _U: Where.ALL},
    "compensation.pay": {_S: Where.OWN, _B: Where.OWN},
    "payments.read": {_B: Where.OWN, _M: Where.ALL, _U: Where.ALL},
    "payments.batch": {_B: Where.OWN, _M: Where.ALL},
    "payments.approve": {_M: Where.ALL},
    "payments.choose": {_S: Where.OWN, _B: Where.OWN},
    "vouchers.redeem": {_S: Where.OWN, _B: Where.OWN},
    "cases.exclude": {_S: Where.OWN, _B: Where.OWN},
    "awards.make": {_B: Where.OWN, _M: Where.ALL},
    "by_hand.decide": {_B: Where.OWN, _M: Where.ALL},
    "ledger.read": {_B: Where.OWN, _M: Where.ALL, _U: Where.ALL},
    "misuse.read": {_B: Where.OWN, _M: Where.ALL, _U: Where.ALL},
    "reports.network": {_B: Where.ALL, _M: Where.ALL, _N: Where.ALL, _U: Where.ALL},
    "reports.branch": {_S: Where.OWN, _B: Where.OWN, _M: Where.ALL, _N: Where.ALL, _U: Where.ALL},
}


def may(role: str, verb: str, *, own_branches: Collection[str] = (), branch: str | None = None) -> bool:
    """Whether a person of *role* may do *verb*, at *branch* if the act belongs to one.

    A permission that reaches only the person's own branches also opens acts that belong to no
    branch at all: those show or choose among the own ones.

    :raises KeyError: for a verb that the table does not know, which is a fault of the program.
    """
    reach = MAY[verb].get(Role(role))
    if reach is None:
        return False
    return reach is Where.ALL or branch is None or branch in own_branches
