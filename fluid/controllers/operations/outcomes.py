"""Why an operation does not run: it waits for an object, or its spec cannot be carried out."""

from dataclasses import dataclass

NOT_VALID = "DataOperationNotValid"
NOT_SUPPORTED = "DataOperationNotSupport"
NOT_FOUND = "DataOperationNotFound"
WAITING = "DataOperationWaiting"
EXECUTION_FAILED = "DataOperationExecutionFailed"


@dataclass(frozen=True, slots=True)
class Pause:
    """The operation stays Pending until a watch wakes it.

    Attributes:
        reason: CamelCase word for condition and event.
        message: the object that the operation waits for, and the next step.
        warning: whether a person has to act.
    """

    reason: str
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The operation fails without having run, until its spec changes.

    Attributes:
        reason: CamelCase word for the condition.
        message: what is wrong, and the next step.
        event: CamelCase word for the event.
    """

    reason: str
    message: str
    event: str = NOT_VALID


Blocker = Pause | Refusal
"""Why an operation does not run."""
