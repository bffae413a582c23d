"""What changed between two text versions."""

from hypothesis import given
from hypothesis import strategies as st

from promises.proposals.differences import Piece, differences

words = st.lists(st.sampled_from(["15", "minuutissa", " ", "\n", "euroa", ",", "äö", "tai"])).map("".join)


@given(words, words)
def test_both_texts_can_be_put_together_again_from_the_differences(old, new):
    pieces = differences(old, new)
    assert "".join(piece.text for piece in pieces if piece.change != "added") == old
    assert "".join(piece.text for piece in pieces if piece.change != "removed") == new


@given(words)
def test_a_text_does_not_differ_from_itself(text):
    assert all(piece.change == "same" for piece in differences(text, text))


def test_only_the_changed_word_is_shown_as_changed():
    assert differences("Palvelemme 20 minuutissa.", "Palvelemme 15 minuutissa.") == [
        Piece("same", "Palvelemme "),
        Piece("removed", "20 "),
        Piece("added", "15 "),
        Piece("same", "minuutissa."),
    ]


def test_a_comma_after_a_word_does_not_make_it_another_word():
    pieces = differences("Palvelemme konttorissa viimeistään", "Palvelemme konttorissa, viimeistään")
    assert [piece.text.strip() for piece in pieces if piece.change == "added"] == [","]
