"""What suggests itself for splitting a problem."""

from promises.feedback.curation.alike import Quote, groups


def test_quotes_that_share_a_word_are_a_group_under_its_plainest_form():
    said = ["puhelimet kiinni", "puhelimessa jonotin", "jono puhelimessa", *(f"ei {n}" for n in "abcdef")]
    (found,) = groups([Quote(n, words) for n, words in enumerate(said)] + [Quote(20, "x")])
    assert (found.word, found.ids) == ("puhelimessa", (0, 1, 2))


def test_a_word_that_nearly_all_have_sets_nothing_apart():
    assert groups([Quote(n, f"sovellus {word}") for n, word in enumerate(["kaatuu", "jumii", "hidas"])]) == []


def test_empty_words_and_short_ones_are_no_groups():
    assert (
        groups(
            [Quote(n, "mutta ei se ole aina sitten") for n in range(3)]
            + [Quote(9 + n, "x") for n in range(9)]
        )
        == []
    )


def test_what_customers_were_asked_about_makes_a_group_in_any_language():
    quotes = [Quote(n, words, "phone") for n, words in enumerate(["Jonotin", "I queued", "Jag köade"])]
    quotes += [Quote(9 + n, f"eri asia {n}", "branch") for n in range(3)]
    assert [(one.touchpoint, one.key) for one in groups(quotes)] == [
        ("branch", "touchpoint:branch"),
        ("phone", "touchpoint:phone"),
    ]


def test_of_two_groups_of_much_the_same_quotes_one_is_shown():
    quotes = [Quote(n, "tunnukset lukittiin") for n in range(3)] + [Quote(5 + n, f"x{n}") for n in range(6)]
    assert len(groups(quotes)) == 1
