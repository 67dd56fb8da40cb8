"""The Status object: how an API server says that something failed, and how a command in a pod ended."""

import msgspec

from fluid.kube.errors import Cause, KubeError, NamespaceEnding, error_for
from fluid.kube.wire import decode

_ENDING = "NamespaceTerminating"
_LONGEST = 4096
"""Characters of a message: an API server may quote the whole value that it refuses."""


class StatusCause(msgspec.Struct):
    """One reason in detail: a field that was refused, or an exit code."""

    reason: str = ""
    field: str = ""
    message: str = ""


class StatusDetails(msgspec.Struct):
    """The reasons in detail."""

    causes: list[StatusCause] = []


class Status(msgspec.Struct):
    """``kind: Status`` of the API, as far as it is read here."""

    status: str = ""
    reason: str = ""
    message: str = ""
    details: StatusDetails = msgspec.field(default_factory=StatusDetails)


def read_status(data: bytes) -> Status:
    """The Status in some bytes.

    Raises:
        msgspec.MsgspecError: they are none.
        UnicodeDecodeError: they are no text.
    """
    return msgspec.json.decode(data, type=Status)


def refusal(where: str, code: int, body: bytes) -> KubeError:
    """The error that an answer means, whatever its Content-Type: proxies send HTML or nothing at all.

    Args:
        where: what was asked for, should the answer not say it.
        code: HTTP status.
        body: of the answer.
    """
    try:
        status = read_status(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return error_for(code, "", f"{where}: HTTP {code}")
    causes = [Cause(cause.field, cause.message[:_LONGEST]) for cause in status.details.causes]
    message = status.message[:_LONGEST] or f"{where}: HTTP {code}"
    if any(cause.reason == _ENDING for cause in status.details.causes):
        return NamespaceEnding(code, status.reason, message, causes)
    return error_for(code, status.reason, message, causes)


def watch_error(data: bytes) -> KubeError:
    """The error in an ``ERROR`` event of a watch."""
    status = decode(data)
    code = status.get("code")
    message = str(status.get("message", "the watch ended with an error"))
    return error_for(code if isinstance(code, int) else 500, str(status.get("reason", "")), message)
