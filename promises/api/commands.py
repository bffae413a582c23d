"""Tokens by hand: made, listed and revoked on the command line."""

from __future__ import annotations

import click
from sqlalchemy import Engine
from sqlmodel import select

from promises import clock
from promises.api import tokens
from promises.api.tokens import SCOPES
from promises.database import open_session, transaction
from promises.language import gettext
from promises.people.tables import Branch
from promises.refusal import Refusal


@click.group("token")
def token_group() -> None:
    """Tokens by which other systems come in."""


@click.command("make")
@click.argument("source")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), required=True)
@click.option("--branch", "codes", multiple=True, help="Code of a branch; the whole company without any.")
@click.option("--note", default="", help="Who asked for it, where it is kept.")
@click.pass_obj
def make_command(
    engine: Engine, source: str, scopes: tuple[str, ...], codes: tuple[str, ...], note: str
) -> None:
    """Make a token for SOURCE and print it, this once."""
    with transaction(engine) as session:
        known = {branch.code: branch.id or 0 for branch in session.exec(select(Branch))}
        for code in codes:
            if code not in known:
                raise Refusal("people.unknown_branch", found=code)
        _, secret = tokens.make(
            session,
            source=source,
            scopes=scopes,
            branches=[known[code] for code in codes],
            note=note,
            by=None,
            as_of=clock.now(),
        )
    click.echo(gettext("command.token_made"), err=True)
    click.echo(secret)


@click.command("list")
@click.pass_obj
def list_command(engine: Engine) -> None:
    """List the tokens: number, source, beginning, scopes, when last used, revoked or not."""
    with open_session(engine, writes=False) as session:
        for one in tokens.listed(session):
            used = one.used_at.isoformat(timespec="minutes") if one.used_at else "-"
            revoked = one.revoked_at.isoformat(timespec="minutes") if one.revoked_at else ""
            click.echo("\t".join([str(one.id), one.source, one.start, ",".join(one.scopes), used, revoked]))


@click.command("revoke")
@click.argument("number", type=int)
@click.pass_obj
def revoke_command(engine: Engine, number: int) -> None:
    """Revoke the token NUMBER, as `promises token list` counts them."""
    with transaction(engine) as session:
        if not tokens.revoke(session, number, by=None, by_name="promises token revoke", as_of=clock.now()):
            raise Refusal("tokens.not_there", found=number)
    click.echo(gettext("tokens.revoked"))


COMMANDS = (make_command, list_command, revoke_command)
