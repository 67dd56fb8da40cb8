"""Errors of the SDK; each message names the object and the next step.

AuthoringError    what you wrote has to be corrected; one problem a line, with its field path
KubeError         the API server refused or did not answer; kind, name and a hint are added here
WaitError         what was waited for did not come
 ├─ DatasetNotBound
 ├─ OperationNotComplete
 │   ├─ DataLoadNotComplete
 │   └─ DataProcessNotComplete
 └─ NotDeleted
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from fluid.conditions import Condition
from fluid.kube import (
    Conflict,
    Forbidden,
    Invalid,
    KubeError,
    Malformed,
    NamespaceEnding,
    NotFound,
    Unauthorized,
)
from fluid.models import Event
from fluid.types import Key, Resource

_LONGEST = 300
"""Characters of one line: messages about stuck pods can be long."""


class WaitError(Exception):
    """The awaited state was not reached: it cannot be reached, or the time is up.

    The message has at most ten lines: what, phase, condition, the last warnings, next step.

    Attributes:
        key: The object.
        timed_out: Whether the state may still be reached; otherwise a person has to act first.
        phase: Phase of the object; empty without one.
        condition: The condition with the reason; None if there is none.
        events: The last warnings about the object, oldest first.
        next_step: What to do, mostly a command that shows more about the object.
    """

    def __init__(
        self,
        key: Key,
        why: str,
        *,
        timed_out: bool,
        phase: str,
        condition: Condition | None,
        events: Sequence[Event],
        next_step: str,
    ) -> None:
        self.key = key
        self.timed_out = timed_out
        self.phase = phase
        self.condition = condition
        self.events: list[Event] = list(events)
        self.next_step = next_step
        lines = [why, f"phase: {phase or 'none'}"]
        if condition is not None:
            lines.append(f"{condition.type}: {condition.status}, {condition.reason}: {condition.message}")
        lines += [f"warning ({event.count or 1}x): {event.reason}: {event.message}" for event in events]
        super().__init__("\n  ".join(map(_line, [*lines, f"next: {next_step}"])))


class DatasetNotBound(WaitError):  # noqa: N818 - says what is the matter, like NotFound
    """A Dataset did not become Bound."""


class OperationNotComplete(WaitError):  # noqa: N818 - as above
    """A data operation failed, or did not end in time."""


class DataLoadNotComplete(OperationNotComplete):
    """A DataLoad failed, or did not end in time."""


class DataProcessNotComplete(OperationNotComplete):
    """A DataProcess failed, or did not end in time."""


class NotDeleted(WaitError):  # noqa: N818 - as above
    """An object is still there."""


@contextmanager
def explained(verb: str, resource: Resource, key: Key) -> Generator[None]:
    """Adds kind, name and a hint to an error of the API server.

    Args:
        verb: The verb of the request, such as ``get``.
        resource: The kind.
        key: The object; without a name, all of the namespace.
    """
    where = f"in namespace {key.namespace}" if key.namespace else "of the cluster"
    subject = f"{resource.kind} {key}" if key.name else f"{resource.plural} {where}"
    try:
        yield
    except KubeError as error:
        message = f"cannot {verb} {subject}: {error.message.rstrip('.')}; {_hint(error, verb, resource, key)}"
        raise type(error)(error.status, error.reason, message, error.causes) from error
    except Malformed as error:
        message = f"cannot read {subject}: {error.message}; correct it with kubectl, or use a newer fluid"
        raise KubeError(200, "Malformed", message) from error


def _hint(error: KubeError, verb: str, resource: Resource, key: Key) -> str:
    kubectl = f"kubectl -n {key.namespace}" if key.namespace else "kubectl"
    match error:
        case NotFound() if verb == "scale":
            return f"see `{kubectl} get {resource.plural}`; only runtimes have replicas"
        case NotFound() if not key.name or "requested resource" in error.message:
            return "install the kinds: `fluid manifests --crds | kubectl apply --server-side -f -`"
        case NotFound():
            return f"see `{kubectl} get {resource.plural}`"
        case Conflict():
            return "leave these fields out, or take them over with force=True"
        case Invalid():
            return "correct what it names"
        case NamespaceEnding():
            return "take another namespace, or wait until it is gone"
        case Forbidden():
            action = "patch" if verb in ("apply", "scale") else verb
            return f"see `{kubectl} auth can-i {action} {resource.plural}.{resource.group}`"
        case Unauthorized():
            return "renew the credentials of the kubeconfig's current context"
        case _:
            return "see whether the API server answers: `kubectl version`"


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
