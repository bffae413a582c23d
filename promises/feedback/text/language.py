"""In which language a text is: Finnish, Swedish or English, or none of them by its script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import chain

import numpy as np
import py3langid.langid

from promises.feedback.text import finnish, gloss, swedish

LANGUAGES = ("fi", "sv", "en")
UNKNOWN = "und"
FEW_WORDS = 3
MOST_STEPS = 200_000
LATIN = re.compile("[a-z]")


class Classifier:
    """Py3langid over our languages, for words one by one: what it makes of a word is kept.

    It walks over the bytes of a text from state to state and counts the features that it meets. From the
    same state the same word leads through the same ones. Its model takes about a second to load.
    """

    def __init__(self) -> None:
        model = py3langid.langid.LanguageIdentifier.from_model_file(py3langid.langid.MODEL_FILE)
        model.set_languages(list(LANGUAGES))
        self._model = model
        self._steps: dict[tuple[int, str], tuple[int, list[int]]] = {}

    def classify(self, texts: Sequence[Sequence[str]]) -> list[str]:
        """The language of each text of at least one word (lower-case), as if one blank stood between them."""
        names = [str(name) for name in self._model.nb_classes]
        met = [self._features(words) for words in texts]
        lengths = [len(features) for features in met]
        # How often each text has each feature; features are numbered from 0 anew for every text.
        many = len(self._model.nb_ptc)
        owner = np.repeat(np.arange(len(texts)), lengths) * many
        seen, counts = np.unique(owner + np.fromiter(chain.from_iterable(met), np.intp), return_counts=True)
        scores = np.tile(self._model.nb_pc.astype(np.float64), (len(texts), 1))
        np.add.at(scores, seen // many, np.log1p(counts)[:, None] * self._model.nb_ptc[seen % many])
        best = np.where(lengths, scores.argmax(axis=1), 0)
        return [names[i] for i in best]

    def _features(self, words: Sequence[str]) -> list[int]:
        """What is met on the way through *words*."""
        state, met = self._step(0, words[0])
        found = list(met)
        for word in words[1:]:
            state, met = self._step(state, " " + word)
            found += met
        return found

    def _step(self, state: int, piece: str) -> tuple[int, list[int]]:
        """The state after *piece*, and the features met on the way."""
        if (found := self._steps.get((state, piece))) is None:
            features = []
            start, model = state, self._model
            for byte in unicodedata.normalize("NFC", piece).encode("utf8", errors="surrogatepass"):
                state = model.tk_nextmove[(model.tk_row[state] << 8) + byte]
                if (feature := model.tk_output[state]) >= 0:
                    features.append(feature)
            found = state, features
            if len(self._steps) < MOST_STEPS:
                self._steps[start, piece] = found
        return found


@cache
def classifier() -> Classifier:
    return Classifier()


def identify(text: str) -> str:
    """The language of one text, see :func:`identify_all`."""
    return identify_all([text])[0]


def identify_all(texts: Sequence[str]) -> list[str]:
    """``fi``, ``sv``, ``en`` for each of *texts*, or ``und`` where it has no Latin letters.

    A text of a few words goes by the dictionaries, which then know better than statistics of letters.
    """
    found = [gloss.words(text) for text in texts]
    languages = [by_words(words) for words in found]
    left = [i for i, language in enumerate(languages) if not language]
    for i, language in zip(left, classifier().classify([found[i] for i in left]), strict=True):
        languages[i] = language
    return languages


def by_words(words: Sequence[str]) -> str:
    """The language of the *words* of a text as far as they tell it by themselves, else nothing."""
    if not any(map(LATIN.search, words)):
        return UNKNOWN
    if len(words) > FEW_WORDS:
        return ""
    votes = {
        "fi": sum(w in gloss.service_words("fi") or bool(finnish.simple(w)) for w in words),
        "sv": sum(bool(swedish.simple(w)) for w in words),
        "en": sum(gloss.plain_english(w) in gloss.english_words() for w in words),
    }
    most = max(votes.values())
    return next((k for k in votes if votes[k] == most), "") if list(votes.values()).count(most) == 1 else ""
