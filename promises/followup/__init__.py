"""Answers that need a person: who gets back to the customer, by when, and what came of it."""
