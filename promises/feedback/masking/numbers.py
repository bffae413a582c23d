"""Personal identity codes, account numbers, card numbers and telephone numbers.

What has a check digit is masked where it holds; where it does not, only if the words before tell what the
number is (a mistyped number is somebody's all the same). Numbers that the words call an invoice, an order, a
reference or the like stay. So do those that only companies have: 010, 020, 029, 0200, 0600, 0700, 0800, 116.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from promises.feedback.masking.checks import (
    digits,
    is_day,
    is_identity,
    is_old_account,
    passes_luhn,
    passes_mod97,
)

Spans = Iterator[tuple[int, int]]
# Stands for what has been masked while the rest is looked through; a private sign that is in no word.
COVER = "\ue000"
LOOK_BACK = 48
BLANK = " \u00a0\u2009\u202f"
DASHES = "-\u2010\u2011\u2012\u2013"
DASH = re.escape(DASHES)
SEP = f"[{BLANK}{DASH}]"

OTHER = re.compile(
    r"(?:viite\w*|lasku\w*|tilaus\w*|tilauks\w*|tapau\w*|asiakasnumero\w*|sopimus\w*|lainanumero\w*|koodi\w*"
    r"|faktura\w*|order\w*|ocr|referens\w*|ärende\w*|kundnummer|invoice|reference|ref|ticket|case|tracking|code|kod"
    r"|seuranta\w*|lähetys\w*|paket\w*|org\.?\s?nr|y-tunnus\w*)"
    r"(?:[\s.:#-]+(?:numero\w*|nro|nr|no|number|nummer|is|on|är)){0,3}[\s.:#(]*$",
    re.IGNORECASE,
)
IDENTITY_SAID = re.compile(
    r"\b(?:hetu|henkilötunnu|henkilötun|sotu|sosiaaliturva|personbeteckning|personnummer|pnr|personal id"
    r"|social sec|identity (?:code|number))", re.IGNORECASE,
)  # fmt: skip
ACCOUNT_SAID = re.compile(
    r"\b(?:tili|konto|account|acc\b|iban|maksupohj)|\w(?:tili|konto|tilin)\b", re.IGNORECASE
)
CARD_SAID = re.compile(r"(?:kort|card|visa|amex|maestro|luotto)", re.IGNORECASE)

SAID_IDENTITY = re.compile(
    r"\b(?:hetu|henkilötunnus|sotu|personbeteckning)\w{0,5}(?:\son|\när|\sis)?[\s:]{1,3}"
    r"(\d{6}[-+A-FU-Y][\w*]{2,4})(?!\w)",
    re.IGNORECASE,
)
FINNISH = re.compile(
    rf"(?<![^\W_])(\d{{2}})(\d{{2}})(\d{{2}}){BLANK[0]}?([{DASH}+A-FU-Y{BLANK}]){BLANK[0]}?(\d{{3}})([0-9A-Y])?"
    r"(?![^\W_])", re.IGNORECASE,
)  # fmt: skip
SWEDISH = re.compile(
    rf"(?<![\w{DASH}+])(?:1[89]|20)?\d\d(\d\d)(\d\d)([{DASH}+{BLANK}])?\d{{4}}(?![\w{DASH}])"
)
BRITISH = re.compile(r"(?<![^\W_])[A-CEGHJ-TW-Z][A-NP-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?![^\W_])", re.IGNORECASE)

# Signs in an IBAN of each country (ISO 13616), its two letters counted.
LENGTHS = {
    "FI": 18, "SE": 24, "EE": 20, "DE": 22, "NO": 15, "DK": 18, "LT": 20, "AT": 20, "BE": 16, "ES": 24,
    "PL": 28, "PT": 25, "CZ": 24, "SK": 24, "HU": 28, "HR": 21, "SI": 19, "IS": 26,
    "GB": 22, "IE": 22, "LV": 21, "NL": 18, "FR": 27, "IT": 27, "CH": 21, "LU": 20, "GR": 27, "RO": 24,
    "BG": 22, "MT": 31, "CY": 28, "TR": 26, "UA": 29,
}  # fmt: skip
OF_DIGITS = frozenset(
    [
        "FI",
        "SE",
        "EE",
        "DE",
        "NO",
        "DK",
        "LT",
        "AT",
        "BE",
        "ES",
        "PL",
        "PT",
        "CZ",
        "SK",
        "HU",
        "HR",
        "SI",
        "IS",
    ]
)
IBAN = re.compile(rf"(?<![^\W_])([A-Z]{{2}}){SEP}?\d\d(?:{SEP}?[A-Z0-9*•]){{8,31}}", re.IGNORECASE)
IBAN_OF_DIGITS = re.compile(
    rf"[A-Z]{{2}}{SEP}?\d\d(?:{SEP}?(?:[\d*•]|[xX](?=[xX*\d{BLANK}]))){{8,31}}", re.IGNORECASE
)
MISSING_AT_MOST = 4
OLD_ACCOUNT = re.compile(
    rf"(?<![\w{DASH}])([1-8]\d{{5}}){BLANK[0]}?[{DASH}]{BLANK[0]}?(\d{{2,8}})(?![\w{DASH}])"
)
NOT_MONEY = rf"(?![\d*]|{SEP}?\d|[.,]\d|\s?(?:€|£|\$|%|e\b|eur|euro|kr|sek|pound|snt|kpl|kertaa|times|vuot))"
SAID_ACCOUNT = re.compile(
    r"\b(?:(tilinumero\w*|kontonummer\w*|kontonumret|account\s(?:number|no)|acct|sort\scode|bankgiro\w*|bg"
    r"|plusgiro\w*"
    r"|postgiro\w*|pg)|tili(?:ni|lle|lleni|n)?|kontot?|account|clearing\w*)"
    r"(?:[\s.:]+(?:numero|nro|nr|no|number|on|is|är|mitt|min)){0,3}[\s.:#(]*"
    rf"(\d(?:{SEP}?\d){{4,16}}){NOT_MONEY}",
    re.IGNORECASE,
)

CARD = re.compile(
    rf"(?<![\w*+])(?:[\d*•]|[xX](?=[xX]))(?:[{BLANK}{DASH}.]?[\d*•xX]){{11,18}}(?!\w|{SEP}?[\d*•])"
)
STARS = re.compile(r"[*•xX]{2}")
ISSUERS = re.compile(r"[3-6]|2[2-7]")

ABROAD = re.compile(rf"(?<![\w+])(?:\+|00)[1-9](?:[{BLANK}{DASH}./()]{{0,2}}\d){{6,14}}(?!\w)")
MOST_ABROAD = {"358": 13, "46": 11, "44": 12, "372": 11, "47": 10, "45": 10, "1": 11}
DOUBLE_ZERO = (
    "00358",
    "0046",
    "0044",
    "00372",
    "0047",
    "0045",
    "00370",
    "00371",
    "0049",
    "0033",
    "0034",
    "0048",
    "007",
)
AT_HOME = re.compile(
    rf"(?<![\w+,.{DASH}])(?:\((?=0\d{{1,4}}\)))?0(?:[{BLANK}{DASH}./()]{{0,2}}\d){{6,10}}(?![\w]|[,]\d)"
)
COMPANIES = re.compile(r"0(?:800|600|700\d{0,5}$|200|10\d{0,7}$|20\d{0,7}$|29\d{0,7}$|30[01]\d{0,6}$|116)")
PLAIN_HOME = re.compile(r"0(?:4\d|50)\d{6,8}$|07\d{8,9}$|0[1-9]\d{7,9}$")
WITHOUT_PLUS = re.compile(r"(?<![\w+])358[1-9]\d{7,9}(?!\w)")
SAID_PHONE = re.compile(
    r"\b(?:puh|puhelin|puhelinnumero\w*|numeroni|gsm|tel|telnr|telefon|mob|mobil|mobile|phone"
    r"|call(?:\sback)?(?:\sme)?"
    r"|ring(?:\sme|\smig)?|soit(?:a|takaa)(?:\s(?:mulle|minulle))?)"
    r"(?:[\s.:]+(?:numero|numeroni|numeroon|nro|nr|no|number|on|at|is|är|på)){0,3}[\s.:(]*"
    rf"(\d(?:{SEP}?\d){{5,11}}){NOT_MONEY}",
    re.IGNORECASE,
)


def before(text: str, start: int) -> str:
    """What stands before *start*, as far as it can tell what a number is."""
    return text[max(0, start - LOOK_BACK) : start]


def identities(text: str) -> Spans:
    """Finnish personal identity codes (all century signs), Swedish personal numbers, UK insurance numbers."""
    for found in FINNISH.finditer(text):
        day, month, year, century, number, sign = found.groups()
        said = before(text, found.start())
        right = bool(sign) and is_identity(day + month + year, number, sign)
        # A letter or plus between digits is rarely anything else; a dash or a blank may be.
        plain = century in DASHES + BLANK
        if not is_day(day, month) or (century in BLANK and not right and not IDENTITY_SAID.search(said)):
            continue
        if not sign and not IDENTITY_SAID.search(said):
            continue
        if right or IDENTITY_SAID.search(said) or (not (plain and sign.isdigit()) and not OTHER.search(said)):
            yield found.span()
    for found in SWEDISH.finditer(text):
        month, day, sign = found.groups()
        said = before(text, found.start())
        if is_day(day, month, 91) and not OTHER.search(said):
            short = digits(found.group())[-10:]
            sure = (sign is not None and sign not in BLANK) or passes_luhn(short)
            if IDENTITY_SAID.search(said) or (sure and text[found.start()] != "0"):
                yield found.span()
    yield from (found.span(1) for found in SAID_IDENTITY.finditer(text))
    yield from (found.span() for found in BRITISH.finditer(text))


def accounts(text: str) -> Spans:
    """IBANs, Finnish account numbers of before 2010, and what the words call an account's number."""
    for found in IBAN.finditer(text):
        end = _iban_end(text, found)
        if end:
            yield found.start(), end
    for found in OLD_ACCOUNT.finditer(text):
        said = before(text, found.start())
        if not OTHER.search(said) and (is_old_account(*found.groups()) or ACCOUNT_SAID.search(said)):
            yield found.span()
    for found in SAID_ACCOUNT.finditer(text):
        if found[1] or len(digits(found[2])) >= 7:
            yield found.span(2)


