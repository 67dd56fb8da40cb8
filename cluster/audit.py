"""Read the API server's audit log: who asked for what, and what it got."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class AuditEvent:
    """One API request, whether it has ended (`stage` ResponseComplete) or is a watch that still runs."""

    id: str
    time: datetime
    stage: str
    user: str
    agent: str
    verb: str
    uri: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    code: int
    """HTTP status; 0 if none was sent."""
    denied: bool
    """Whether the user had no right to it; a 403 may have other causes, such as a terminating namespace."""


def read_audit(file: Path, since: datetime | None = None) -> Iterator[AuditEvent]:
    """Yield the requests that the API server received at or after `since` (an aware time), each once.

    A watch is logged twice, when it starts and when it ends: the first line counts.
    """
    if not file.exists():
        return
    seen: set[str] = set()
    with file.open() as lines:
        for line in lines:
            if not line.endswith("\n"):
                return  # the server is writing this one now
            event = _parse(line)
            if event.id not in seen and (since is None or event.time >= since):
                seen.add(event.id)
                yield event


def _parse(line: str) -> AuditEvent:
    entry = json.loads(line)
    target = entry.get("objectRef", {})
    return AuditEvent(
        id=entry["auditID"],
        time=datetime.fromisoformat(entry["requestReceivedTimestamp"]),
        stage=entry["stage"],
        user=entry["user"].get("username", ""),
        agent=entry.get("userAgent", ""),
        verb=entry["verb"],
        uri=entry["requestURI"],
        group=target.get("apiGroup", ""),
        resource=target.get("resource", ""),
        subresource=target.get("subresource", ""),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        code=entry.get("responseStatus", {}).get("code", 0),
        denied=entry.get("annotations", {}).get("authorization.k8s.io/decision") == "forbid",
    )
