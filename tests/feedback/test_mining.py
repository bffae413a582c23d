"""Problems in a small collection of three languages."""

import random

import pytest

from promises.feedback.mining.problems import find_problems, join
from promises.feedback.mining.results import Centre, Found, Standing, Text

QUEUE = [
    Text("Jono konttorissa oli aivan liian pitkä", 2),
    Text("Jouduin jonottamaan tiskille yli tunnin", 1),
    Text("odotin vuoroo konttoris 40 minuuttia", 3),
    Text("Queued for an hour at the branch", 2),
    Text("The line at the counter was far too long", 4),
    Text("Kön på kontoret var alldeles för lång", 3),
]
APP = [
    Text("Sovellus kaatuu joka kerta", 1),
    Text("appi jumittaa päivityksen jälkeen", 2),
    Text("mobiilisovellus ei toimi ollenkaan", 0),
    Text("The app crashes after the update", 1),
    Text("App freezes all the time", 3),
    Text("Appen kraschar hela tiden", 2),
]
BOTH = [Text("Sovellus kaatuu. Menin konttoriin ja jonotin siellä tunnin.", 1)]
PRAISE = [
    Text("Todella ystävällinen palvelu, kiitos!", 10),
    Text("ei tarvinnut jonottaa", 10),
    Text("Great service"),
]
NOTHING = [Text("en osaa sanoa", 7), Text("-"), Text("ok", 8)]
STRAY = [Text("Kahvikone on rikki", 5)]
COLLECTION = QUEUE + APP + BOTH + PRAISE + NOTHING + STRAY


@pytest.fixture(scope="module")
def found() -> Found:
    return find_problems(COLLECTION)


def held(found: Found, text: Text) -> list[str]:
    names = {problem.id: problem.label.en for problem in found.problems}
    return [names[m.problem] for m in found.members if COLLECTION[m.text] == text]


@pytest.mark.parametrize("text", QUEUE, ids=lambda t: t.text)
def test_the_queue_is_one_problem_in_three_languages(found: Found, text: Text) -> None:
    assert held(found, text)[0] == "Long queue at the branch"


@pytest.mark.parametrize("text", APP, ids=lambda t: t.text)
def test_the_app_is_one_problem_in_three_languages(found: Found, text: Text) -> None:
    assert held(found, text)[0] == "The app does not work"


def test_a_text_may_hold_two_problems(found: Found) -> None:
    assert set(held(found, BOTH[0])) == {"Long queue at the branch", "The app does not work"}


def test_each_text_has_one_main_problem_and_it_comes_first(found: Found) -> None:
    mains = [m.text for m in found.members if m.main]
    assert len(mains) == len(set(mains))
    assert [m.text for m in found.members if not m.main] == [COLLECTION.index(BOTH[0])]


def test_praise_and_non_answers_are_set_apart_and_the_stray_is_shown(found: Found) -> None:
    kinds = dict(zip(COLLECTION, found.kinds, strict=True))
    assert {kinds[text] for text in PRAISE} == {"praise"}
    assert {kinds[text] for text in NOTHING} == {"nothing"}
    assert found.unplaced == (COLLECTION.index(STRAY[0]),)


def test_problems_come_with_names_in_both_languages_and_quotes(found: Found) -> None:
    queue = next(p for p in found.problems if p.label.en == "Long queue at the branch")
    assert queue.label.fi == "Pitkä jono konttorilla"
    assert queue.texts == len(QUEUE) + 1
    assert "jono" in queue.terms.fi
    assert "queue" in queue.terms.en
    for quote in queue.quotes:
        assert COLLECTION[quote.text] in QUEUE + BOTH
        assert COLLECTION[quote.text].text[quote.start : quote.end].strip()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_the_texts_gives_the_same_problems(found: Found, seed: int) -> None:
    order = list(range(len(COLLECTION)))
    random.Random(seed).shuffle(order)
    other = find_problems([COLLECTION[i] for i in order])
    assert [(p.id, p.label, p.texts, p.centre) for p in other.problems] == [
        (p.id, p.label, p.texts, p.centre) for p in found.problems
    ]
    assert {(order[m.text], m.problem, m.main) for m in other.members} == {
        (m.text, m.problem, m.main) for m in found.members
    }


def test_new_texts_join_a_standing_set(found: Found) -> None:
    standing = Standing(found.space, tuple(Centre(p.label.en, p.centre, p.reach) for p in found.problems))
    new = ["jono oli pitkä konttorilla", "My app keeps crashing", "-", "Kahvi loppu"]
    joined = join(standing, [Text(text) for text in new])
    assert [(m.text, m.problem) for m in joined.members] == [
        (0, "Long queue at the branch"),
        (1, "The app does not work"),
    ]
    assert joined.kinds == ("trouble", "trouble", "nothing", "unplaced")


def test_texts_join_an_empty_set_as_unplaced() -> None:
    joined = join(Standing(b"", ()), [Text("Jono oli pitkä")])
    assert joined.members == ()
    assert joined.kinds == ("unplaced",)


def test_a_problem_that_nobody_thought_of_is_found_and_named_by_its_words() -> None:
    made = [
        "Seinäkalenteria ei enää jaeta",
        "seinäkalenteri puuttuu taas",
        "Missä seinäkalenterit ovat tänä vuonna?",
        "Jäi seinäkalenteri saamatta",
    ]
    found = find_problems([*QUEUE, *APP, *(Text(text, 3) for text in made)])
    own = [p for p in found.problems if not p.known]
    assert len(own) == 1
    assert own[0].texts == len(made)
    assert "kalenteri" in own[0].label.fi.lower()


def test_everything_places_every_text_that_has_words() -> None:
    found = find_problems([*COLLECTION, Text("😀")], everything=True)
    assert {m.text for m in found.members} == set(range(len(COLLECTION))) - {
        i for i, text in enumerate(COLLECTION) if text.text == "-"
    }


def test_a_number_of_problems_can_be_asked_for() -> None:
    assert len(find_problems(QUEUE + APP, number=2).problems) == 2


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["jono"],
        ["Jono oli pitkä"] * 50,
        ["Jono oli pitkä ja hidas. " * 2500],
        ["😀😀", "<p>Jono <b>oli</b> pitkä</p>", "\x00\x07jono", "صف طويل", "\u202eJono\u202c", "Очередь"],
    ],
    ids=["none", "empty", "one word", "all the same", "very long", "strange signs"],
)
@pytest.mark.parametrize("everything", [False, True])
def test_strange_collections_are_borne(texts: list[str], everything: bool) -> None:
    found = find_problems([Text(text) for text in texts], everything=everything)
    assert len(found.kinds) == len(found.languages) == len(texts)
    for member in found.members:
        assert 0 <= member.start < member.end <= len(texts[member.text])


def test_all_the_same_text_is_one_problem() -> None:
    found = find_problems([Text("Jono oli pitkä konttorilla")] * 50)
    assert [problem.texts for problem in found.problems] == [50]
    assert len(found.problems[0].quotes) == 1
