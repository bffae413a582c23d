"""Checking the books: entries, compensation, payments and verdicts against each other, by SQL alone.

The queries don't share code with the rooms that write, and stay inside the database: one look at each
table, however long it is. Each answers the branch and the key of what is wrong, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from promises.audit.faults import Fault

SHOWN = 20
"""As many faults of one kind are named."""

CHECKS = {
    "fault.entry_sides": """
        SELECT e.branch_id, e.id FROM entry e
        WHERE e.amount <= 0 OR e.debit = e.credit
           OR (e.kind = 'owed' AND NOT (e.debit = 'remedies' AND e.credit = 'customers'))
           OR (e.kind = 'sent' AND NOT (e.debit = 'customers' AND e.credit IN ('vouchers', 'on_the_way')))
           OR (e.kind = 'paid' AND NOT (e.debit IN ('customers', 'vouchers', 'on_the_way')
                                        AND e.credit IN ('till', 'credits', 'bank')))
           OR (e.kind = 'reversed') <> (e.reverses IS NOT NULL)""",
    "fault.entry_without_compensation": """
        SELECT e.branch_id, e.id FROM entry e
        LEFT JOIN compensation c ON c.branch_id = e.branch_id AND c.id = e.compensation_id
        WHERE c.id IS NULL OR c.currency <> e.currency""",
    "fault.reversal_inexact": """
        SELECT r.branch_id, r.id FROM entry r
        LEFT JOIN entry t ON t.branch_id = r.branch_id AND t.id = r.reverses
        WHERE r.kind = 'reversed' AND (t.id IS NULL OR t.kind = 'reversed' OR t.amount <> r.amount
           OR t.currency <> r.currency OR t.debit <> r.credit OR t.credit <> r.debit
           OR t.compensation_id <> r.compensation_id)""",
    "fault.reversed_twice": """
        SELECT branch_id, reverses FROM entry WHERE reverses IS NOT NULL
        GROUP BY branch_id, reverses HAVING COUNT(*) > 1""",
    "fault.overpaid": """
        SELECT branch_id, compensation_id FROM entry GROUP BY branch_id, compensation_id
        HAVING SUM(CASE WHEN credit = 'customers' THEN amount WHEN debit = 'customers' THEN -amount
                        ELSE 0 END) < 0
            OR SUM(CASE WHEN credit IN ('vouchers', 'on_the_way') THEN amount
                        WHEN debit IN ('vouchers', 'on_the_way') THEN -amount ELSE 0 END) < 0""",
    "fault.sent_by_nothing": """
        SELECT e.branch_id, e.id FROM entry e
        WHERE e.kind = 'sent'
          AND NOT EXISTS (SELECT 1 FROM voucher v WHERE v.branch_id = e.branch_id AND v.entry_id = e.id)
          AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.branch_id = e.branch_id AND p.entry_id = e.id)""",
    "fault.compensation_not_entered": """
        SELECT c.branch_id, c.id FROM compensation c
        LEFT JOIN entry e ON e.branch_id = c.branch_id AND e.id = c.id
        WHERE e.id IS NULL OR e.kind <> 'owed' OR e.compensation_id <> c.id OR e.amount <> c.amount""",
    "fault.compensation_twice": """
        SELECT branch_id, verdict_id FROM compensation
        GROUP BY branch_id, verdict_id, part HAVING COUNT(*) > 1""",
    "fault.payment_without_entry": """
        SELECT p.branch_id, p.compensation_id FROM payout p
        WHERE NOT EXISTS (SELECT 1 FROM entry e WHERE e.branch_id = p.branch_id
                          AND e.compensation_id = p.compensation_id AND e.kind = 'paid')""",
    "fault.entry_without_payment": """
        SELECT e.branch_id, e.id FROM entry e
        WHERE e.kind = 'paid' AND NOT EXISTS (SELECT 1 FROM payout p
            WHERE p.branch_id = e.branch_id AND p.compensation_id = e.compensation_id)
          AND NOT EXISTS (SELECT 1 FROM entry r
            WHERE r.branch_id = e.branch_id AND r.reverses = e.id)""",
    "fault.owed_for_nothing": """
        SELECT c.branch_id, c.id FROM compensation c
        LEFT JOIN verdict v ON v.branch_id = c.branch_id AND v.id = c.verdict_id
        WHERE (v.id IS NULL OR v.case_id <> c.case_id OR v.promise_id <> c.promise_id
           OR (v.status <> 'broken'
               AND NOT EXISTS (SELECT 1 FROM payout p
                               WHERE p.branch_id = c.branch_id AND p.compensation_id = c.id)
               AND NOT EXISTS (SELECT 1 FROM award a WHERE a.branch_id = c.branch_id AND a.id = c.id)
               AND NOT EXISTS (SELECT 1 FROM entry s
                               WHERE s.branch_id = c.branch_id AND s.compensation_id = c.id
                                 AND s.kind = 'sent' AND NOT EXISTS (SELECT 1 FROM entry t
                                                 WHERE t.branch_id = s.branch_id AND t.reverses = s.id))
               AND NOT EXISTS (SELECT 1 FROM entry r
                               WHERE r.branch_id = c.branch_id AND r.reverses = c.id)))""",
    "fault.award_not_owed": """
        SELECT a.branch_id, a.id FROM award a
        LEFT JOIN award_decision d ON d.branch_id = a.branch_id AND d.award_id = a.id
        LEFT JOIN compensation c ON c.branch_id = a.branch_id AND c.id = a.id
        WHERE (a.alone OR d.outcome = 'approved') AND (c.id IS NULL OR c.amount <> a.amount)""",
    "fault.award_not_agreed": """
        SELECT a.branch_id, a.id FROM award a
        JOIN compensation c ON c.branch_id = a.branch_id AND c.id = a.id
        LEFT JOIN award_decision d ON d.branch_id = a.branch_id AND d.award_id = a.id
        WHERE NOT a.alone AND (d.outcome IS NULL OR d.outcome <> 'approved' OR d.decided_by = a.made_by)""",
    "fault.exclusion_not_followed": """
        SELECT x.branch_id, x.id FROM exclusion x
        JOIN verdict v ON v.branch_id = x.branch_id AND v.case_id = x.case_id AND v.promise_id = x.promise_id
        LEFT JOIN exclusion_decision d ON d.branch_id = x.branch_id AND d.exclusion_id = x.id
        WHERE (x.alone OR d.outcome = 'approved') AND v.status <> 'excluded'""",
}


def check_books(connection: Connection) -> Iterator[tuple[str, list[Fault]]]:
    """Each check by its code, with what it found, at most :data:`SHOWN` of a kind."""
    for code, query in CHECKS.items():
        found = connection.execute(text(f"{query} LIMIT :most"), {"most": SHOWN})
        yield code, [Fault(code, {"branch": row[0], "row": row[1]}) for row in found]
