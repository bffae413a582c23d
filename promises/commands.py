"""The command line: every verb that is run by hand, as a service, or on files without a database."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from copy import copy
from pathlib import Path
from threading import Thread
from types import FrameType

import click
from alembic import command as alembic
from apscheduler.events import EVENT_SCHEDULER_STARTED
from sqlalchemy import Engine
from sqlmodel import select

from promises import clock, language
from promises.api.commands import COMMANDS as TOKEN_COMMANDS
from promises.api.commands import token_group
from promises.audit.commands import backup_command, verify_command
from promises.database import migrations, open_database, transaction, upgrade
from promises.feedback.board import counts
from promises.feedback.commands import mine_command
from promises.feedback.erase_command import erase_command
from promises.feedback.finding.actions import mine_pending
from promises.feedback.import_command import import_feedback
from promises.feedback.keeping import originals_of
from promises.feedback.taking import take_staged
from promises.files.taking import carry_on
from promises.followup import erasing as _followup  # noqa: F401 - each room erases its own
from promises.language import gettext, sentence
from promises.outbox.commands import add_command as add_webhook
from promises.outbox.commands import end_command as end_webhook
from promises.outbox.commands import list_command as list_webhooks
from promises.outbox.commands import webhook_group
from promises.payments import erasing as _payments  # noqa: F401
from promises.people import actions as people
from promises.people import signing
from promises.people.roles import Role
from promises.people.tables import Branch
from promises.refusal import Refusal
from promises.scheduler import timetable
from promises.seeding.company import found_company, read_company
from promises.seeding.load import load
from promises.service import erasing as _service  # noqa: F401
from promises.service.commands import judge_command
from promises.service.import_command import import_cases
from promises.service.recount import fill
from promises.service.recount_command import recount_command
from promises.service.taking import STAGED
from promises.settings import Settings
from promises.surveys import erasing as _surveys  # noqa: F401
from promises.terms.commands import terms_group


class Installation:
    """Settings and database of the commands that need them; the others run without either."""

    def __init__(self) -> None:
        self.settings = Settings.from_environment(os.environ)
        language.use(self.settings.language)
        self.engine: Engine = open_database(self.settings.database_url)
        click.get_current_context().call_on_close(self.engine.dispose)


with_installation = click.make_pass_decorator(Installation, ensure=True)


@click.group()
def cli() -> None:
    """Customer promises: found in feedback, made by staff, judged case by case."""


def _on_installation(command: click.Command) -> click.Command:
    """*command* with the installation's engine, opened when it runs and not when its help is asked."""
    run, ready = command.callback, copy(command)
    assert run is not None

    def opened(**given: object) -> object:
        click.get_current_context().obj = Installation().engine
        return run(**given)

    ready.callback = opened
    return ready


@cli.group("import")
def import_group() -> None:
    """Bring in a file of feedback or of cases."""


cli.add_command(_on_installation(erase_command))
cli.add_command(token_group)
cli.add_command(webhook_group)
for command in (add_webhook, list_webhooks, end_webhook):
    webhook_group.add_command(_on_installation(command))
for command in TOKEN_COMMANDS:
    token_group.add_command(_on_installation(command))
import_group.add_command(_on_installation(import_feedback))
import_group.add_command(_on_installation(import_cases))
cli.add_command(_on_installation(recount_command))
for command in (judge_command, terms_group, mine_command):
    cli.add_command(command)
for command in (verify_command, backup_command):
    cli.add_command(_on_installation(command))


@cli.command("upgrade")
@with_installation
def upgrade_command(here: Installation) -> None:
    """Create the tables, or bring them up to date."""
    upgrade(here.engine)
    with transaction(here.engine) as session:
        fill(session)
        counts.fill(session)
    click.echo(gettext("command.upgraded"))


