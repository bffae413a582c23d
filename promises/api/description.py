"""The description of the interface, OpenAPI 3.1: what each address takes and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from pydantic import BaseModel
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from promises.api.shapes import Problem

View = TypeVar("View", bound=Callable[..., Any])
TITLE, VERSION = "Promises", "1"
TELLS_WRONG = "application/problem+json"

description = SpecTree(
    "flask",
    title=TITLE,
    version=VERSION,
    description="For queue systems and partners. Times have a zone, money is text, unknown keys are refused.",
    path="api/v1/described",
    mode="strict",
    annotations=False,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(name="token", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer")),
    ],
    security={"token": []},
)
"""Only describes: requests are read strictly from their bytes, row by row, which spectree can't."""


def described(
    answer: type[BaseModel],
    *faults: int,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    about: Mapping[str, str] | None = None,
) -> Callable[[View], View]:
    """Describe a view: what it answers, its *faults* beside those that all have, what it takes."""
    every = sorted({401, 403, 429, 500, *faults})
    codes: dict[str, Any] = {"HTTP_200": answer, **{f"HTTP_{code}": Problem for code in every}}

    def mark(view: View) -> View:
        told = description.validate(
            json=body, query=query, resp=Response(**codes), skip_validation=True,
            path_parameter_descriptions=about, operation_id=view.__name__,
        )(view)  # fmt: skip

        @wraps(told)
        def plain(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        return plain  # type: ignore[return-value]

    return mark


def document(address: str) -> dict[str, Any]:
    """The description, within an application context.

    :param address: where the installation is reached.
    """
    found: dict[str, Any] = description.spec
    for operations in found["paths"].values():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                if not status.startswith("2") and "content" in answer:
                    answer["content"] = {TELLS_WRONG: next(iter(answer["content"].values()))}
    return {**found, "servers": [{"url": address}]}
