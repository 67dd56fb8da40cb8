"""Errors and warnings about specs: what an engine cannot carry out, or carries out in another way."""

from enum import Enum, auto
from typing import NamedTuple, Self

from fluid.kube.errors import Terminal
from fluid.types import Key, KubeObject


class Whose(Enum):
    """Whose field is wrong, where the pass knows the object.

    Attributes:
        DATASET: The Dataset's that the pass is about.
        RUNTIME: The runtime's that the pass is about.
        RUNTIME_OR_PROFILE: The runtime's or, where it says nothing, its profile's; the field says so itself.
        OPERATOR: The operator's own setting; the field says so itself.
    """

    DATASET = auto()
    RUNTIME = auto()
    RUNTIME_OR_PROFILE = auto()
    OPERATOR = auto()


class NamedObject(NamedTuple):
    """An object whose field is wrong, where the pass may know several of its kind.

    Attributes:
        kind: Its kind.
        key: Its namespace and name; None to show the kind alone.
    """

    kind: str
    key: Key | None = None

    @classmethod
    def of(cls, item: KubeObject) -> Self:
        """The name of an object."""
        return cls(item.resource.kind, item.key)

    def __str__(self) -> str:
        """The kind, then namespace and name."""
        return self.kind if self.key is None else f"{self.kind} {self.key}"


Subject = Whose | NamedObject
"""The object that a field belongs to."""


class InvalidSpec(Terminal):
    """The spec asks for something impossible; nothing happens until somebody changes it.

    Attributes:
        subject: The object whose field is wrong.
        field: Path of the field, such as ``spec.mounts[0].options``; empty for the whole object.
        problem: What is wrong, as the rest of a sentence after the field.
        fix: Next step, as a sentence.
    """

    def __init__(self, subject: Subject, field: str, problem: str, fix: str) -> None:
        """Say what is wrong where, and what to do.

        Args:
            subject: The object whose field is wrong.
            field: Path of the field; empty for the whole object.
            problem: What is wrong, as the rest of a sentence after the field.
            fix: Next step, as a sentence.
        """
        named = [str(subject)] if isinstance(subject, NamedObject) else []
        where = " ".join([*named, field] if field else named)
        super().__init__("InvalidSpec", f"{where}: {problem}. {fix}")
        self.subject = subject
        self.field = field
        self.problem = problem
        self.fix = fix


class SpecWarning(NamedTuple):
    """Something that the user should know although the work goes on.

    Attributes:
        reason: CamelCase word for the event.
        message: Sentence that names the field.
        refusal: What the word is refused with at creation and at a change: it means nothing. A runtime that
            is Bound with it goes on, and shows the message. None if never refused.
        word: The option and its value, without the index of the mount or level; empty if never refused.
    """

    reason: str
    message: str
    refusal: InvalidSpec | None = None
    word: str = ""


def meaningless(subject: Subject, field: str, word: str, problem: str, fix: str) -> SpecWarning:
    """A warning about a word that means nothing; see `accepted_words` for when it is refused.

    Args:
        subject: The object whose field has the word.
        field: Path of the field.
        word: The option and its value, without the index of the mount or level: a mount that moves in the
            list is no change of its words.
        problem: What is wrong, as the rest of a sentence after the field.
        fix: Next step, as a sentence.
    """
    refusal = InvalidSpec(subject, field, problem, fix)
    return SpecWarning("MeaninglessValue", refusal.message, refusal, word)


class NotYet(Exception):  # noqa: N818 - not an error: the pass goes on when the answer is there
    """A query has to be answered before anything can be rendered.

    Attributes:
        reason: CamelCase word.
        message: Sentence that names what is asked for.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
