"""What a cache reports of itself, how sizes and shares are written, and what to say of one that is silent."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from fluid.conditions import find_condition
from fluid.engines.core.plan import Plan, Waiting
from fluid.engines.core.queries import Exec, Results
from fluid.engines.core.snapshot import R, Snapshot

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
_HUMAN_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?) ?([kKmMgGtTpP])?[iI]?[bB]?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}

CALCULATING = "[Calculating]"
"""What stands for a size or count that is being found out."""


def human_size(size: int) -> str:
    """A number of bytes as ``0.00B``, ``512.00MiB`` or ``11.72GiB``."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value /= 1024
        unit += 1
    return f"{value:.2f}{_UNITS[unit]}"


def parse_human_size(text: str) -> int | None:
    """Bytes of a size such as ``96.00GB``, K to P being powers of 1024; None if it is no size.

    A number of more than 18 digits is none: nothing is that large.
    """
    match = _HUMAN_SIZE.fullmatch(text.strip())
    if not match:
        return None
    return int(float(match[1]) * 1024 ** _POWERS[(match[2] or "").lower()])


def percentage(part: int, whole: int | None) -> str:
    """A share as ``12.5%``, at most 100; empty while the whole is unknown or nothing."""
    if not whole:
        return ""
    return f"{min(100.0, 100.0 * part / whole):.1f}%"


SILENT = "CacheNotAnswering"


@dataclass(frozen=True, slots=True)
class CacheReport:
    """What a cache says of itself, in bytes."""

    capacity: int
    cached: int


class Report:
    """The report of one pass.

    Attributes:
        unhealthy: what is wrong with a cache that does not answer, or gave no sense the last time.
    """

    def __init__(
        self,
        snapshot: Snapshot[R],
        results: Results,
        plan: Plan,
        parse: Callable[[str], CacheReport | None],
    ) -> None:
        self.results = results
        self.plan = plan
        self.parse = parse
        self.registered: bool = snapshot.registered
        self.sample_due: bool = snapshot.sample_due
        self.standing: Waiting | None = _silence(snapshot)
        self.unhealthy: Waiting | None = None

    def take(self, query: Exec | None, *, joined: bool) -> bool:
        """Ask when there are no figures yet, when new ones are due or a worker joined; True unless waiting.

        Args:
            query: the command that makes the cache report; None when there is nobody to ask.
            joined: whether the number of workers has changed.
        """
        if query is None:
            self.plan.status.cache_states = None
            self.plan.sampled = True
            return True
        unsure = self.sample_due or joined or self.standing is not None
        if self.plan.status.cache_states and not unsure and query not in self.results.commands:
            return True
        return self._read(query)

    def _read(self, query: Exec) -> bool:
        """Take the figures into the status; on failure say so and try again later."""
        self.plan.ask(query)
        answer = self.results.commands.get(query)
        if answer is None:
            self.unhealthy = self.standing  # until it speaks
            if not self.registered:  # a sample holds nothing up
                self.plan.wait("CacheReporting", f"waiting for the report of pod {query.pod}")
            return False
        self.plan.sampled = True
        report = self.parse(answer.stdout) if answer.exit_code == 0 else None
        if report is None:
            self.plan.useless.add(query)
            self.unhealthy = _silent(query, answer.exit_code, answer.stderr or answer.stdout)
            self.plan.wait(self.unhealthy.reason, self.unhealthy.message, problem=True)
            return False
        self.plan.status.cache_states = {
            **(self.plan.status.cache_states or {}),
            "cacheCapacity": human_size(report.capacity),
            "cached": human_size(report.cached),
        }
        return True


def _silent(query: Exec, exit_code: int, said: str) -> Waiting:
    """What to say of a master that does not answer; it is asked again with back-off."""
    command = " ".join(query.command)
    problem = f"failed with exit code {exit_code}" if exit_code else "gave an answer that makes no sense"
    words = " ".join("".join(one if one.isprintable() else " " for one in said[:400]).split())
    message = (
        f"`{command}` in pod {query.pod} {problem}: {words[:300]}; "
        f"see `kubectl -n {query.pod.namespace} logs {query.pod.name}`"
    )
    return Waiting(SILENT, message, problem=True)


def _silence(snapshot: Snapshot[R]) -> Waiting | None:
    """What the Dataset says of a cache that did not answer when it was asked last."""
    status = snapshot.dataset.status if snapshot.dataset else None
    ready = find_condition(status.conditions, "Ready") if status else None
    if ready is None or ready.reason != SILENT or not snapshot.registered:
        return None
    return Waiting(SILENT, ready.message or "", problem=True)
