"""Who did what, when and to what: append-only, in codes that every language can show."""
