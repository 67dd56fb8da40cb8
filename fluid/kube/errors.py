# ruff: noqa: N818 - the names are the API server's reasons (NotFound, Conflict), not faults of a program
"""Failures of requests to the API server, as one small family of exceptions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from fluid.types import Key


class Cause(NamedTuple):
    """One field that the API server refused."""

    field: str
    message: str


class KubeError(Exception):
    """The API server answered with a failure, or did not answer.

    Attributes:
        status: HTTP status; 0 when there was no answer.
        reason: the machine-readable word of the answer, such as ``NotFound``.
        message: the API server's message, which names the object.
        causes: the refused fields, when the answer lists them.
    """

    def __init__(self, status: int, reason: str, message: str, causes: Sequence[Cause] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.causes: list[Cause] = list(causes)


class NotFound(KubeError):
    """404: no such object, or the kind itself is not installed."""


class AlreadyExists(KubeError):
    """409: the name is taken."""


class Conflict(KubeError):
    """409: the object changed meanwhile, or a precondition (uid, resourceVersion, field owner) failed."""


class Gone(KubeError):
    """The API server cannot continue a watch from the given resourceVersion; list again.

    410: it is too old. 504 with these words: it is too new, as after a restore of etcd from a backup.
    """


class Unauthorized(KubeError):
    """401: the credentials are missing or expired."""


class Forbidden(KubeError):
    """403: the credentials lack the permission, or an admission plugin or a quota refused."""


class NamespaceEnding(Forbidden):
    """403: the namespace is being deleted and accepts no new objects; its objects will be deleted too."""


class Invalid(KubeError):
    """400 or 422: the object is not valid; ``causes`` names the fields."""


class Oversized(Invalid):
    """The object, or its stored form, exceeds a size limit: 413, or an error message of etcd."""


class Throttled(KubeError):
    """429: the API server asks to come back later."""


class Unavailable(KubeError):
    """No usable answer: network failure, deadline exceeded, or a 5xx."""


class TooLarge(Unavailable):
    """An answer has more bytes than are read."""


class Malformed(Exception):
    """A stored object does not fit its model.

    Attributes:
        key: the object.
        message: ``path: what is wrong`` for the first offending fields.
    """

    def __init__(self, key: Key, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


class Terminal(Exception):
    """Raised by a reconcile when trying again is useless until the spec changes.

    Attributes:
        reason: CamelCase word for condition and event.
        message: sentence for a human: which object, and what to do next.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Costly(Exception):
    """Raised by a reconcile that failed and held up everything else; tried again after a long delay.

    Attributes:
        seconds: for how long; 0 if it did not.
    """

    seconds: float = 0.0


class LeaseLost(Exception):
    """This process no longer leads and must end."""


_TOO_NEW = "Too large resource version"
_TOO_LARGE = ("etcdserver: request is too large", "trying to send message larger than max")
"""etcd's messages for an object within the request limit but over etcd's; the API server sends a 500."""
_BY_STATUS: Mapping[int, type[KubeError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: Oversized,
    422: Invalid,
    429: Throttled,
}


def first_of(error: Exception) -> Exception:
    """What failed first, where a group of tasks ended with an exception."""
    if not isinstance(error, ExceptionGroup):
        return error
    return first_of(cast("ExceptionGroup[Exception]", error).exceptions[0])


def error_for(status: int, reason: str, message: str, causes: Sequence[Cause] = ()) -> KubeError:
    """The exception for an HTTP status and the ``reason`` of a Kubernetes Status object."""
    if reason == "AlreadyExists":
        return AlreadyExists(status, reason, message, causes)
    if reason == "Expired" or (status == 504 and _TOO_NEW in message):
        return Gone(status, reason, message, causes)
    if status == 500 and any(words in message for words in _TOO_LARGE):
        return Oversized(status, "RequestEntityTooLarge", message, causes)
    kind = _BY_STATUS.get(status) or (Unavailable if status >= 500 else KubeError)
    return kind(status, reason or kind.__name__, message, causes)
