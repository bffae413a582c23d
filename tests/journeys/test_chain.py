"""One promise, followed in real browsers from customers' words to the money and the report, in Finnish."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PATIENCE_MS
from tests.journeys.words import unseen_file

HOUR = 3600


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name).first.click()


@pytest.mark.browser
def test_from_a_customers_words_to_the_money_and_the_report(enter, site, cast):
    # An analyst brings in a file that the product has never seen.
    analyst = enter("anna")
    analyst.goto("/feedback/import")
    analyst.get_by_label("Tiedosto").set_input_files(
        {"name": "kysely.csv", "mimeType": "text/csv", "buffer": unseen_file()}
    )
    press(analyst, "Katso tiedosto")
    # The letters came through.
    expect(analyst.get_by_role("main")).to_contain_text(
        "Jonotin tiskille puoli tuntia ja edessä oli kolme ihmistä"
    )
    analyst.get_by_label("Lähteen nimi").fill("Kevään kysely")
    press(analyst, "Tuo")
    analyst.wait_for_url("**/feedback/intakes/*")
    expect(analyst.get_by_role("main")).to_contain_text("40")

    # The problem board shows what goes wrong, with the customers' words behind it.
    analyst.goto("/problems")
    queue = analyst.get_by_role("link", name=re.compile("jono", re.IGNORECASE)).first
    # A process of its own looks for problems, and gives way to all others.
    queue.click(timeout=10 * PATIENCE_MS)
    analyst.wait_for_url(re.compile(r"/problems/\d+$"))
    expect(analyst.get_by_role("main")).to_contain_text(re.compile("jono", re.IGNORECASE))
    problem = analyst.url

    # A teller, who knows how to solve it, proposes a promise with an operating model.
    teller = enter("tiina", width=390)
    teller.goto(problem)
    follow(teller, "Ehdota asiakaslupausta")
    teller.get_by_label("Lyhyt nimi").fill("Palvelu vartissa")
    teller.get_by_label("Mitä asiakkaalle luvataan").fill(
        "Palvelemme sinut konttorissa 15 minuutissa tai maksamme 10 euroa."
    )
    teller.get_by_label("Mitä tehdään").first.fill("Kun jonossa on viisi, taustalta tullaan tiskille.")
    teller.get_by_label("Kuka tekee").first.fill("Vuorossa oleva toimihenkilö")
    press(teller, "Tuo kaikkien nähtäväksi")
    expect(teller.get_by_role("heading", level=1)).to_contain_text("Palvelu vartissa")
    proposal = teller.url

    # A colleague supports and comments.
    colleague = enter("kaisa")
    colleague.goto(proposal)
    press(colleague, "Kannata tätä tekstiä")
    colleague.get_by_label("Kommenttisi").fill("Lounasaikaan tarvitaan toinen tiski auki.")
    press(colleague, "Kommentoi")
    expect(colleague.get_by_role("main")).to_contain_text("Lounasaikaan tarvitaan toinen tiski auki.")

    # The director opens a round; the managers vote.
    director = enter("dora")
    director.goto(proposal)
    follow(director, "Vie valintakierrokselle")
    director.get_by_label("Kierroksen nimi").fill("Kesän valinnat")
    director.get_by_label("Äänestettävät ehdotukset").or_(
        director.get_by_role("checkbox", name=re.compile("Palvelu vartissa"))
    ).first.check()
    director.get_by_label("Äänestys alkaa").fill("2026-06-09")
    director.get_by_label("kello").first.fill("11:00")
    director.get_by_label("Äänestys päättyy").fill("2026-06-10")
    director.get_by_label("kello").nth(1).fill("12:00")
    director.get_by_label("Tarvittava äänimäärä").fill("2")
    press(director, "Avaa kierros")
    expect(director.get_by_role("heading", level=1)).to_contain_text("Kesän valinnat")
    the_round = director.url
    manager = enter("matti")
    for voter in (director, manager):
        voter.goto(the_round)
        voter.get_by_role("main").get_by_role("link", name="Äänestä").first.click()
        expect(voter.get_by_role("heading", level=1)).to_have_text("Äänesi")
        expect(voter.get_by_role("radio", name="5", exact=True)).not_to_have_count(0)
        for mark in voter.get_by_role("radio", name="5", exact=True).all():
            mark.check(force=True)
        press(voter, "Äänestä")
        expect(voter.get_by_text("Äänesi on tallennettu.")).to_be_visible()

    # A day later the round has closed; the director decides, with a reason, and sets the terms.
    site.pass_time(25 * HOUR)
    director.goto(the_round)
    follow(director, "Päätä")
    director.get_by_label("Valitaan asiakaslupaukseksi").check(force=True)
    director.get_by_label("Perustelu").fill("Jono on asiakkaiden suurin vaiva, ja keino on henkilöstön oma.")
    press(director, "Tee päätös")
    follow(director, "Aseta ehdot")
    director.get_by_label("Nimi suomeksi").fill("Palvelu vartissa")
    director.get_by_label("Nimi englanniksi").fill("Served in a quarter")
    director.get_by_label("Mitä asiakkaille sanotaan, suomeksi").fill(
        "Palvelemme sinut konttorissa 15 minuutissa tai maksamme 10 euroa."
    )
    director.get_by_label("Mitä asiakkaille sanotaan, englanniksi").fill(
        "We serve you at the branch within 15 minutes or pay 10 euros."
    )
    director.get_by_label("Aikaraja").fill("15")
    director.get_by_label("Hyvitys jokaisesta rikotusta").fill("10")
    director.get_by_label("Voimassa alkaen").fill("2026-06-10")
    press(director, "Tarkista, mitä tämä lupaa")
    expect(director.get_by_role("main")).to_contain_text("15 min")
    press(director, "Vahvista nämä ehdot")
    expect(director.get_by_role("heading", level=1)).to_contain_text("Palvelu vartissa")

    # A customer takes a ticket, and it runs out while nobody looks.
    teller.goto("/branches/centre/desk")
    press(teller, "Anna vuoronumero")
    expect(teller.get_by_role("main")).to_contain_text("1 odottaa")
    site.pass_time(16 * 60)

    # The compensation is there without anyone asking for it.
    desk = teller.get_by_role("main")
    expect(desk).to_contain_text("Rikottu")
    desk.get_by_role("link", name=re.compile("10,00")).first.click()
    expect(desk).to_contain_text("10,00")

    # It is paid at the counter, once.
    press(teller, "Maksa tiskillä")
    press(teller, "Asiakas on saanut rahat")
    expect(desk).to_contain_text("Maksettu")
    receipt = teller.url

    # The manager opens the report and finds that ticket.
    manager.goto("/branches/centre/report")
    broken = manager.get_by_role("table").filter(has_text="10,00").last
    broken.get_by_role("link").first.click()
    expect(manager.get_by_role("main")).to_contain_text("Rikottu")
    manager.get_by_role("main").get_by_role("link", name=re.compile("10,00")).first.click()
    manager.wait_for_url(receipt)

    # And the way back leads from the promise to the customers' words.
    manager.goto("/promises")
    follow(manager, "Palvelu vartissa")
    follow(manager, "Palvelu vartissa")
    expect(manager.get_by_role("heading", level=1)).to_contain_text("Palvelu vartissa")
