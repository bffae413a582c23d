"""The way to a customer's own page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint
from sqlmodel import Field, SQLModel


class CustomerLink(SQLModel, table=True):
    """What opens one case to its customer. The link and the short code are made from ``nonce`` and the
    installation's secret key, and only their hashes are kept: who reads the database can open no page."""

    __tablename__ = "customer_link"
    __table_args__ = (ForeignKeyConstraint(["branch_id", "case_id"], ["case.branch_id", "case.id"]),)

    branch_id: int = Field(primary_key=True)
    case_id: int = Field(sa_type=BigInteger, primary_key=True)
    nonce: str = Field(max_length=32)
    link_hash: str = Field(max_length=64, unique=True)
    code_hash: str = Field(max_length=64, unique=True)
    made_at: datetime
    made_by: int | None = Field(default=None, foreign_key="person.id")
