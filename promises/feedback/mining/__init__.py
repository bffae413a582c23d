"""Texts become problems: vectors, a graph of neighbours, groups, names. Pure, and the same in any order."""
