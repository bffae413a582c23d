"""Which form has been sent already."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Press(SQLModel, table=True):
    """One press of one form's button, so that a second press leads to what the first one did."""

    __tablename__ = "press"

    token: str = Field(max_length=36, primary_key=True)
    at: datetime = Field(index=True)
    location: str = Field(default="", max_length=500)
