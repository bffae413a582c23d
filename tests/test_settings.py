"""Settings are read from the environment, and refused with a clear sentence when wrong."""

import pytest

from promises import language
from promises.refusal import Refusal
from promises.settings import Settings

SECRET = {"SECRET_KEY": "s" * 32}


def test_the_demo_needs_nothing_and_keeps_its_own_file():
    settings = Settings.from_environment({"PROMISES_DEMO": "1"})
    assert settings.demo
    assert settings.database_url == "sqlite:///var/demo.sqlite"


def test_outside_the_demo_a_secret_key_is_needed():
    with pytest.raises(Refusal) as refused:
        Settings.from_environment({})
    assert "SECRET_KEY" in language.sentence(refused.value)


def test_a_short_secret_key_is_refused():
    with pytest.raises(Refusal, match="secret_key"):
        Settings.from_environment({"SECRET_KEY": "s" * 31})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "not an address"),
        ("DATABASE_URL", "mysql://me@host/db"),
        ("PROMISES_DEMO", "perhaps"),
        ("PROMISES_ZONE", "Europe/Atlantis"),
        ("PROMISES_ZONE", "../../etc/passwd"),
        ("PROMISES_LANGUAGE", "sv"),
        ("BASE_URL", "promises.example.fi"),
        ("SMTP_URL", "http://host"),
        ("WATCH_SECONDS", "0"),
        ("WATCH_SECONDS", "1.5"),
        ("UPLOAD_MB", "-1"),
        ("PROMISES_ORIGINALS_DAYS", "30 days"),
        ("PROMISES_ORIGINALS_KEY", "too short"),
        ("PAYER_IBAN", "FI2112345600000786"),
    ],
)
def test_a_wrong_setting_is_refused_and_named(name, value):
    with pytest.raises(Refusal) as refused:
        Settings.from_environment({**SECRET, name: value})
    for reader in language.LANGUAGES:
        with language.spoken(reader):
            assert name in language.sentence(refused.value)


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "mysql://me:hunter2@host/db"), ("SMTP_URL", "imap://me:hunter2@h")]
)
def test_a_refusal_never_repeats_a_password(name, value):
    with pytest.raises(Refusal) as refused:
        Settings.from_environment({**SECRET, name: value})
    assert "hunter2" not in language.sentence(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_any_spelling_of_postgresql_gets_the_one_driver(scheme):
    settings = Settings.from_environment({**SECRET, "DATABASE_URL": f"{scheme}://me:pw@host:5433/db"})
    assert settings.database_url == "postgresql+psycopg://me:pw@host:5433/db"


def test_the_bank_of_the_companys_account_follows_from_its_number_or_is_said():
    read = Settings.from_environment({**SECRET, "PAYER_IBAN": "FI21 1234 5600 0007 85"})
    assert (read.payer_iban, read.payer_bic) == ("FI2112345600000785", "NDEAFIHH")
    told = {"PAYER_IBAN": "GB82 WEST 1234 5698 7654 32", "PAYER_BIC": "NWBKGB2L"}
    assert Settings.from_environment({**SECRET, **told}).payer_bic == "NWBKGB2L"
    assert Settings.from_environment(SECRET).payer_iban == ""


@pytest.mark.parametrize("bic", ["", "no bank"])
def test_a_bank_that_is_not_known_must_be_said_rightly(bic):
    told = {"PAYER_IBAN": "GB82WEST12345698765432", "PAYER_BIC": bic}
    with pytest.raises(Refusal) as refused:
        Settings.from_environment({**SECRET, **told})
    assert refused.value.facts["name"] == "PAYER_BIC"


def test_a_wrong_account_number_is_not_repeated():
    with pytest.raises(Refusal) as refused:
        Settings.from_environment({**SECRET, "PAYER_IBAN": "FI2112345600000786"})
    assert "0786" not in language.sentence(refused.value)


def test_originals_are_kept_only_with_days_and_a_key():
    key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I="
    with pytest.raises(Refusal, match="PROMISES_ORIGINALS_KEY"):
        Settings.from_environment({**SECRET, "PROMISES_ORIGINALS_DAYS": "30"})
    settings = Settings.from_environment(
        {**SECRET, "PROMISES_ORIGINALS_DAYS": "30", "PROMISES_ORIGINALS_KEY": f"{key}, {key}"}
    )
    assert (settings.originals_days, settings.originals_keys) == (30, (key, key))
    assert Settings.from_environment(SECRET).originals_days == 0
