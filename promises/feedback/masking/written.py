"""E-mail addresses, also spelled out, and street addresses."""

from __future__ import annotations

import re
from functools import cache

from promises.feedback.masking.lists import sections
from promises.feedback.masking.numbers import BLANK, Spans, before

LOCAL = r"[\w.+-]{1,64}"
DOT = r"(?:\.|\s?[(\[](?:dot|piste|punkt)[)\]]\s?|\s(?:dot|piste|punkt)\s)"
DOMAIN = rf"[^\W_](?:[\w-]{{0,62}}){DOT}[\w-]{{2,63}}(?:\.[^\W\d_]{{2,24}}){{0,3}}"
EMAIL = re.compile(rf"(?<![\w.+-]){LOCAL}\s?@\s?{DOMAIN}(?![\w-])")
AT = r"(?:\s?[(\[{]\s?(?:at|ät|a|@)\s?[)\]}]\s?|\s(?:ät|miukumauku|kissanhäntä|snabel-?\s?a)\s)"
ANY_AT = re.compile(AT, re.IGNORECASE)
SPELLED = re.compile(rf"(?<![\w.+-]){LOCAL}(?:{DOT}{LOCAL}){{0,2}}{AT}{DOMAIN}(?![\w-])", re.IGNORECASE)
SERVICES = (
    "gmail|hotmail|outlook|yahoo|icloud|live|msn|proton|protonmail|telia|elisa|luukku"
    "|suomi24|kolumbus|saunalahti"
)
AT_WORD = re.compile(
    rf"(?<![\w.+-]){LOCAL}(?:\s(?:dot|piste|punkt)\s{LOCAL})?\sat\s(?:(?:{SERVICES}){DOT}[a-z.]{{2,8}}|{DOMAIN})"
    r"(?![\w-])", re.IGNORECASE,
)  # fmt: skip
OF_SERVICE = re.compile(rf"\sat\s(?:{SERVICES})\b", re.IGNORECASE)
EMAIL_SAID = re.compile(r"(?:mail|meili|posti|epost|e-post|osoite)\w*\W{0,3}(?:\w{2,3}\W)?$", re.IGNORECASE)

