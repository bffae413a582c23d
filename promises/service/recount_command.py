"""``promises recount``: the hourly counts are counted anew."""

from __future__ import annotations

import click
from sqlalchemy import Engine

from promises.database import transaction
from promises.language import gettext
from promises.service.recount import rebuild


@click.command("recount")
@click.pass_obj
def recount_command(engine: Engine) -> None:
    """Count all verdicts anew for the reports, and put right what was kept wrong; verify says if any is."""
    with transaction(engine) as session:
        wrong = rebuild(session)
    click.echo(gettext("command.recounted", count=wrong))
