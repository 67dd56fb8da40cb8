"""The Status object, which reports a failure of a request or the end of a command in a pod."""

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
    """Decodes a Status.

    Raises:
        msgspec.MsgspecError: the bytes are no Status.
        UnicodeDecodeError: the bytes are no text.
    """
    return msgspec.json.decode(data, type=Status)


def refusal(where: str, code: int, body: bytes) -> KubeError:
    """The error for an answer of any Content-Type: proxies send HTML or an empty body.

    Args:
        where: the requested resource, used if the answer does not name it.
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
