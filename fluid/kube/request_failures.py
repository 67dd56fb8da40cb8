"""Requests that the API server refuses or does not answer: a reason for a process not to be ready."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from fluid.kube.errors import Forbidden, KubeError
from fluid.kube.log import Log

_LASTING = 90.0
_UNREACHABLE = "unreachable"
_RIGHT = re.compile(r'cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)"')
_log = Log("fluid.kube.request_failures")


@dataclass
class RequestFailures:
    """Failed requests, each kept until one of its kind succeeds; requests that are no longer tried expire.

    Attributes:
        clock: seconds, monotonic.
    """

    clock: Callable[[], float] = monotonic
    _seen: dict[str, tuple[float, str]] = field(default_factory=dict[str, tuple[float, str]])

    def failed(self, method: str, path: str, error: KubeError) -> None:
        """Records a request that was not answered, or that RBAC does not allow; ignores other failures."""
        if error.status == 0:
            self._note(_UNREACHABLE, f"the API server cannot be reached: {error.message}")
            return
        self._seen.pop(_UNREACHABLE, None)
        right = _RIGHT.search(error.message) if isinstance(error, Forbidden) else None  # else: a quota
        if right is not None:
            kind = _kind_of(method, path)
            if kind not in self._seen:
                _log.warning("no permission", **right.groupdict(), problem=error.message)
            self._note(kind, f"no permission to {right['verb']} {right['resource']}: {error.message}")

    def succeeded(self, method: str, path: str) -> None:
        """Forgets the failures that this success disproves."""
        if not self._seen:
            return
        self._seen.pop(_UNREACHABLE, None)
        if (gone := self._seen.pop(_kind_of(method, path), None)) is not None:
            _log.info("permitted again", was=gone[1])

    def problems(self) -> list[str]:
        """The present failures, one sentence each."""
        now = self.clock()
        return [problem for since, problem in [*self._seen.values()] if now - since < _LASTING]

    def _note(self, kind: str, problem: str) -> None:
        self._seen[kind] = (self.clock(), problem)


def _kind_of(method: str, path: str) -> str:
    """Method, resource and subresource, without namespace and name."""
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    if parts[:1] == ["namespaces"] and len(parts) > 2:
        parts = parts[2:]
    return " ".join([method, *parts[::2]])
