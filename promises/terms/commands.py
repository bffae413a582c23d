"""Commands of the terms room: check, explain and describe terms documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import click

from promises import language
from promises.language import gettext, sentence
from promises.refusal import Refusal
from promises.terms.document import TermsDocument
from promises.terms.explain import explain
from promises.terms.line import written
from promises.terms.reading import TermsRefused, read_terms

_language = click.option(
    "--language", "spoken", type=click.Choice(language.LANGUAGES), default=language.LANGUAGES[0]
)
_file = click.argument("file", type=click.Path(path_type=Path))


@click.group("terms")
def terms_group() -> None:
    """Check and explain terms documents: what is promised, and what a broken promise pays.

    Every key is explained, with examples, in promises/terms/FORMAT.md; ready documents to start from are in
    promises/terms/templates.
    """


@terms_group.command("check")
@_file
@_language
def check(file: Path, spoken: str) -> None:
    """Say all that is wrong with a terms document, or that nothing is."""
    language.use(spoken)
    terms = terms_from(file)
    click.echo(gettext("terms.right", promise=terms.promise))


@terms_group.command("explain")
@_file
@_language
def explain_command(file: Path, spoken: str) -> None:
    """Say in plain sentences what a terms document means."""
    language.use(spoken)
    terms = terms_from(file)
    click.echo(getattr(terms.name, language.current()))
    first, *rest = explain(terms)
    click.echo(first)
    for line in written(rest):
        click.echo(line)


@terms_group.command("schema")
def schema() -> None:
    """Print the JSON Schema of the terms format."""
    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def json_schema() -> dict[str, object]:
    """The published JSON Schema of the terms format."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TermsDocument.model_json_schema(by_alias=True),
    }


def terms_from(path: Path) -> TermsDocument:
    """The terms of a file; if they can't be read, says all that is wrong and ends the command."""
    try:
        return read_terms(path.read_bytes())
    except OSError:
        fail(Refusal("terms.no_file", file=str(path)))
    except TermsRefused as refused:
        fail(*refused.faults)


def fail(*refusals: Refusal) -> NoReturn:
    """Say what was refused and end the command."""
    for refusal in refusals:
        click.echo(sentence(refusal), err=True)
    raise SystemExit(1)
