"""``promises recount``: the counts of reports and of the problem board are counted anew."""

from __future__ import annotations

import click
from sqlalchemy import Engine

from promises.database import transaction
from promises.feedback.board import counts
from promises.language import gettext
from promises.service.recount import rebuild


@click.command("recount")
@click.pass_obj
def recount_command(engine: Engine) -> None:
    """Count all verdicts and feedback anew for reports and boards, and put right what was kept wrong; verify
    says if any is."""
    with transaction(engine) as session:
        wrong = rebuild(session) + counts.rebuild(session)
    click.echo(gettext("command.recounted", count=wrong))
