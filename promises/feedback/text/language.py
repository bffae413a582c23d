"""In which language a text is: Finnish, Swedish or English, or none of them by its script."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import py3langid.langid

from promises.feedback.text import finnish, gloss, swedish

LANGUAGES = ("fi", "sv", "en")
UNKNOWN = "und"
FEW_WORDS = 3
MOST_STEPS = 200_000


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

    def classify(self, words: Sequence[str]) -> str:
        """The language of *words* (lower-case) as a text with one blank between them."""
        state, met = self._step(0, words[0])
        met = list(met)
        for word in words[1:]:
            state, features = self._step(state, " " + word)
            met += features
        if not met:
            return str(self._model.nb_classes[0])
        visits = Counter(met)
        which = np.fromiter(visits.keys(), np.intp, len(visits))
        counts = np.fromiter(visits.values(), np.float32, len(visits))
        scores = np.log1p(counts) @ self._model.nb_ptc[which] + self._model.nb_pc
        return str(self._model.nb_classes[int(scores.argmax())])

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
    """``fi``, ``sv``, ``en``, or ``und`` where *text* has no Latin letters.

    A text of a few words goes by the dictionaries, which then know better than statistics of letters.
    """
    found = gloss.words(text)
    if not any("a" <= c <= "z" for word in found for c in word):
        return UNKNOWN
    if len(found) <= FEW_WORDS:
        votes = {
            "fi": sum(w in gloss.service_words("fi") or bool(finnish.simple(w)) for w in found),
            "sv": sum(bool(swedish.simple(w)) for w in found),
            "en": sum(gloss.plain_english(w) in gloss.english_words() for w in found),
        }
        most = max(votes.values())
        if most and sum(v == most for v in votes.values()) == 1:
            return max(votes, key=lambda k: votes[k])
    return classifier().classify(found)
