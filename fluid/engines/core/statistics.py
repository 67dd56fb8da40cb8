"""The report of a cache, the spelling of sizes and shares, and the report about a cache that is silent.

The output of a cache is hostile: it is read within limits, and gives None where it makes no sense.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Generic

from fluid.conditions import find_condition
from fluid.engines.core.checks import expect, expect_field, expect_items
from fluid.engines.core.plan import Plan, Waiting
from fluid.engines.core.queries import Results
from fluid.engines.core.query import PodQuery, Said
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import DatasetStatus
from fluid.types.untrusted import COMMAND_OUTPUT, MOUNT_LINES, whole_number

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
_HUMAN_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?) ?([kKmMgGtTpP])?[iI]?[bB]?")
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5}

CALCULATING = "[Calculating]"
"""The value of a size or count that is not known yet."""


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


def lines_of(text: str) -> list[str]:
    """The lines of an answer, none of one that is longer than any cache writes."""
    return text.splitlines() if len(text) <= COMMAND_OUTPUT else []


def fields_by(text: str, *, key: int, value: int) -> dict[str, str]:
    """Fields of a table's lines, such as addresses by path, for a mount table.

    No more lines are read than a Dataset can have mounts, several times over: each may become a command.

    Args:
        text: What was printed.
        key: Position of the field that tells lines apart; lines without it are left out.
        value: Position of the other field, which is empty where a line has none.
    """
    lines = (line.split(maxsplit=max(key, value) + 1) for line in lines_of(text)[:MOUNT_LINES])
    return {one[key]: one[value] if len(one) > value else "" for one in lines if len(one) > key}


def labelled_sizes(text: str, labels: Mapping[str, str]) -> dict[str, int] | None:
    """Sizes in bytes from lines such as `Total Capacity: 96.00GB`; of several lines the last counts.

    Args:
        text: What was printed.
        labels: The beginning of the line of each size, up to the number.

    Returns:
        The size of each label; None when a line is missing or has no size.
    """
    found: dict[str, int] = {}
    for line in map(str.strip, lines_of(text)):
        for name, label in labels.items():
            size = parse_human_size(line.removeprefix(label)) if line.startswith(label) else None
            if size is not None:
                found[name] = size
    return found if len(found) == len(labels) else None


def leading_numbers(text: str, count: int) -> list[int] | None:
    """The numbers that the first line with so many whole numbers begins with; None without such a line."""
    for line in lines_of(text):
        numbers = [whole_number(field) for field in line.split(maxsplit=count)[:count]]
        found = [number for number in numbers if number is not None]
        if len(found) == count:
            return found
    return None


_MOST_FIGURES = 64
SILENT = "CacheNotAnswering"
"""Reason of a cache that does not report."""


@dataclass(frozen=True, slots=True)
class CacheReport:
    """What a cache says of itself.

    Attributes:
        capacity: Bytes that it can hold, of all media that it is asked about.
        cached: Bytes that it holds.
        figures: Further entries of `status.cacheStates`, such as ``cacheHitRatio``, as they are to be shown.
    """

    capacity: int
    cached: int
    figures: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Refuse what is of another type."""
        expect_field("CacheReport.capacity", self.capacity, int)
        expect_field("CacheReport.cached", self.cached, int)
        expect_field("CacheReport.figures", self.figures, Mapping)
        expect_items("CacheReport.figures", [*self.figures, *self.figures.values()], str, _MOST_FIGURES)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """How a cache is asked for its report.

    Attributes:
        queries: One to the master, or one to each pod of a component: commands, or pages.
        read: Makes a report of what was said, in the order of the queries, None standing for each query
            that failed; None if it makes no sense. It is not called when all have failed.
    """

    queries: Sequence[PodQuery[object]]
    read: Callable[[Sequence[str | None]], CacheReport | None]

    def __post_init__(self) -> None:
        """Refuse what is of another type."""
        expect_items("ReportRequest.queries", self.queries, PodQuery)


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How size and number of the files in the sources are found out.

    Attributes:
        queries: Mostly one for each mount.
        read: Files and bytes of what one of them printed; None if it makes no sense.
    """

    queries: Sequence[PodQuery[object]]
    read: Callable[[str], tuple[int, int] | None]

    def __post_init__(self) -> None:
        """Refuse what is of another type."""
        expect_items("SourceCount.queries", self.queries, PodQuery)


class Report(Generic[R]):
    """The report of one pass.

    Attributes:
        unhealthy: what is wrong with a cache that does not answer, or gave no sense the last time.
    """

    def __init__(self, snapshot: Snapshot[R], results: Results, plan: Plan) -> None:
        self.results = results
        self.plan = plan
        self.registered: bool = snapshot.registered
        self.sample_due: bool = snapshot.sample_due
        self.standing: Waiting | None = _silence(snapshot)
        self.unhealthy: Waiting | None = None

    def take(self, request: ReportRequest | None, *, joined: bool) -> bool:
        """Ask when there are no figures yet, when new ones are due or a worker joined; True unless waiting.

        Args:
            request: how the cache is asked; None when there is nobody to ask.
            joined: whether the number of workers has changed.
        """
        if request is None or not request.queries:
            self.plan.status.cache_states = None
            self.plan.sampled = True
            return True
        unsure = self.sample_due or joined or self.standing is not None
        asked = any(query in self.results for query in request.queries)
        if self.plan.status.cache_states and not unsure and not asked:
            return True
        return self._read(request)

    def _read(self, request: ReportRequest) -> bool:
        """Take the figures into the status; on failure say so and try again later."""
        for query in request.queries:
            self.plan.ask(query)
        ended = {one: one.said(self.results[one]) for one in request.queries if one in self.results}
        if any(query not in ended for query in request.queries):
            self.unhealthy = self.standing  # until the cache answers
            if not self.registered:  # a sample blocks nothing
                pod = next(query.pod for query in request.queries if query not in ended)
                self.plan.wait("CacheReporting", f"waiting for the report of pod {pod}")
            return False
        self.plan.sampled = True
        said = [one.text for one in ended.values()]
        given = request.read(said) if any(one is not None for one in said) else None
        report = expect("ReportRequest.read", given, CacheReport, NoneType)
        if report is None:
            self.plan.useless.update(ended)
            self.unhealthy = _silent(ended)
            self.plan.wait(self.unhealthy.reason, self.unhealthy.message, problem=True)
            return False
        self.plan.status.cache_states = {
            **(self.plan.status.cache_states or {}),
            "cacheCapacity": human_size(report.capacity),
            "cached": human_size(report.cached),
            **report.figures,
        }
        return True


def count_is_due(status: DatasetStatus, *, sampled: bool) -> bool:
    """Whether size and number of the sources' files have to be found out.

    What is known stays; what failed, which shows as an empty text, is asked again with the next sample.

    Args:
        status: The Dataset's status.
        sampled: Whether statistics are sampled in this pass.
    """
    return status.ufs_total in (None, CALCULATING) or (status.ufs_total == "" and sampled)


def count_sources(count: SourceCount, plan: Plan, results: Results) -> None:
    """Put size and number of the sources' files into the Dataset's status, in the background.

    Args:
        count: How they are found out.
        plan: Whose Dataset status is written, and which asks.
        results: What is answered so far.
    """
    status = plan.dataset_status
    for query in count.queries:
        plan.ask(query)
    ended = [query.said(results[query]).text for query in count.queries if query in results]
    counts = [_counted(count, text) if text is not None else None for text in ended]
    known = [one for one in counts if one is not None]
    if len(known) == len(count.queries):
        status.ufs_total = human_size(sum(size for _, size in known))
        status.file_num = str(sum(files for files, _ in known))
    else:
        status.ufs_total = status.file_num = "" if len(ended) == len(count.queries) else CALCULATING


def _counted(count: SourceCount, text: str) -> tuple[int, int] | None:
    given = expect("SourceCount.read", count.read(text), tuple, NoneType)
    if given is not None:
        expect_items("SourceCount.read", given, int, 2)
    return given


def _silent(ended: Mapping[PodQuery[object], Said]) -> Waiting:
    """What to say of a cache that does not answer; it is asked again with back-off."""
    first = next(iter(ended.items()))
    query, said = next(((one, found) for one, found in ended.items() if found.problem), first)
    problem = said.problem or "gave an answer that makes no sense"
    words = " ".join("".join(one if one.isprintable() else " " for one in said.words[:400]).split())
    message = (
        f"{query.about} {problem}: {words[:300]}; see `kubectl -n {query.namespace} logs {query.pod.name}`"
    )
    return Waiting(SILENT, message, problem=True)


def _silence(snapshot: Snapshot[R]) -> Waiting | None:
    """What the Dataset says of a cache that did not answer when it was asked last."""
    status = snapshot.dataset.status if snapshot.dataset else None
    ready = find_condition(status.conditions, "Ready") if status else None
    if ready is None or ready.reason != SILENT or not snapshot.registered:
        return None
    return Waiting(SILENT, ready.message or "", problem=True)
