"""What the operator spends: requests by the audit log, CPU time and memory by its process."""

import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cluster import ControlPlane
from cluster.operator import USER, Operator

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What was spent between two moments.

    Attributes:
        requests: ordinary requests, by verb and resource.
        watches: lists and watches.
        cpu: seconds.
    """

    requests: Counter[str]
    watches: int
    cpu: float

    def most(self, per: int) -> str:
        """The commonest requests, divided by `per`."""
        return ", ".join(f"{count / per:.3g} {what}" for what, count in self.requests.most_common(9))


class Meter:
    """Counts from the moment at which it is made; the process must stay the same."""

    def __init__(self, plane: ControlPlane, operator: Operator) -> None:
        self._plane = plane
        self._pid = operator.pid
        self._time = datetime.now(UTC)
        self._cpu = cpu_seconds(operator.pid)

    @property
    def cpu(self) -> float:
        """CPU seconds so far."""
        return cpu_seconds(self._pid) - self._cpu

    def read(self) -> Cost:
        """What was spent so far."""
        cpu = self.cpu  # before the log is read, which takes a moment
        ours = [event for event in self._plane.audit(self._time) if event.user == USER]
        requests = Counter(
            f"{event.verb} {event.resource}/{event.subresource}".rstrip("/")
            for event in ours
            if event.verb not in ("list", "watch")
        )
        return Cost(requests, len(ours) - requests.total(), cpu)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process since its start, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_memory(pid: int) -> float:
    """The most memory that a process ever held, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
