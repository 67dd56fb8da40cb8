"""What a call is refused with."""

from enum import StrEnum


class Code(StrEnum):
    """The codes of gRPC that the plugin answers with."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    UNAVAILABLE = "UNAVAILABLE"
    """Later, perhaps. It also tells the kubelet that something may have been done: it will undo the call."""
    INTERNAL = "INTERNAL"


class CallError(Exception):
    """A call that cannot be answered with success.

    Attributes:
        code: What kind of failure.
        message: Names the object and what to do; the kubelet shows it as an event of the pod.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
