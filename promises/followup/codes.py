"""What can happen in a follow-up, and how it can end. Pure."""

OUTCOMES = ("solved", "explained", "not_reached", "no_need")
STEPS = ("opened", "given", "called", "not_reached", "message", "told", "note", "late", "closed", "asked")
BY_HAND = ("called", "not_reached", "note")
REACHED = ("called", "message")
