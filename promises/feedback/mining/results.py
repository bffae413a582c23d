"""What goes into problem finding and what comes out: plain, frozen values."""

from __future__ import annotations

from dataclasses import dataclass

UNPLACED = "unplaced"


@dataclass(frozen=True)
class Label:
    """One name in each language of the product."""

    fi: str
    en: str


@dataclass(frozen=True)
class Text:
    """One piece of feedback.

    :ivar score: 0-10 where known (NPS); other scales are to be brought to it.
    :ivar language: ``fi``, ``sv``, ``en`` where known; else it is identified.
    :ivar about: what was asked about where known: one of ``known.ABOUT`` ("branch", "phone", ...).
    """

    text: str
    score: float | None = None
    language: str | None = None
    about: str = ""


@dataclass(frozen=True)
class Quote:
    """From *start* to *end*, text number *text* (from 0) shows a problem; *strength* is a cosine, 0-1."""

    text: int
    start: int
    end: int
    strength: float


@dataclass(frozen=True)
class Problem:
    """A group of texts with one cause.

    :ivar id: eight hexadecimal digits: the same texts give the same ids.
    :ivar known: whether the label is one of the hand-written ones; else it is made of the salient words.
    :ivar texts: number of texts that hold it (each counted once).
    :ivar strength: mean cosine of its texts to its centre, 0-1.
    :ivar quotes: those that show it best, at most five, no wording twice.
    :ivar terms: the words that set it apart, joined by commas, per language.
    :ivar centre: little-endian float32 point in the space of the run (``Found.space``), for :func:`join`.
    :ivar reach: cosine to the centre from which a whole text belongs to it.
    """

    id: str
    label: Label
    known: bool
    texts: int
    strength: float
    quotes: tuple[Quote, ...]
    terms: Label
    centre: bytes
    reach: float


@dataclass(frozen=True)
class Member:
    """Text number *text* (from 0) holds *problem* from *start* to *end*; *main* for its strongest."""

    text: int
    problem: str
    strength: float
    start: int
    end: int
    main: bool


@dataclass(frozen=True)
class Joined:
    """Texts placed into problems.

    :ivar members: by text, the main problem first.
    :ivar languages: ``fi``, ``sv``, ``en`` or ``und`` of each text, in order of input.
    :ivar kinds: of each text ``trouble`` (a problem holds it), ``unplaced`` (tells of trouble, fits no
        problem), ``praise`` or ``nothing`` (a non-answer).
    """

    members: tuple[Member, ...]
    languages: tuple[str, ...]
    kinds: tuple[str, ...]

    @property
    def unplaced(self) -> tuple[int, ...]:
        """Numbers of the texts that tell of trouble and fit no problem: to be read, not hidden."""
        return tuple(i for i, kind in enumerate(self.kinds) if kind == UNPLACED)


@dataclass(frozen=True)
class Found(Joined):
    """What a collection holds.

    :ivar problems: by number of texts, most first.
    :ivar space: what the centres are measured in, to be stored beside them for :func:`join`; empty where
        nothing was found.
    """

    problems: tuple[Problem, ...]
    space: bytes


@dataclass(frozen=True)
class Centre:
    """One problem of a standing set: its id there, and ``centre`` and ``reach`` as they were found."""

    problem: str
    centre: bytes
    reach: float


@dataclass(frozen=True)
class Standing:
    """A set of problems that lasts over runs: the space it was found in, and its centres."""

    space: bytes
    centres: tuple[Centre, ...]


@dataclass(frozen=True)
class Said:
    """A person said that *text* speaks of *problem*; an empty one says that it speaks of none it was in."""

    problem: str
    text: Text
