"""Finding the kinds that are installed, by the entry points of all distributions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import NamedTuple

import fluid.models
from fluid.kinds.record import OperationKind, Record, RuntimeKind, record_of
from fluid.types import KubeObject

GROUP = "fluid.kinds"
"""Group of the entry points."""


class Problem(NamedTuple):
    """Why something that a distribution announces is left out.

    Attributes:
        name: What it is, such as its kind.
        reason: A sentence that names the distribution and the cause.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Kinds:
    """What is installed.

    Attributes:
        runtimes: Kinds of runtimes.
        operations: Kinds of data operations.
        models: Models of all kinds of objects, by ``apiVersion`` and ``kind``: Kubernetes' own as well.
        problems: What is left out, and why.
    """

    runtimes: tuple[RuntimeKind, ...]
    operations: tuple[OperationKind, ...]
    models: Mapping[tuple[str, str], type[KubeObject]]
    problems: tuple[Problem, ...] = ()

    def of_type(self, runtime_type: str) -> RuntimeKind | None:
        """The kind of runtime that a Dataset's status calls so."""
        return next((one for one in self.runtimes if one.runtime_type == runtime_type), None)

    def of_model(self, model: type[KubeObject]) -> RuntimeKind | None:
        """The record of a kind of runtime, by its model or by one that extends it."""
        return next((one for one in self.runtimes if issubclass(model, one.model)), None)

    def named(self, name: str) -> type[KubeObject] | None:
        """The model of a kind, by its name or plural, such as ``Dataset`` or ``datasets``."""
        found = (one for one in self.models.values() if name in (one.resource.kind, one.resource.plural))
        return next(found, None)


@cache
def installed() -> Kinds:
    """What is installed in this process; found once."""
    return read_kinds(entry_points(group=GROUP))


def read_kinds(entries: Iterable[EntryPoint]) -> Kinds:
    """The kinds behind entry points.

    Two distributions that announce the same kind of runtime or operation, or the same type, are both left
    out, and so is what cannot be loaded. Of two models of any other kind the first counts.
    """
    problems: list[Problem] = []
    found: list[tuple[EntryPoint, Record]] = []
    for entry in sorted(entries, key=lambda one: one.name):
        try:
            found.append((entry, record_of(entry.load())))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a module of somebody else harms nobody
            cause = f"{type(error).__name__}: {error}"
            problems.append(Problem(entry.name, f"{told(entry)} cannot be loaded ({cause})"))
    unique = [*_unique(found, problems)]
    records = [record for _, record in unique]
    announced = {_address(model): model for model in map(_model, reversed(records))}
    models = {**announced, **shipped_models()}
    return Kinds(
        tuple(one for one in records if isinstance(one, RuntimeKind)),
        tuple(one for one in records if isinstance(one, OperationKind)),
        models,
        tuple(problems),
    )


def told(entry: EntryPoint) -> str:
    """An entry point and its distribution, for people."""
    distribution = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"
    return f"{distribution} (entry point {entry.name} of {entry.group})"


def clashes(claims: Mapping[str, Sequence[EntryPoint]]) -> list[Problem]:
    """The problems of distributions that bring the same: one for each group of them, by what it claims first.

    Args:
        claims: Who brings what.
    """
    first: dict[tuple[EntryPoint, ...], str] = {}
    for what, entries in claims.items():
        if len(entries) > 1:
            first.setdefault(tuple(entries), what)
    return [
        Problem(what, f"{what} is brought by {' and '.join(map(told, entries))}: uninstall one of them")
        for entries, what in first.items()
    ]


@cache
def shipped_models() -> Mapping[tuple[str, str], type[KubeObject]]:
    """The models of this distribution by ``apiVersion`` and ``kind``, of Kubernetes' kinds too."""
    models: Iterable[object] = (getattr(fluid.models, name) for name in fluid.models.__all__)
    kinds = [one for one in models if isinstance(one, type) and issubclass(one, KubeObject)]
    return {_address(one): one for one in kinds if "resource" in vars(one)}


def _unique(
    found: list[tuple[EntryPoint, Record]], problems: list[Problem]
) -> Iterator[tuple[EntryPoint, Record]]:
    claims: defaultdict[str, list[EntryPoint]] = defaultdict(list)
    for entry, record in found:
        for name in _names(record):
            claims[name].append(entry)
    problems += clashes(claims)
    for entry, record in found:
        model = _model(record)
        shipped = shipped_models().get(_address(model), model)
        if shipped is not model:
            kind = model.resource.kind
            problems.append(Problem(kind, f"{kind} of {told(entry)} is a kind that Fluid has a model of"))
        elif all(len(claims[name]) == 1 for name in _names(record)):
            yield entry, record


def _names(record: Record) -> list[str]:
    """What only one distribution may bring."""
    if isinstance(record, type):
        return []
    kind = record.model.resource.kind
    return [kind, f"runtime type {record.runtime_type}"] if isinstance(record, RuntimeKind) else [kind]


def _model(record: Record) -> type[KubeObject]:
    return record if isinstance(record, type) else record.model


def _address(model: type[KubeObject]) -> tuple[str, str]:
    return model.resource.api_version, model.resource.kind
