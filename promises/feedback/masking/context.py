"""What stands beside names and beside words that only look like them, in Finnish, Swedish and English."""

from __future__ import annotations

import re

POLITE = frozenset(
    [
        "rouva",
        "rouvan",
        "rouvalle",
        "rouvalta",
        "herra",
        "herran",
        "herralle",
        "herralta",
        "neiti",
        "neidin",
        "tohtori",
        "hra",
        "rva",
        "nti",
        "fru",
        "herr",
        "fröken",
        "doktor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "mister",
    ]
)
ROLE = re.compile(
    r"(?:\w*(?:virkailija|neuvoja|johtaja|päällikkö|päällikön|myyjä|sihteeri|esimies|kollega|hoitaja)"
    r"(?:n|lle|llä|lta|ltä|lla)?|kuolinpesä|(?:rådgivare|handläggare|kassör|chef|kontorschef|kassörska)n?"
    r"|advis[eo]r|teller|manager|clerk|cashier|colleague|agent|assistant)$",
    re.IGNORECASE,
)
CALLED = frozenset(["nimeltä", "nimeltään", "heter", "named"])
MY_NAME = re.compile(
    r"(?:nimeni on|nimi on|nimi:|nimellä|jag heter|mitt namn är|my name is|name:|namn:|vid namn|this is"
    r"|ask for)\s*$",
    re.IGNORECASE,
)
# Before a word with a capital in the middle of a sentence that no list knows: thanks, family, talk with.
NAMES_FOLLOW = re.compile(
    r"(?:\b(?:kiitos|kiitokset|tack|thanks|thank you|thanks to|tack till)"
    r"|\b(?:vaimo|miehe|puoliso|poika|tyttäre|äiti|isä|sisko|velje|avomiehe|täti|setä|naapuri)ni"
    r"|\bm(?:y|in) (?:wife|husband|partner|son|daughter|mother|father|brother|sister|boss|fru|man|dotter"
    r"|mor|far)"
    r"|\b(?:spoke|speak|spoken|talked|talk|dealt|met|helped|served|assisted) (?:to|with|by)"
    r"|\b(?:pratade|prata|talade|tala) med|\bhjälp av) $",
    re.IGNORECASE,
)
AT_A_PLACE = frozenset(("at", "in", "from", "near", "i", "på", "vid", "från"))
BESIDE_SOMEBODY = frozenset(("kanssa", "luona", "luokse", "luo"))
SIGN_OFF = re.compile(
    r"(?:\bterv\.?|\bt\.|\bt:|\bterveisin,?|terveisin:|\bkunnioittavasti,?|\bmvh\.?,?|\bhälsningar,?|\bhälsning,?"
    r"|\bvänligen,?|\bhälsar|//|\bregards,?|\bsincerely,?|\bfaithfully,?|\bcheers,?|\bbr,?|\bthanks,"
    r"|\bystäv\.|^[-–—])\s*$",
    re.IGNORECASE,
)
# What only somebody does; after it "Toivo" at the beginning of a sentence is no hope.
DOES = frozenset(
    [
        "auttoi",
        "palveli",
        "neuvoi",
        "hoiti",
        "soitti",
        "kertoi",
        "sanoi",
        "lupasi",
        "kuunteli",
        "selitti",
        "osasi",
        "vastasi",
        "opasti",
        "jaksoi",
        "hymyili",
        "ratkaisi",
        "pelasti",
        "ohjasi",
        "räätälöi",
        "tiesi",
        "järjesti",
        "hjälpte",
        "hjälp",
        "råd",
        "ringde",
        "lovade",
        "lyssnade",
        "förklarade",
        "svarade",
        "vid",
        "i",
        "helped",
        "served",
        "knew",
        "explained",
        "sorted",
        "called",
        "listened",
        "promised",
        "told",
        "solved",
        "answered",
        "fixed",
        "at",
    ]
)
AND = frozenset(("ja", "och", "and", "sekä", "&"))
STANDS_BEFORE_PLACE = re.compile(
    r"(?:konttor|toimipist|toimisto|pankki|pankin|myymälä|asema|kauppa|kunta|kaupun|branch|office|bank|kontor|street|"
    r"station|airport|centre|center)",
    re.IGNORECASE,
)
# Endings of places (in, from, to), and what an unknown word after a given name then is.
PLACE_CASE = re.compile(r"(?:ss[aä]|st[aä]|([aeiouyäö])\1n|lla|llä)$")
UNLISTED = re.compile(
    r"[^\W\d_]{2,}(?:nen|sen|selle|selta|seltä|sella|sellä|sson|ssons|qvist|kvist|ström|stroms?)$"
)
ENDS_WITH_NEN = re.compile(r"(?:lainen|läinen|laisen|läisen|mainen|mäinen|moinen|vainen|tinen)$")
