"""Whether the first row of a file names its columns, and what the names mean."""

from __future__ import annotations

import re

from promises.feedback.intake.sheet import Record, plain

# Of several fitting names the one that stands earlier wins.
_NAMES = {
    "text": (
        "text|teksti|palaute|avoin palaute|avoin vastaus|vapaa sana|vapaa palaute|palauteteksti"
        "|asiakaspalaute|kommentti|kommentit|feedback|feedback text|customer feedback|comment|comments"
        "|verbatim|open answer|open ended|review|review text|consumer complaint narrative|narrative|complaint"
        "|message|viesti|perustelu|perustelut|miksi|why|reason|vastaus|answer|response|kuvaus|description|content|body"
        "|utterance|kommentar|fritext"
    ),
    "score": (
        "score|nps|nps score|nps arvosana|nps pisteet|arvosana|pisteet|pistemäärä|suositteluhalukkuus"
        "|suositus|suosittelu|suosittelisitko|rating|recommend|recommendation|likelihood to recommend"
        "|betyg|poäng"
    ),
    "date": (
        "date|päivä|päiväys|pvm|päivämäärä|annettu|saapunut|vastattu|vastausaika|vastauspäivä|aikaleima"
        "|timestamp|given at|given|received|date received|created|created at|created date|submitted"
        "|submitted at|datetime|datum"
    ),
    "branch": (
        "branch|konttori|toimipaikka|toimipiste|myymälä|yksikkö|palvelupiste|branch code|branch name|office"
        "|location|site|store|unit|kontor"
    ),
    "customer": (
        "customer|asiakas|asiakasnumero|asiakasnro|asiakastunnus|asiakas id|customer id|customer number"
        "|client|client id|kund|kundnummer"
    ),
    "source": "source|lähde|kanava|channel|survey|kysely|källa",
    "touchpoint": "touchpoint|kosketuspiste|kohtaamispiste|palvelutapahtuma|contact point",
    "language": "language|kieli|lang|locale|språk",
}
NAMES = {field: tuple(names.split("|")) for field, names in _NAMES.items()}
FIELDS = tuple(NAMES)
KNOWN = {name: field for field, names in NAMES.items() for name in names}
_NUMBER_OR_DATE = re.compile(r"^[\d\s.,:/+-]+([T ][\d:.,+Z-]+)?$")
LONGEST_NAME = 60


def is_header(first: list[Record]) -> bool:
    """Whether the first of these rows holds names.

    It does if one cell is a name that we know; else if all its cells are short, filled, different,
    neither numbers nor dates, and it does not look like just another of the rows beneath it.
    """
    cells = [cell.strip() for cell in first[0][1]]
    if any(plain(cell) in KNOWN for cell in cells):
        return True
    if len(first) == 1 or any(not cell or len(cell) > LONGEST_NAME for cell in cells):
        return False
    if len(set(cells)) < len(cells) or any(_NUMBER_OR_DATE.match(cell) for cell in cells):
        return False
    if len(cells) == 1:
        return " " not in cells[0] and any(" " in row[0] for _, row in first[1:] if row)
    return any(
        _NUMBER_OR_DATE.match(row[i].strip()) or len(row[i]) > LONGEST_NAME
        for _, row in first[1:]
        for i in range(min(len(cells), len(row)))
    )
