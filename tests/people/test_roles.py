"""Who may do what where."""

import pytest

from promises.people.roles import MAY, Role, may


def test_a_teller_serves_only_at_the_own_branch():
    assert may(Role.STAFF, "desk.serve", own_branches=["centre"], branch="centre")
    assert not may(Role.STAFF, "desk.serve", own_branches=["centre"], branch="harbour")


def test_management_reads_every_branch_but_serves_at_none():
    assert may(Role.MANAGEMENT, "reports.branch", branch="harbour")
    assert not may(Role.MANAGEMENT, "desk.serve", branch="harbour")


def test_the_auditor_changes_nothing():
    assert {verb for verb, roles in MAY.items() if Role.AUDITOR in roles} == {
        verb
        for verb in MAY
        if verb.endswith((".read", ".network", ".branch", ".self")) and Role.AUDITOR in MAY[verb]
    }


def test_an_unknown_verb_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        may(Role.STAFF, "bank.rob")
