"""Feedback: customers' words come in, and the problems in them are found."""
