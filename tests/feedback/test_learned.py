"""What people correct improves what comes next, and how sure a problem is can be told."""

import pytest

from promises.feedback.mining import learned
from promises.feedback.mining.problems import find_problems, join
from promises.feedback.mining.results import Centre, Said, Standing, Text
from promises.feedback.mining.steadiness import steadiness

QUEUE = [
    "Jono konttorissa oli aivan liian pitkä", "Jouduin jonottamaan tiskille yli tunnin",
    "odotin vuoroo konttoris 40 minuuttia", "Queued for an hour at the branch",
    "The line at the counter was far too long",
]  # fmt: skip
APP = [
    "Sovellus kaatuu joka kerta", "appi jumittaa päivityksen jälkeen", "mobiilisovellus ei toimi ollenkaan",
    "The app crashes after the update", "App freezes all the time",
]  # fmt: skip
# What the app does to pensioners: no known problem; people have said of the first three that it is one.
SAID = [
    "Isäni ei näe lukea niin pientä tekstiä puhelimesta", "Tekstit ovat niin pieniä ettei vanha ihminen näe",
    "Liian pieni kirjasinkoko, en erota numeroita",
]  # fmt: skip
LATER = ["Teksti on liian pientä, vanhempi ihminen ei näe lukea", "Kirjasimet ovat pieniä, en erota mitään"]


@pytest.fixture(scope="module")
def found():
    return find_problems([Text(text, 2.0) for text in [*QUEUE, *APP]])


@pytest.fixture(scope="module")
def standing(found):
    return Standing(found.space, tuple(Centre(p.id, p.centre, p.reach) for p in found.problems))


def placed(standing, texts):
    held = {}
    for member in join(standing, [Text(text, 2.0) for text in texts]).members:
        held.setdefault(texts[member.text], member.problem)
    return [held.get(text) for text in texts]


def test_what_people_placed_draws_new_texts_like_it(standing):
    said = [Said("small letters", Text(text, 2.0)) for text in SAID]
    assert "small letters" not in placed(standing, LATER)
    assert placed(learned.taught(standing, said), LATER) == ["small letters"] * 2


def test_the_rest_stays_where_it_was(standing):
    said = [Said("small letters", Text(text, 2.0)) for text in SAID]
    assert placed(learned.taught(standing, said), [*QUEUE, *APP]) == placed(standing, [*QUEUE, *APP])


def test_what_people_denied_keeps_texts_like_it_out(standing):
    denied = [Said("", Text("Sovellus kaatuu joka kerta", 2.0))]
    taught = learned.taught(standing, denied)
    (problem,) = placed(taught, ["Sovellus kaatuu joka kerta!"])
    assert not learned.stands(problem)
    assert learned.stands(placed(taught, QUEUE)[0])


def test_with_nothing_said_nothing_changes(standing):
    assert learned.taught(standing, []) == standing


def test_what_says_nothing_is_no_example(standing):
    taught = learned.taught(standing, [Said("empty", Text("...", 2.0)), Said("empty", Text("", 2.0))])
    assert placed(taught, QUEUE) == placed(standing, QUEUE)


def test_standing_problems_of_one_space_are_put_together(standing):
    (one,) = learned.together([standing, Standing(standing.space, (Centre("older", b"\0" * 512, 0.5),))])
    assert [centre.problem for centre in one.centres][-1] == "older"
    assert len(one.centres) == len(standing.centres) + 1


def test_new_problems_are_found_among_what_fits_none_and_draw_texts(standing):
    texts = [Text(text, 2.0) for text in QUEUE]
    fresh = learned.fresh(standing, texts, [0.0] * 5, frozenset())
    (problem,) = fresh.found.problems
    grown = Standing(standing.space, (fresh.centres[problem.id],))
    assert placed(grown, ["Seisoin konttorin jonossa puoli tuntia"]) == [problem.id]


def test_what_fits_where_it_is_nearly_as_well_makes_no_new_problem(standing):
    texts = [Text(text, 2.0) for text in QUEUE]
    assert learned.fresh(standing, texts, [0.9] * 5, frozenset()).found.problems == ()
    assert learned.fresh(standing, texts, [0.35] * 5, frozenset()).found.problems != ()


def test_a_problem_that_stands_is_not_new(standing, found):
    fresh = learned.fresh(
        standing, [Text(text, 2.0) for text in QUEUE], [0.0] * 5, {p.id for p in found.problems}
    )
    assert fresh.found.problems == ()
    assert fresh.found.members == ()


def test_a_clear_problem_is_found_again_in_each_half():
    texts = [Text(text, 2.0) for n in range(6) for text in (f"{said} {n}" for said in [*QUEUE, *APP])]
    found = find_problems(texts)
    sure = steadiness(texts, found)
    assert set(sure) == {problem.id for problem in found.problems}
    assert all(share > 0.75 and looks == 2 for share, looks in sure.values())
    assert steadiness(texts[::-1], find_problems(texts[::-1])) == sure


def test_of_a_handful_of_texts_nobody_can_tell_how_sure_it_is(found):
    assert steadiness([Text(text, 2.0) for text in [*QUEUE, *APP]], found) == {}
