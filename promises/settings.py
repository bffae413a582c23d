"""Settings: the environment, read once into one frozen object, refused at start if wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from promises.language import LANGUAGES
from promises.refusal import Refusal

DEMO_SECRET = "the demo keeps no secrets"  # noqa: S105 - and says so
DEMO_IBAN = "FI2112345600000785"
"""The account that the Finnish banks print in their examples: nobody's."""
SHORTEST_SECRET = 32
AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


@dataclass(frozen=True)
class Settings:
    """What differs between one installation and another. README lists every variable."""

    database_url: str
    secret_key: str
    demo: bool = False
    base_url: str = "http://127.0.0.1:8000"
    zone: str = "Europe/Helsinki"
    language: str = LANGUAGES[0]
    mail_dir: Path = Path("var/mail")
    smtp_url: str | None = None
    mail_from: str = "promises@localhost"
    mail_gap_minutes: int = 30
    webhook_private: bool = False
    metrics_token: str = ""
    watch_seconds: int = 1
    upload_mb: int = 64
    exclude_alone_up_to: Decimal = Decimal("0.00")
    api_batch: int = 1000
    api_per_minute: int = 6000
    payer_name: str = ""
    payer_iban: str = ""
    payer_bic: str = ""
    originals_days: int = 0
    originals_keys: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read and check every setting.

        :raises Refusal: naming the variable, what was found and what is expected.
        """
        demo = _yes_no(environ, "PROMISES_DEMO")
        url = _database_url(environ, "var/demo.sqlite" if demo else "var/promises.sqlite")
        secret = environ.get("SECRET_KEY", DEMO_SECRET if demo else "")
        if not demo and len(secret) < SHORTEST_SECRET:
            raise Refusal("settings.secret_key", name="SECRET_KEY", shortest=SHORTEST_SECRET)
        language = environ.get("PROMISES_LANGUAGE", LANGUAGES[0])
        if language not in LANGUAGES:
            raise _wrong("PROMISES_LANGUAGE", language, " | ".join(LANGUAGES))
        days, keys = originals(environ)
        iban, bic = _payer(environ, DEMO_IBAN if demo else "")
        return cls(
            database_url=url,
            secret_key=secret,
            demo=demo,
            base_url=_web_address(environ, "BASE_URL", cls.base_url),
            zone=_zone(environ, "PROMISES_ZONE", cls.zone),
            language=language,
            mail_dir=Path(environ.get("MAIL_DIR", str(cls.mail_dir))),
            smtp_url=_smtp_address(environ, "SMTP_URL"),
            mail_from=environ.get("MAIL_FROM", cls.mail_from),
            mail_gap_minutes=_whole(environ, "MAIL_GAP_MINUTES", cls.mail_gap_minutes, 0, 10_080),
            webhook_private=_yes_no(environ, "WEBHOOK_PRIVATE"),
            metrics_token=environ.get("METRICS_TOKEN", ""),
            watch_seconds=_whole(environ, "WATCH_SECONDS", cls.watch_seconds, 1, 3600),
            upload_mb=_whole(environ, "UPLOAD_MB", cls.upload_mb, 1, 4096),
            exclude_alone_up_to=_amount(environ, "EXCLUDE_ALONE_UP_TO", cls.exclude_alone_up_to),
            api_batch=_whole(environ, "API_BATCH", cls.api_batch, 1, 10_000),
            api_per_minute=_whole(environ, "API_PER_MINUTE", cls.api_per_minute, 1, 10_000_000),
            payer_name=environ.get("PAYER_NAME", "").strip(),
            payer_iban=iban,
            payer_bic=bic,
            originals_days=days,
            originals_keys=keys,
        )

    @property
    def secure(self) -> bool:
        """Whether pages are served over HTTPS, and so whether cookies may insist on it."""
        return self.base_url.startswith("https://")


def originals(environ: Mapping[str, str]) -> tuple[int, tuple[str, ...]]:
    """For how many days customers' words are kept as they were written, and the keys that seal them.

    :returns: days, and Fernet keys: the first seals, all open. No days: they are not kept.
    :raises Refusal: ``settings.wrong``.
    """
    days = _whole(environ, "PROMISES_ORIGINALS_DAYS", 0, 0, 3650)
    keys = tuple(key.strip() for key in environ.get("PROMISES_ORIGINALS_KEY", "").split(",") if key.strip())
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        # A key that is nearly right is still a secret, so it is not repeated.
        raise _wrong("PROMISES_ORIGINALS_KEY", "...", "Fernet.generate_key()") from None
    if days and not keys:
        raise _wrong("PROMISES_ORIGINALS_KEY", "", "Fernet.generate_key()")
    return days, keys


def _payer(environ: Mapping[str, str], default: str) -> tuple[str, str]:
    """Account and bank from which transfers are paid; both empty if none are to be.

    The bank follows from most account numbers; where it doesn't, it is to be said.
    """
    found = environ.get("PAYER_IBAN", default).strip()
    if not found:
        return "", ""
    try:
        iban = IBAN(found, validate_bban=True)
    except SchwiftyException:
        # An account number is nobody else's business, so it is not repeated.
        raise _wrong("PAYER_IBAN", "...", "FI21 1234 5600 0007 85") from None
    told = environ.get("PAYER_BIC", "").strip()
    try:
        bic = BIC(told) if told else iban.bic
    except SchwiftyException:
        raise _wrong("PAYER_BIC", told, "NDEAFIHH") from None
    if bic is None:
        raise _wrong("PAYER_BIC", told, "NDEAFIHH")
    return str(iban.compact), str(bic.compact)


def _wrong(name: str, found: str, expected: str) -> Refusal:
    return Refusal("settings.wrong", name=name, found=found, expected=expected)


def _yes_no(environ: Mapping[str, str], name: str) -> bool:
    found = environ.get(name, "0").strip().lower()
    if found not in {"0", "1", "yes", "no", "true", "false", ""}:
        raise _wrong(name, found, "0 | 1")
    return found in {"1", "yes", "true"}


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    found = environ.get(name, str(default)).strip()
    if not found.isdecimal() or not least <= int(found) <= most:
        raise _wrong(name, found, f"{least} ... {most}")
    return int(found)


def _amount(environ: Mapping[str, str], name: str, default: Decimal) -> Decimal:
    found = environ.get(name, str(default)).strip()
    if not AMOUNT.fullmatch(found):
        raise _wrong(name, found, "0 | 20.00")
    return Decimal(found)


def _zone(environ: Mapping[str, str], name: str, default: str) -> str:
    found = environ.get(name, default)
    try:
        ZoneInfo(found)
    except (ValueError, OSError, KeyError):
        raise _wrong(name, found, "Europe/Helsinki") from None
    return found


def _web_address(environ: Mapping[str, str], name: str, default: str) -> str:
    found = environ.get(name, default).rstrip("/")
    parts = urlsplit(found)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _wrong(name, found, "https://promises.example.fi")
    return found


def _smtp_address(environ: Mapping[str, str], name: str) -> str | None:
    found = environ.get(name)
    if not found:
        return None
    parts = urlsplit(found)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise _wrong(name, parts.scheme + "://...", "smtp://user:password@host:587")
    return found


def _database_url(environ: Mapping[str, str], default_file: str) -> str:
    found = environ.get("DATABASE_URL") or f"sqlite:///{default_file}"
    expected = "sqlite:///file.sqlite | postgresql://user@host/name"
    try:
        url = make_url(found)
    except ArgumentError:
        # The address may hold a password, so it is not repeated.
        raise _wrong("DATABASE_URL", "...", expected) from None
    kind = url.drivername.partition("+")[0]
    if kind not in DRIVERS:
        raise _wrong("DATABASE_URL", url.drivername, expected)
    return url.set(drivername=DRIVERS[kind]).render_as_string(hide_password=False)
