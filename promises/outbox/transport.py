"""How a mail leaves: by SMTP, or into a folder where there is no mail server."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from ssl import create_default_context
from urllib.parse import unquote, urlsplit

from promises.outbox.actions import Send
from promises.outbox.tables import Letter
from promises.settings import Settings

TIMEOUT_S = 20


def transport(settings: Settings) -> Send:
    """The way that *settings* name."""
    if settings.smtp_url is None:
        return lambda letter: _into_folder(compose(letter, settings.mail_from), letter, settings.mail_dir)
    address = settings.smtp_url
    return lambda letter: _by_smtp(compose(letter, settings.mail_from), address)


def compose(letter: Letter, sender: str) -> EmailMessage:
    """*letter* as a message in the internet's format; its id stays the same on every try."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.made_at)
    message["Message-ID"] = f"<letter-{letter.id}@{sender.rpartition('@')[2]}>"
    if letter.stop_url:
        message["List-Unsubscribe"] = f"<{letter.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.body)
    return message


def _into_folder(message: EmailMessage, letter: Letter, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{letter.id:08d}.eml").write_bytes(bytes(message))


def _by_smtp(message: EmailMessage, address: str) -> None:
    parts = urlsplit(address)
    host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
    port = parts.port or (465 if secure else 587)
    context = create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
        if secure
        else smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    )
    with server:
        server.ehlo()
        if not secure and server.has_extn("starttls"):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)
