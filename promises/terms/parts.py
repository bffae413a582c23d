"""What the parts of a terms document have in common, and conditions on a case's attributes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, model_validator
from pydantic_core import PydanticCustomError

from promises.terms.quantities import Name, Number


class Part(BaseModel):
    """A part of a terms document: unknown keys refused, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(Part):
    """Something that holds of an attribute: it is a value, one of several, or a number within bounds.

    A case without the attribute doesn't meet the condition. Texts are compared exactly.
    """

    attribute: Name
    is_: StrictStr | StrictBool | None = Field(
        default=None, alias="is", description="The value: a text, true or false."
    )
    in_: list[str] | None = Field(default=None, alias="in", min_length=1, description="One of these texts.")
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Condition:
        bounded = self.at_least is not None or self.at_most is not None
        if (self.is_ is not None) + (self.in_ is not None) + bounded != 1:
            raise PydanticCustomError("condition", "say one of is, in, at_least/at_most")
        return self

    @property
    def numeric(self) -> bool:
        """Whether the attribute must be a number."""
        return self.is_ is None and self.in_ is None