def _iban_end(text: str, found: re.Match[str]) -> int:
    """Where the IBAN that begins here ends, 0 where there is none; words may follow after a blank."""
    country = found[1].upper()
    length = LENGTHS.get(country, 0)
    if country in OF_DIGITS:
        digital = IBAN_OF_DIGITS.match(text, found.start())
        if digital:
            end = _cut(text, found.start(), digital.end(), length)
            if sum(c.isalnum() or c in "*•" for c in text[found.start() : end]) >= length - MISSING_AT_MOST:
                return end
    if length:
        end = _cut(text, found.start(), found.end(), length)
        whole = sum(c.isalnum() for c in text[found.start() : end]) == length
        mixed = sum(c.isdigit() for c in text[found.start() : end]) >= length // 2
        return end if whole and mixed and not text[end : end + 1].isalnum() else 0
    for end in range(found.end(), found.start() + 14, -1):
        if (
            text[end - 1].isalnum()
            and not text[end : end + 1].isalnum()
            and passes_mod97(text[found.start() : end])
        ):
            return end
    return 0


def _cut(text: str, start: int, end: int, most: int) -> int:
    """The end of the first *most* letters, digits and stars between *start* and *end*."""
    seen = 0
    for place in range(start, end):
        seen += text[place].isalnum() or text[place] in "*•"
        if seen == most:
            return place + 1
    return end


