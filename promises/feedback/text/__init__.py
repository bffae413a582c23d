"""What a text says: its language, words, clauses and tone. Pure; tables are read when first needed."""
