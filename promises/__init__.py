"""Promises: customers' problems become promises that staff own, and a broken promise pays by itself."""
