"""``promises erase CUSTOMER``: every word of a customer goes, every figure stays."""

from __future__ import annotations

import os

import click
from sqlalchemy import Engine

from promises import clock
from promises.database import transaction
from promises.feedback.erasing import erase
from promises.language import gettext, sentence
from promises.refusal import Refusal
from promises.settings import Settings

REFUSED = 2


@click.command("erase")
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Don't ask; there is no way back.")
@click.pass_obj
def erase_command(engine: Engine, customer: str, yes: bool) -> None:
    """Erase CUSTOMER: the number that the company knows them by, or an address that they gave.

    Words, quotes, originals, invitations, contact details and letters go; scores, counts, verdicts and the
    books stay, under a number that leads back to nobody.
    """
    if not yes:
        click.confirm(gettext("command.erase_sure", customer=customer), abort=True)
    try:
        secret = Settings.from_environment(os.environ).secret_key
        with transaction(engine) as session:
            gone = erase(session, customer, secret=secret, by=None, as_of=clock.now())
    except Refusal as refusal:
        click.echo(sentence(refusal), err=True)
        raise SystemExit(REFUSED) from None
    for kind, rows in sorted(gone.counts.items()):
        click.echo(f"{rows:>8}  {gettext(f'erased.{kind}')}")
