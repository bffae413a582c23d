"""What can't be done, as a code and its facts.

Rules and verbs raise a :class:`Refusal`; the edge (page, command line, API) turns it into a
sentence of the reader's language with :func:`promises.language.sentence`. The code is at the same
time the message id in both translation catalogues, so a code without words fails the build.
"""

from typing import Any


class Refusal(Exception):
    """A request that is understood and refused.

    :param code: dotted lower-case message id, for example ``"cases.unknown_branch"``.
    :param facts: plain values that the sentence names (row, field, what was found, what is allowed).
    """

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({told})" if told else self.code
