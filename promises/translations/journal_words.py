"""What the source writes into the journal, and which words the journal's page needs for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

OF_THE_ACT = {"by", "as_of"}


def written(tree: ast.AST) -> Iterator[str]:
    """The codes under which the page says what each call of ``record`` in *tree* names outright."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record":
            for family, one in zip(("event", "subject"), node.args[1:3], strict=False):
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield f"{family}.{one.value}"
            for fact in node.keywords:
                if fact.arg and fact.arg not in OF_THE_ACT:
                    yield f"detail.{fact.arg}"
