"""Files for banks and billing: whatever people are called, the schema holds and the sums are right."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from promises import language
from promises.payments.account import BANKS_TAKE, NAME, as_banks_take, masked, read_holder, read_iban
from promises.payments.bank_file import SCHEMA, Payer, Transfer, bank_file
from promises.payments.banking_days import is_banking_day, next_banking_day
from promises.payments.credit_file import Credit, credit_file
from promises.refusal import Refusal
from tests.conftest import NOON
from tests.payments.given import IBAN, OTHER_IBAN, PAYER, parts

DAY = date(2026, 6, 10)
OFFICIAL = xmlschema.XMLSchema(str(files("sepaxml") / "schemas" / f"{SCHEMA}.xsd"))
ODD = [
    "Maija Möttönen", "Åke Öhman", "Ørsted-Łukasz Señor & Søn", "Жанна Иванова", "王小明",
    "O'Neill / Sons //", '<b>Bobby</b> & "Tables"; --', "a" * 140, "Ä" * 140, "Zoë 😀 Faraday",
    "  much   space\t", "/Slash/",
]  # fmt: skip


def transfer(name="1-A", holder="Maija", amount="10.00", iban=IBAN, subject="Hyvitys"):
    return Transfer(name, holder, iban, Decimal(amount), subject)


def made(*transfers):
    return bank_file(PAYER, transfers, execute_on=DAY, as_of=NOON)


@pytest.mark.parametrize("holder", ODD)
def test_a_file_holds_to_the_official_schema_whatever_the_name(holder):
    file = made(transfer(holder=holder, subject=holder))
    OFFICIAL.validate(file.document.decode())
    (name,) = parts(file.document, "Cdtr/Nm")
    assert 0 < len(name) <= NAME
    assert set(name) <= BANKS_TAKE


@given(st.text(min_size=1, max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_name_that_is_taken_is_written(text):
    try:
        holder = read_holder(text)
    except Refusal:
        return
    OFFICIAL.validate(made(transfer(holder=holder)).document.decode())


def test_finnish_names_keep_their_dots_and_others_their_letters():
    assert as_banks_take("Maija Möttönen-Åberg", 70) == "Maija Möttönen-Åberg"
    assert as_banks_take("Mo\u0308tto\u0308nen", 70) == "Möttönen"
    assert as_banks_take("Zoë Señor Łukasz", 70) == "Zoe Senor Lukasz"
    assert as_banks_take("//a//b//", 70) == "a/b"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "holder_missing"), (" \n", "holder_missing"), ("x" * 141, "holder_too_long"),
        ("x" * 200, "holder_too_long"), ("😀😀", "holder_unwritable"), ("---", "holder_unwritable"),
        ("/", "holder_unwritable"),
    ],
)  # fmt: skip
def test_a_name_that_no_bank_takes_is_refused(typed, code):
    with pytest.raises(Refusal, match=rf"payments\.{code}"):
        read_holder(typed)


@pytest.mark.parametrize(
    "typed", [IBAN, f" {IBAN[:4]} {IBAN[4:8]} {IBAN[8:]} ", IBAN.lower(), OTHER_IBAN, "NO9386011117947"]
)
def test_a_right_account_is_kept_without_spaces(typed):
    assert read_iban(typed) == typed.replace(" ", "").upper()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        IBAN[:-1],
        IBAN[:-1] + "1",
        IBAN + "0",
        "XX2112345600000785",
        "äöå",
        "😀",
        "FI21 1234; DROP",
        "1234",
    ],
)
def test_a_wrong_account_is_refused_and_never_repeated(typed):
    with pytest.raises(Refusal) as refused:
        read_iban(typed)
    assert refused.value.code == "payments.iban"
    for reader in language.LANGUAGES:
        with language.spoken(reader):
            assert not typed.strip() or typed not in language.sentence(refused.value).replace("IBAN", "")


def test_an_account_that_no_transfer_reaches_is_refused():
    with pytest.raises(Refusal, match="iban_not_sepa"):
        read_iban("BR1800360305000010009795493C1")


def test_any_single_wrong_digit_is_found():
    for place in range(4, len(IBAN)):
        wrong = IBAN[:place] + str((int(IBAN[place]) + 1) % 10) + IBAN[place + 1 :]
        with pytest.raises(Refusal):
            read_iban(wrong)


def test_an_account_is_shown_by_its_end_alone():
    assert masked(IBAN) == "•••• 8730"
    assert masked("") == ""


cents = st.integers(1, 10**9)


@given(st.lists(cents, min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_the_sums_of_a_file_are_the_sums_of_its_payments(amounts):
    file = made(*(transfer(f"1-{n}", amount=f"{one // 100}.{one % 100:02}") for n, one in enumerate(amounts)))
    total = f"{sum(amounts) // 100}.{sum(amounts) % 100:02}"
    assert parts(file.document, "GrpHdr/CtrlSum") == [total]
    assert parts(file.document, "PmtInf/CtrlSum") == [total]
    assert parts(file.document, "GrpHdr/NbOfTxs") == [str(len(amounts))]
    written = [int(one.replace(".", "")) for one in parts(file.document, "Amt/InstdAmt")]
    assert written == amounts


def test_the_header_says_who_when_and_in_which_currency():
    file = bank_file(
        Payer("Säästöpankki Oy", "FI1410093000123458", "NDEAFIHH"), [transfer()], execute_on=DAY, as_of=NOON
    )
    assert parts(file.document, "GrpHdr/CreDtTm") == ["2026-06-09T09:00:00Z"]
    assert parts(file.document, "Dbtr/Nm") == ["Säästöpankki Oy"]
    assert parts(file.document, "DbtrAcct/Id/IBAN") == ["FI1410093000123458"]
    assert parts(file.document, "DbtrAgt/FinInstnId/BICFI") == ["NDEAFIHH"]
    assert parts(file.document, "SvcLvl/Cd") == ["SEPA"]
    assert parts(file.document, "GrpHdr/MsgId") == [file.message]
    assert b'Ccy="EUR"' in file.document


def test_two_files_of_the_same_payments_are_two_files():
    assert made(transfer()).message != made(transfer()).message


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 4, 2), date(2026, 4, 7)),  # Maundy Thursday, then Easter
        (date(2026, 4, 30), date(2026, 5, 4)),  # the first of May, a Friday
        (date(2026, 12, 24), date(2026, 12, 28)),
        (date(2026, 12, 31), date(2027, 1, 4)),
        (date(2026, 6, 18), date(2026, 6, 19)),  # midsummer eve is a day of the banks' system
        (date(2026, 12, 5), date(2026, 12, 7)),
    ],
)
def test_money_moves_on_days_when_target_is_open(day, following):
    assert next_banking_day(day) == following


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_the_next_banking_day_is_the_first_one(day):
    found = next_banking_day(day)
    assert found > day
    assert is_banking_day(found)
    between = [day + timedelta(days=n) for n in range(1, (found - day).days)]
    assert not any(map(is_banking_day, between))


@given(st.lists(st.tuples(st.text(max_size=30), cents), max_size=10))
def test_a_credit_file_is_read_back_as_it_was_meant(lines):
    lines = [(customer.replace("\r", "").replace("\0", ""), amount) for customer, amount in lines]
    credits = [
        Credit(f"1-{n}", customer, Decimal(amount) / 100, "EUR", "served-in-15", 'A, "1"', DAY)
        for n, (customer, amount) in enumerate(lines)
    ]
    _, *read = csv.reader(io.StringIO(credit_file(credits).decode("utf-8"), newline=""))
    assert [(row[1], Decimal(row[2]) * 100) for row in read] == [
        (customer, amount) for customer, amount in lines
    ]
    assert all(row[5] == 'A, "1"' and row[6] == "2026-06-10" for row in read)
