"""A controller: sources of changes, a queue of keys, one reconcile at a time per key."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from fluid.kube.events import Recorder
from fluid.kube.metrics import Metrics
from fluid.kube.reflector import Reflector
from fluid.kube.store import Change
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a reconcile that did not fail.

    Attributes:
        requeue_after: seconds until it shall run again even if nothing changes; None: wait for a change.
    """

    requeue_after: float | None = None


DONE = Result()
Reconcile = Callable[[Key], Awaitable[Result]]


class Controller:
    """Runs `reconcile` for each key that a source names.

    Args:
        name: for logs and metrics.
        reconcile: gets a key, never an event. `Terminal` means no retry; anything else that it raises
            is logged, counted and retried with back-off (0.2 s up to 5 min).
        workers: how many keys at once.
        timeout: seconds that one reconcile may take.
        metrics: where to count.
        recorder: where to tell of objects that do not fit their model.
    """

    def __init__(
        self,
        name: str,
        reconcile: Reconcile,
        *,
        workers: int = 16,
        timeout: float = 60.0,
        metrics: Metrics | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        raise NotImplementedError

    def for_(self, reflector: Reflector[M]) -> "Controller":
        """The primary kind: each change of an object is a reconcile of its key."""
        raise NotImplementedError

    def owns(self, reflector: Reflector[M], *, kind: type[KubeObject], delay: float = 0.0) -> "Controller":
        """Children: a change reconciles the controlling owner, if that is of `kind`.

        Args:
            reflector: the children.
            kind: the owner's kind.
            delay: seconds to wait, so that a burst of changes costs one reconcile.
        """
        raise NotImplementedError

    def watches(
        self, reflector: Reflector[M], map_fn: Callable[[Change[M]], Iterable[Key]], delay: float = 0.0
    ) -> "Controller":
        """Anything else: a change reconciles the keys that `map_fn` names (it must be quick and pure)."""
        raise NotImplementedError

    def enqueue(self, key: Key, after: float = 0.0) -> None:
        """Reconciles `key` in `after` seconds."""
        raise NotImplementedError

    async def run(self) -> None:
        """Waits until every source is synced, then reconciles until `stop`, or until cancelled."""
        raise NotImplementedError

    def stop(self) -> None:
        """Takes no more keys; `run` returns when the running reconciles have ended."""
        raise NotImplementedError
