"""What an engine says about a spec that it cannot carry out, or carries out in a way worth a word."""

from typing import NamedTuple

from fluid.kube.errors import Terminal


class InvalidSpec(Terminal):
    """The spec asks for something impossible; nothing happens until somebody changes it.

    Attributes:
        path: Field that is wrong, such as ``spec.mounts[0].options``.
    """

    def __init__(self, path: str, message: str, fix: str) -> None:
        """Say what is wrong where, and what to do.

        Args:
            path: Field path, starting at the kind when it is not obvious.
            message: What is wrong, as the rest of a sentence after the path.
            fix: Next step, as a sentence.
        """
        super().__init__("InvalidSpec", f"{path}: {message}. {fix}")
        self.path = path


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


def meaningless(path: str, word: str, message: str, fix: str) -> SpecWarning:
    """A warning about a word that means nothing; see `accepted_words` for when it is refused.

    Args:
        path: Field path.
        word: The option and its value, without the index of the mount or level: a mount that moves in the
            list is no change of its words.
        message: What is wrong, as the rest of a sentence after the path.
        fix: Next step, as a sentence.
    """
    refusal = InvalidSpec(path, message, fix)
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
