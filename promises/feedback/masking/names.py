"""Names of people: given names and surnames in any form, told from ordinary words by what is beside them."""

from __future__ import annotations

from collections.abc import Sequence

from promises.feedback.masking.context import (
    AND,
    AT_A_PLACE,
    BESIDE_SOMEBODY,
    CALLED,
    DOES,
    ENDS_WITH_NEN,
    MY_NAME,
    NAMES_FOLLOW,
    PLACE_CASE,
    POLITE,
    ROLE,
    SIGN_OFF,
    STANDS_BEFORE_PLACE,
    UNLISTED,
)
from promises.feedback.masking.lists import GIVEN, KNOWN, NAME, SURNAME, WORD
from promises.feedback.masking.numbers import COVER, Spans
from promises.feedback.masking.tokens import LETTERS, Token, tokens

FEWEST_TO_SHOUT = 3
SIGNATURE_WORDS = 3


def names(text: str, kept: tuple[str, ...] = ()) -> Spans:
    """Spans of names, those that stand side by side in one.

    :param kept: beginnings, in lower case, of words that are no names here: the company's own places.
    """
    found = tokens(text, kept)
    if not found:
        return
    said = _Said(text, found)
    sure = [said.is_name(place) for place in range(len(found))]
    said.spread(sure)
    known = {
        token.word
        for token, name in zip(found, sure, strict=True)
        if name and token.capital and len(token.word) > 1
    }
    for place, token in enumerate(found):
        # Who is named once is meant again by the same word.
        if token.word in known:
            sure[place] = True
    start = end = last = -1
    for place, (token, name) in enumerate(zip(found, sure, strict=True)):
        if not name:
            continue
        if start >= 0 and token.joined and last == place - 1:
            end, last = token.end, place
            continue
        if start >= 0:
            yield start, end
        start, end, last = token.start, token.end, place
    if start >= 0:
        yield start, end