def cards(text: str) -> Spans:
    """Card numbers, partly starred ones too."""
    for found in CARD.finditer(text):
        number, said = found.group(), before(text, found.start())
        if STARS.search(number):
            if len(digits(number)) >= 2 and sum(c in "*•xX" for c in number) >= 4:
                yield found.span()
        elif not OTHER.search(said) and ISSUERS.match(number) and len(digits(number)) >= 13:
            in_fours = re.fullmatch(rf"\d{{4}}(?:[{BLANK}{DASH}.]?\d{{4}}){{3}}", number)
            if passes_luhn(number) or (in_fours and CARD_SAID.search(said)):
                yield found.span()


def phones(text: str) -> Spans:
    """Telephone numbers as written in Finland, Sweden and Britain, and with a country's number."""
    for found in ABROAD.finditer(text):
        plain = digits(found.group())
        if found.group()[0] == "+" or plain.startswith(DOUBLE_ZERO):
            bare = plain.removeprefix("00")
            most = next((most for code, most in MOST_ABROAD.items() if bare.startswith(code)), 15)
            most += len(plain) - len(bare)
            # A trunk zero in brackets is written besides.
            most += "(0)" in found.group()
            yield found.start(), _end_of(found, most)
    for found in AT_HOME.finditer(text):
        if not OTHER.search(before(text, found.start())) and (end := _home_end(found)):
            yield found.start(), end
    for found in WITHOUT_PLUS.finditer(text):
        if not OTHER.search(before(text, found.start())):
            yield found.span()
    for found in SAID_PHONE.finditer(text):
        if not COMPANIES.match(digits(found[1])):
            yield found.span(1)


def _home_end(found: re.Match[str]) -> int:
    number = found.group()
    groups = re.findall(r"\d+", number)
    plain = "".join(groups)
    if COMPANIES.match(plain) and len(plain) <= 10:
        return 0
    if len(groups) == 1:
        return found.end() if PLAIN_HOME.match(plain) else 0
    sizes = [len(group) for group in groups]
    if set(sizes) == {1}:
        return found.end() if len(plain) >= 9 else 0
    short = max(sizes[:3]) <= 2 or (sizes[:2] == [2, 2] and sizes[2] == 4)
    # Dates, times and their stretches: 01.02.2024, 09.30-10.15, 05 06 2024.
    if short and (not re.search(r"[ \u00a0-]", number) or (sizes[0] == 2 and max(sizes) in (2, 4))):
        return 0
    if not 2 <= sizes[0] <= 5 or groups[0].startswith("00") or min(sizes[1:]) < 2 or len(plain) < 8:
        return 0
    return _end_of(found, 11)


def _end_of(found: re.Match[str], most: int) -> int:
    """The end of *found*, cut between groups to at most *most* digits."""
    end, seen = found.end(), 0
    for group in re.finditer(r"\d+", found.group()):
        if seen and seen + len(group.group()) > most:
            return end
        seen += len(group.group())
        end = found.start() + group.end()
    return end
