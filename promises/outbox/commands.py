"""Other systems that are told what happens, by hand: added, listed and let go on the command line."""

from __future__ import annotations

import os

import click
from sqlalchemy import Engine
from sqlmodel import select

from promises import clock
from promises.database import open_session, transaction
from promises.outbox import webhooks
from promises.outbox.kinds import KINDS
from promises.outbox.signing import secret_of
from promises.outbox.tables import Webhook
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.settings import Settings


@click.group("webhook")
def webhook_group() -> None:
    """Other systems that are told what happens."""


@click.command("add")
@click.argument("name")
@click.argument("address")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(KINDS)), required=True)
@click.option("--branch", "codes", multiple=True, help="Code of a branch; all of them without any.")
@click.pass_obj
def add_command(
    engine: Engine, name: str, address: str, kinds: tuple[str, ...], codes: tuple[str, ...]
) -> None:
    """Tell the system NAME at ADDRESS of what happens, and print the secret of its signatures."""
    settings = Settings.from_environment(os.environ)
    with transaction(engine) as session:
        known = {branch.code: branch.id or 0 for branch in session.exec(select(Branch))}
        for code in codes:
            if code not in known:
                raise Refusal("people.unknown_branch", found=code)
        webhook = webhooks.add_webhook(
            session,
            name=name,
            address=address,
            kinds=kinds,
            branch_ids=[known[code] for code in codes],
            private=settings.webhook_private,
            by=None,
            as_of=clock.now(),
        )
    click.echo(secret_of(settings.secret_key, webhook.salt))


@click.command("list")
@click.pass_obj
def list_command(engine: Engine) -> None:
    """List them: number, name, address, kinds; how many were confirmed, wait, were given up; its end."""
    with open_session(engine, writes=False) as session:
        for one in webhooks.standings(session):
            webhook = one.webhook
            ended = webhook.ended_at.isoformat(timespec="minutes") if webhook.ended_at else ""
            counts = [str(count) for count in (one.confirmed, one.waiting, one.given_up)]
            told = [str(webhook.id), webhook.name, webhook.address, ",".join(webhook.kinds), *counts, ended]
            click.echo("\t".join(told))


@click.command("end")
@click.argument("number", type=int)
@click.pass_obj
def end_command(engine: Engine, number: int) -> None:
    """Tell the system of this number nothing more."""
    with transaction(engine) as session:
        webhook = session.get(Webhook, number)
        if webhook is None:
            raise Refusal("webhook.unknown", found=number)
        webhooks.end_webhook(session, webhook, by=None, as_of=clock.now())
