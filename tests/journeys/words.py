"""A file of feedback that the product has never seen: another company, another layout, other letters."""

QUEUE = (
    "Jonotin tiskille puoli tuntia ja edessä oli kolme ihmistä.",
    "ihan liian pitkä jono konttorilla taas",
    "Venasin 40 minuuttii omaa vuoroo, ei näin",
    "Palvelutiskillä oli vain yksi ihminen ja jono ovelle asti",
    "Miksi konttorissa pitää aina jonottaa? Aikaa meni 25 min.",
    "Jonotus kestää ikuisuuden, varsinkin lounasaikaan.",
    "odotin vuoroani 35 min vaikka asia oli minuutin mittainen",
    "Konttorin jono ei liiku mihinkään",
    "Vuoronumero 87 ja palveltiin 52. Lähdin pois.",
    "Jono jono jono. Lisää väkeä tiskille kiitos",
    "Queued for half an hour at the branch, only one desk open",
    "The line at the counter was endless, waited 40 minutes",
    "Waiting time in the branch is far too long",
    "Sain odottaa tiskille 50 minuuttia, kukaan ei pahoitellut",
    "Jouduin jonottamaan konttorissa melkein tunnin",
)
CALLS = (
    "Luvattiin soittaa takaisin, ei ole soitettu.",
    "Kukaan ei soittanut vaikka jätin soittopyynnön maanantaina",
    "soittopyyntöön ei vastattu ikinä",
    "Odotin takaisinsoittoa kolme päivää turhaan",
    "Takaisinsoittoa ei kuulunut koko viikolla",
    "Nobody called me back although they promised",
    "Asked for a call back on Monday, still waiting",
    "Lupasitte soittaa perjantaina. Ei soittoa.",
    "Jätin kaksi soittopyyntöä eikä kumpaankaan palattu",
    "Minulle piti soittaa lainasta, ei ole kuulunut mitään",
)
APP = (
    "Sovellus kaatuu heti kun avaan sen",
    "appi ei aukea päivityksen jälkeen",
    "Sovellukseen kirjautuminen ei toimi uudella puhelimella",
    "Äppi jumittaa joka kerta maksaessa",
    "The app crashes every time I open it",
    "Cannot log in to the app since the update",
    "mobiilisovellus ei toimi, valkoinen ruutu vaan",
    "Sovellus heittää ulos kesken maksun",
)
PRAISE = (
    "Todella ystävällistä palvelua, kiitos!",
    "Kaikki sujui hienosti",
    "Nopea ja mukava palvelu",
    "Great service, thank you",
    "Ei tarvinnut jonottaa yhtään, hyvä!",
    "ok",
    "-",
)


def unseen_file() -> bytes:
    """Semicolons, Windows letters, Finnish dates, and columns named by somebody else."""
    lines = ["Pvm;Vastaajan nro;Toimipaikka;Suositteluhalukkuus;Mitä haluat sanoa meille?"]
    number = 0
    for texts, score in ((QUEUE, 3), (CALLS, 2), (APP, 4), (PRAISE, 9)):
        for text in texts:
            number += 1
            branch = "Keskusta" if number % 3 else "Satama"
            lines.append(f"{1 + number % 28}.5.2026;A{1000 + number};{branch};{score};{text}")
    return "\r\n".join(lines).encode("windows-1252")