CAP = "A-ZÅÄÖÜÉ"
FINNISH_STREET = (
    r"(?:kat(?:u|ua)|kadu(?:n|lla|lta|lle|ssa)|kuja(?:a|n|lla|lta|lle)?|poluk?(?:u|n|lla|lta|lle)|polku(?:a)?"
    r"|ti(?:e|en|ellä|eltä|elle|etä)|väylä(?:n|llä|ltä|lle)?|raitti|raiti(?:n|lla|lta|lle)|bulevardi\w{0,3}"
    r"|puistikko|esplanadi\w{0,3}|taival|kulku)"
)
WEAKER_STREET = (
    r"(?:kaar(?:i|en|ella)|aukio\w{0,3}|penger|rin(?:ne|teellä)|ranta|mäki|tori|portti|laita|piha|kallio)"
)
NOT_STREET = (
    r"(?!(?:valta|kanta|seutu|kehä|moottori|rauta|jalan|auto|rata|maan|kotima|pää)(?:tie|tei|tien|tiellä)\b)"
)
HOUSE = (
    rf"\s?\d{{1,4}}(?:\s?[–/-]\s?\d{{1,4}}(?!\d))?(?:[{BLANK}]?[A-Za-hj-zÄÖ](?![^\W_])(?!['’])"
    rf"(?:[{BLANK}]?(?:(?:as|bst|lgh|lkh)\.?[{BLANK}]?)?\d{{1,4}})?)?"
    rf"(?:,?[{BLANK}](?:as|asunto|lgh|bst|lkh)\.?[{BLANK}]?\d{{1,4}})?(?![\d€%])"
)
TOWN = rf"(?:,?\s{{1,2}}(?:(?:FI|FIN|SE|S)-)?\d{{3}}[{BLANK}]?\d{{2}}\s[{CAP}][\w-]{{1,30}})?"
STREETS = [
    re.compile(
        rf"(?<![\w-])(?:(?:vanha|iso|pieni|uusi|itäinen|läntinen|pohjoinen|eteläinen|ylä|ala|p\.|e\.)[{BLANK}])?"
        rf"(?i:{NOT_STREET}[^\W\d_][\w-]{{1,30}}{FINNISH_STREET}){HOUSE}{TOWN}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<![\w-])[{CAP}][\w-]{{2,30}}(?:{WEAKER_STREET}|k\.|nk){HOUSE}{TOWN}"),
    re.compile(
        rf"(?<![\w-])(?:(?:[Nn]edra|[Nn]orra|[Vv]ästra|[Öö]stra|[Ss]tora|[Ll]illa|[Gg]amla|[Nn]ya|[Ss]ödra)[{BLANK}])?"
        rf"[^\W\d_][\w-]{{1,30}}(?:gatan|gata|vägen|väg|gränd|gränden|stigen|stig|torget|torg|allén|backen|esplanaden)"
        rf"{HOUSE}{TOWN}"
    ),
]
ENGLISH_STREET = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Court|Crescent|Way|Place|Square|Terrace|Gardens|Grove|Row"
    "|Mews|Hill"
)
UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
ENGLISH = re.compile(
    rf"(?<![\w-])(?:(?:[Ff]lat|[Aa]pt|[Uu]nit)\s\d{{1,4}}[A-Za-z]?,?\s)?\d{{1,4}}[A-Za-z]?,?\s"
    rf"(?:[A-Z][\w'’.]{{0,20}}\s){{1,3}}(?:{ENGLISH_STREET})\b"
    rf"(?:(?:,?\s[A-Z][\w-]{{1,20}}){{0,2}},?\s{UK_POSTCODE})?(?![\w])"
)
ENGLISH_SMALL = re.compile(
    r"(?<![\w.,:-])\d{1,4}[a-z]?\s(?!(?:minutes?|mins?|hours?|km|miles?|metres?|the|a|of|high)\b)[a-z']{3,20}\s"
    r"(?:street|road|avenue|lane|gardens|crescent)\b"
)
POSTCODE = re.compile(rf"(?<![\w-]){UK_POSTCODE}(?![\w-])")
BOX = re.compile(rf"\b(?:PL|PB|P\.?O\.? Box)\s\d{{1,5}}\b{TOWN}")
PLACE = re.compile(rf"(?<![\w,.-])(?:(?:FI|FIN|SE)-)?(\d{{3}}[{BLANK}]?\d{{2}})\s([{CAP}][\w-]{{1,30}})")


def emails(text: str) -> Spans:
    """Addresses with @, (at), "ät", "miukumauku", "snabel-a"; "at" only where the rest says it is one."""
    if "@" in text:
        yield from (found.span() for found in EMAIL.finditer(text))
    if ANY_AT.search(text):
        yield from (found.span() for found in SPELLED.finditer(text))
    if " at " not in text.lower():
        return
    for found in AT_WORD.finditer(text):
        name = re.split(r"\s", found.group(), maxsplit=1)[0]
        sure = OF_SERVICE.search(found.group()) or re.search(r"[\d._+]", name)
        if (sure and name.lower() not in ("look", "looked", "me")) or EMAIL_SAID.search(
            before(text, found.start())
        ):
            yield found.span()


@cache
def towns() -> frozenset[str]:
    """The towns that a postcode may stand before, in lower case."""
    return frozenset(word for section, word in sections("not_names.txt") if section == "towns")


def addresses(text: str) -> Spans:
    """Streets with a number, post boxes, postcodes with a town, in Finnish, Swedish and English forms."""
    for pattern in (*STREETS, ENGLISH, ENGLISH_SMALL, BOX, POSTCODE):
        yield from (found.span() for found in pattern.finditer(text))
    for found in PLACE.finditer(text):
        if found[2].lower() in towns():
            yield found.span()
