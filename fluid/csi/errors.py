"""Errors of the node plugin: what a call is answered with, what a helper reports, what stops a step."""

import errno
from enum import StrEnum


class Code(StrEnum):
    """The gRPC codes that the plugin answers with."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    PERMISSION_DENIED = "PERMISSION_DENIED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    UNAVAILABLE = "UNAVAILABLE"
    """The call may succeed later. It may have had effects: the kubelet will undo it (unpublish, unstage)."""
    INTERNAL = "INTERNAL"


class CallError(Exception):
    """A call of the kubelet that fails.

    Attributes:
        code: The gRPC code of the answer.
        message: Names the object and what to do; the kubelet shows it in an event of the pod.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class HelperError(Exception):
    """An operation of a helper failed.

    Attributes:
        number: The errno that the kernel answered; 0 without one, because the helper itself failed.
    """

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


class HungError(HelperError):
    """An operation did not end within its deadline."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.ETIMEDOUT, message)


class ChangedError(HelperError):
    """The mount that an operation was meant for is another one now: observe again."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EAGAIN, message)


class TooManyError(HelperError):
    """An operation was not started, because too many helpers hang on this node."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EAGAIN, message)


class NotConvergingError(Exception):
    """Others change the mounts at a path as fast as this plugin does."""


class BlockedError(Exception):
    """Something that the plugin must not remove is at a target; the message names it and what to do."""