@cli.command("seed")
@with_installation
def seed_command(here: Installation) -> None:
    """Load the demo's bank into an empty installation; a second time changes nothing."""
    upgrade(here.engine)
    with transaction(here.engine) as session:
        loaded = load(session, as_of=clock.now(), secret=here.settings.secret_key)
    click.echo(gettext("command.seeded" if loaded else "command.seeded_already"))


@cli.command("company")
@click.argument("file", type=click.Path(path_type=Path))
@with_installation
def company_command(here: Installation, file: Path) -> None:
    """Found the company of FILE (see seed_data/company.toml): regions, branches, opening hours."""
    upgrade(here.engine)
    with transaction(here.engine) as session:
        plan = read_company(file)
        branches = found_company(session, plan, by=None, as_of=clock.now())
    click.echo(gettext("command.company_founded", name=plan.name, branches=len(branches)))


@cli.command("invite")
@click.argument("email")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.ADMINISTRATOR.value)
@click.option("--branch", "codes", multiple=True, help="Code of a branch; may be given several times.")
@click.option("--language", "spoken", type=click.Choice(language.LANGUAGES), default=language.LANGUAGES[0])
@with_installation
def invite_command(
    here: Installation, email: str, name: str, role: str, codes: tuple[str, ...], spoken: str
) -> None:
    """Invite a person by mail and print the link, as for the first administrator."""
    now = clock.now()
    with transaction(here.engine) as session:
        known = {branch.code: branch.id or 0 for branch in session.exec(select(Branch))}
        for code in codes:
            if code not in known:
                raise Refusal("people.unknown_branch", found=code)
        person = people.invite(
            session,
            name=name,
            email=email,
            role=role,
            branches=[known[code] for code in codes],
            language=spoken,
            by=None,
            as_of=now,
        )
        token = signing.link_token(here.settings.secret_key, "invitation", person)
        link = f"{here.settings.base_url}/link/invitation/{token}"
        people.send_link(session, person, "invitation", link, as_of=now)
    click.echo(gettext("command.invite_link"))
    click.echo(link)


@cli.command("watch")
@with_installation
def watch_command(here: Installation) -> None:
    """Break the overdue at their due time, send the mail, look for problems; until stopped."""
    schedule = timetable(here.settings, here.engine)
    heard, word = os.pipe()

    def leave_word(_signal: int, _frame: FrameType | None) -> None:
        # It may come in the midst of anything, also of what holds the locks that ending needs.
        os.write(word, b".")

    def end() -> None:
        os.read(heard, 1)
        schedule.shutdown(wait=False)

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, leave_word)
    schedule.add_listener(lambda _event: Thread(target=end, daemon=True).start(), EVENT_SCHEDULER_STARTED)
    schedule.start()


@cli.command("find-problems", hidden=True)
@with_installation
def find_problems_command(here: Installation) -> None:
    """Look for problems in the feedback that has come in; the watch runs this in a process of its own."""
    os.nice(10)
    mine_pending(here.engine, as_of=clock.now())


@cli.command("take-files", hidden=True)
@with_installation
def take_files_command(here: Installation) -> None:
    """Take what is left of files that came in by the page; the watch runs this in a process of its own."""
    os.nice(10)
    kept = originals_of(here.settings.originals_days, here.settings.originals_keys)
    for kind in (STAGED, take_staged(kept)):
        carry_on(here.engine, kind, here.settings.secret_key, clock.now)


@cli.command("migration")
@click.argument("message")
@with_installation
def migration_command(here: Installation, message: str) -> None:
    """For developers: write the migration from the database as it is to the tables as they are."""
    with here.engine.begin() as connection:
        alembic.revision(migrations(connection), message, autogenerate=True)


def main() -> None:
    """Run the command line; what is refused is told in a sentence, with exit code 2."""
    language.use(os.environ.get("PROMISES_LANGUAGE", language.LANGUAGES[0]))
    sys.exit(_told(cli))


def _told(run: Callable[[], object]) -> int:
    try:
        run()
    except Refusal as refusal:
        click.echo(sentence(refusal), err=True)
        return 2
    return 0