class _Said:
    """The words of one text, and what stands beside each."""

    def __init__(self, text: str, found: Sequence[Token]) -> None:
        self.text = text
        self.found = found
        inner = [token for token in found if not token.opens and len(token.word) > 1]
        capitals = sum(token.capital for token in inner)
        letters = [token for token in found if len(token.word) > 2]
        #: Capitals say nothing: all is in capitals, or every word begins with one.
        self.shouts = (
            len(letters) >= FEWEST_TO_SHOUT and sum(t.word.isupper() for t in letters) > len(letters) / 2
        )
        self.titled = len(inner) > FEWEST_TO_SHOUT and capitals > 0.7 * len(inner)

    def beside(self, place: int, step: int) -> Token | None:
        """The word before or after, if only a blank (or the point of an initial) stands between."""
        other = place + step
        if not 0 <= other < len(self.found):
            return None
        return self.found[other] if self.found[max(place, other)].joined else None

    def is_name(self, place: int) -> bool:
        token = self.found[place]
        if len(token.word) == 1 or not (token.kind or token.capital):
            return False
        before = self.text[max(0, token.start - 40) : token.start]
        if self.introduced(place, token, before):
            return True
        listed = bool(token.kind & NAME)
        if not listed:
            return self.looks_like_surname(token) or self.follows(place, token, before)
        plain = not token.kind & (WORD | KNOWN)
        if token.kind & GIVEN:
            if plain and (token.capital or len(token.word) >= 4):
                return True
            if not token.capital:
                return False
            return self.told_by_neighbours(place, token) or (
                not token.opens and not token.kind & KNOWN and not self.shouts and not self.titled
            )
        return (plain and token.capital and not self.shouts) or self.told_by_neighbours(place, token)

    def told_by_neighbours(self, place: int, token: Token) -> bool:
        """Whether a name or a verb beside says that a word that may be a name is one."""
        after, earlier = self.beside(place, 1), self.beside(place, -1)
        if token.kind & GIVEN and token.capital and after is not None:
            if after.capital and not self.shouts and after.kind & SURNAME and not after.kind & KNOWN:
                return True
            if token.opens and not self.shouts and not token.kind & KNOWN:
                beyond = self.beside(place + 1, 1)
                if after.word in DOES:
                    return True
                if (
                    after.word in AND
                    and beyond is not None
                    and beyond.capital
                    and beyond.kind & NAME == GIVEN
                ):
                    return True
        if token.kind & SURNAME and token.capital and earlier is not None and len(earlier.word) == 1:
            return earlier.capital and self.text[earlier.end : earlier.end + 1] == "."
        if token.kind & SURNAME and earlier is not None and earlier.kind & GIVEN:
            return token.capital or not (earlier.capital or token.kind & WORD or earlier.kind & WORD)
        # "Virtasen Matti": the surname first, in the genitive.
        return bool(
            token.kind & SURNAME and token.capital and token.word.endswith("n") and after is not None
            and after.capital and after.kind & GIVEN and not after.kind & (WORD | KNOWN)
        )  # fmt: skip

    def looks_like_surname(self, token: Token) -> bool:
        """An unlisted word in the middle of a sentence that is built as surnames are."""
        return (
            token.capital and not token.opens and not self.shouts and not self.titled
            and not token.kind and not token.word.isupper()
            and bool(UNLISTED.search(token.word)) and not ENDS_WITH_NEN.search(token.word)
        )  # fmt: skip

    def follows(self, place: int, token: Token, before: str) -> bool:
        """An unlisted word in the middle of a sentence, where a name is what is likeliest to stand."""
        after, earlier = self.beside(place, 1), self.beside(place, -1)
        if not token.capital or token.opens or token.kind or self.shouts or self.titled or earlier is None:
            return False
        if token.word.isupper() or token.word.lower() in POLITE or PLACE_CASE.search(token.word):
            return False
        named_after = self.text[token.end + 1 : token.end + 2] == COVER
        if (named_after or (after is not None and after.kind & GIVEN)) and token.word[-1] == "n":
            return False
        placed = earlier.word.lower() in AT_A_PLACE
        if (
            after is not None
            and not placed
            and (after.word in DOES or (after.word in BESIDE_SOMEBODY and token.word[-1] == "n"))
        ):
            return True
        place_beside = after is not None and STANDS_BEFORE_PLACE.match(after.word)
        return bool(NAMES_FOLLOW.search(before)) and not place_beside

    def introduced(self, place: int, token: Token, before: str) -> bool:
        """After a title, "my name is", or as a signature."""
        unknown = token.capital and (not token.kind & KNOWN or bool(token.kind & GIVEN))
        earlier = self.beside(place, -1)
        title = earlier or (
            self.found[place - 1] if place and self.text[token.start - 2 : token.start] == ". " else None
        )
        if title is not None and title.word.lower() in POLITE and title.end + 3 > token.start:
            return (unknown and (not self.shouts or bool(token.kind & NAME))) or bool(token.kind & SURNAME)
        if earlier is not None:
            spoken = earlier.word.lower()
            if ROLE.match(spoken) and unknown and not self.shouts and not self.titled:
                return bool(token.kind & NAME) or not PLACE_CASE.search(token.word)
            if spoken in CALLED and unknown and not self.shouts:
                return True
        if unknown and not self.shouts and MY_NAME.search(before) and not self.titled:
            return bool(token.kind & NAME) or not token.word.isupper()
        return self.signs(place, token, before)

    def signs(self, place: int, token: Token, before: str) -> bool:
        """Whether the word begins a signature: up to three words that end the text or the line."""
        earlier = self.beside(place, -1)
        while earlier is not None and len(earlier.word) == 1 and earlier.capital and place:
            place -= 1
            before = self.text[max(0, earlier.start - 40) : earlier.start]
            earlier = self.beside(place, -1)
        if not SIGN_OFF.search(before.split("\n")[-1]):
            return False
        rest = LETTERS.findall(self.text[token.start : token.start + 80].split("\n")[0])
        if len(rest) > SIGNATURE_WORDS or (
            len(self.text) - token.start > 80 and "\n" not in self.text[token.start :]
        ):
            return bool(token.kind & NAME) and token.capital
        if token.kind & KNOWN or (self.shouts and not token.kind & NAME):
            return False
        return bool(token.kind & NAME) or (token.capital and all(word[0].isupper() for word in rest))

    def spread(self, sure: list[bool]) -> None:
        """Let names take what belongs to them: the surname after a given name, initials on both sides."""
        for place, token in enumerate(self.found):
            earlier = self.beside(place, -1)
            if sure[place] or earlier is None or not sure[place - 1]:
                continue
            if len(token.word) == 1:
                sure[place] = token.capital and self.text[token.end : token.end + 1] == "."
                continue
            given = len(earlier.word) == 1 or bool(earlier.kind & GIVEN) or not earlier.kind
            if given and token.capital and not self.shouts and self.may_be_surname(place, token):
                sure[place] = True
        for place in range(len(self.found) - 2, -1, -1):
            token, after = self.found[place], self.beside(place, 1)
            if after is None or sure[place] or not sure[place + 1] or not token.capital:
                continue
            called = token.word.lower() in POLITE or ROLE.match(token.word)
            if len(token.word) == 1:
                sure[place] = self.text[token.end : token.end + 1] == "."
            elif not (
                token.kind or token.opens or after.kind & GIVEN or self.shouts or self.titled or called
            ):
                sure[place] = not PLACE_CASE.search(token.word) and token.word[-1] != "n"

    def may_be_surname(self, place: int, token: Token) -> bool:
        if token.kind & SURNAME:
            return not token.kind & KNOWN or not PLACE_CASE.search(token.word)
        after = self.beside(place, 1)
        return (
            not token.kind & KNOWN
            and not token.word.isupper()
            and not self.titled
            and not PLACE_CASE.search(token.word)
            and not (after is not None and STANDS_BEFORE_PLACE.match(after.word))
        )
