"""What is installed: engines and kinds of data operation, found through Python entry points.

A distribution announces functions that make registrations. A registration that cannot be used is refused when
a process starts, with the distribution and the cause; the others work.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, TypeVar

from fluid import naming
from fluid.charts import ChartValues
from fluid.engines.core.distributions import (
    Crd,
    crds_in,
    definitions,
    missing_crds,
    shipped_crd,
    version_problem,
)
from fluid.engines.core.operation import OperationRegistration
from fluid.engines.core.query import QueryKind
from fluid.engines.core.registered_code import check_registration
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.settings import Settings
from fluid.kinds.installed import GROUP, Kinds, Problem, clashes, installed, told
from fluid.types import KubeObject

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ENGINES, OPERATIONS = "fluid.engines", "fluid.operations"
"""Groups of the entry points that announce engines and kinds of data operation."""
P = TypeVar("P", EngineRegistration[KubeObject], OperationRegistration[KubeObject])
T = TypeVar("T")
_SHIPPED = "fluid"
_SHARED_QUERIES = "fluid.engines.core."
"""Where the queries are whose handlers Fluid brings."""


@dataclass(frozen=True)
class Registry:
    """What is installed: engines by runtime kind, and data operations by their kind.

    Attributes:
        engines: Engines by the kind of runtime.
        operations: Data operations by their kind.
        problems: What is refused, and why.
    """

    engines: Mapping[str, EngineRegistration[KubeObject]]
    operations: Mapping[str, OperationRegistration[KubeObject]] = field(
        default_factory=dict[str, OperationRegistration[KubeObject]]
    )
    problems: Sequence[Problem] = ()

    @classmethod
    def discover(cls) -> "Registry":
        """What installed distributions announce, as far as it can be used."""
        return read_registry(entry_points(group=ENGINES), entry_points(group=OPERATIONS), installed())

    @property
    def controlled_kinds(self) -> frozenset[type[KubeObject]]:
        """Kinds of objects that engines and operations make beside those that all of them make."""
        of_engines = {kind for one in self.engines.values() for kind in one.children}
        return frozenset(of_engines.union(*(one.workloads for one in self.operations.values())))

    @property
    def groups(self) -> frozenset[str]:
        """API groups of the kinds of runtimes and operations."""
        kinds = [*self.engines.values(), *self.operations.values()]
        return frozenset(one.kind.resource.group for one in kinds)

    @property
    def queries(self) -> list[QueryKind]:
        """The kinds of query that engines bring, each with its handler and rights."""
        return [kind for one in self.engines.values() for kind in one.queries]

    def settings(self, environment: Mapping[str, str]) -> Settings:
        """What an administrator has set for all runtimes, and for those of each engine."""
        return Settings.from_environment(
            environment, self.settings_classes, sorted(one.runtime_type for one in self.engines.values())
        )

    @property
    def settings_classes(self) -> "list[type[DataclassInstance]]":
        """The settings classes of engines."""
        return [one.settings for one in self.engines.values() if one.settings is not None]

    @property
    def values(self) -> Mapping[str, type[ChartValues]]:
        """The values models of all charts, by the name in Chart.yaml."""
        parts = [*self.operations.values(), *self.engines.values()]
        return {name: model for one in reversed(parts) for name, model in one.values.items()}

    @property
    def crds(self) -> list[Crd]:
        """The CRDs of all kinds that are installed, that of Datasets too."""
        parts = [*self.operations.values(), *self.engines.values()]
        return [*shipped_crd("datasets"), *(crd for one in parts for crd in one.crds)]

    def lacking(self) -> list[str]:
        """What installed distributions should bring and do not: a CRD for each kind, a sentence for each."""
        engines = [kind for one in self.engines.values() for kind in one.kinds]
        kinds = [*engines, *(kind for one in self.operations.values() for kind in one.kinds)]
        own = [kind for kind in kinds if kind.resource.group in {naming.GROUP, *self.groups}]
        return list(dict.fromkeys(missing_crds(own, definitions(self.crds))))

    def of_type(self, runtime_type: str) -> EngineRegistration[KubeObject] | None:
        """The engine of a runtime type as a Dataset's status records it."""
        return next((one for one in self.engines.values() if one.runtime_type == runtime_type), None)


def read_registry(engines: Iterable[EntryPoint], operations: Iterable[EntryPoint], kinds: Kinds) -> Registry:
    """The registrations behind entry points.

    Refused are what cannot be imported or raises, what was written for another version of the interface, what
    `fluid.kinds` does not announce, and all of those that bring the same kind, type or implementation.
    """
    problems = [*kinds.problems]

    def unusable(engine: EngineRegistration[KubeObject]) -> str:
        if refused := _queries_problem(engine.queries):
            return refused
        found = kinds.of_type(engine.runtime_type)
        if found is None or found.model is not engine.kind:
            return _announce(engine.kind, kinds)
        wide = [one.resource.kind for one in engine.children if not one.resource.namespaced]
        return f"has {wide[0]} among its children, which is no namespaced kind: leave it out" if wide else ""

    def unknown(operation: OperationRegistration[KubeObject]) -> str:
        known = any(one.model is operation.kind for one in kinds.operations)
        return "" if known else _announce(operation.kind, kinds)

    own = _read(engines, EngineRegistration, unusable, problems)
    work = _read(operations, OperationRegistration, unknown, problems)
    return Registry(
        {one.kind.resource.kind: one for one in _unique(own, _engine_claims, problems)},
        {one.name: one for one in _unique(work, _operation_claims, problems)},
        tuple(problems),
    )


def _read(
    entries: Iterable[EntryPoint], wanted: type, refusal: Callable[[P], str], problems: list[Problem]
) -> list[tuple[EntryPoint, P]]:
    """What the functions behind entry points make, without what is refused."""
    found: list[tuple[EntryPoint, P]] = []
    for entry in sorted(entries, key=lambda one: one.name):
        try:
            make: Callable[[], P] = entry.load()
            made = _checked(make(), wanted)
            check_registration(made)
            refused = version_problem(made.interface) or refusal(made)
            found_crds = made.crds or _crds_of(entry, made.kinds)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - code of somebody else harms nobody
            cause = f"{type(error).__name__}: {error}"
            problems.append(Problem(entry.name, f"{told(entry)} cannot be registered ({cause})"))
            continue
        if refused:
            problems.append(Problem(made.kind.resource.kind, f"{told(entry)} {refused}"))
        else:
            named = f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""
            found.append((entry, replace(made, crds=found_crds, distribution=named)))
    return found


def _checked(made: T, wanted: type) -> T:
    if type(made) is not wanted:  # the record itself: what a subclass overrides would be called anywhere
        raise TypeError(f"it makes a {type(made).__name__} and no {wanted.__name__}")
    return made


def _announce(kind: type[KubeObject], kinds: Kinds) -> str:
    """What is wrong where `fluid.kinds` does not have a kind."""
    name = kind.resource.kind
    if known := next((one.reason for one in kinds.problems if one.name == name), ""):
        return f"cannot serve {name}: {known}"
    line = f'{name.lower()} = "{kind.__module__}:{kind.__qualname__}"'
    problem = f"brings {name}, which node plugin and SDK do not know, or as another runtime type"
    return f'{problem}: add {line} to the entry points of its distribution, in the group "{GROUP}"'


def _queries_problem(queries: Sequence[object]) -> str:
    """What is wrong with an engine's own queries: they are of somebody else, as their types may lie."""
    names: list[str] = []
    for one in queries:
        if not isinstance(one, QueryKind):
            return f"brings {type(one).__name__} where a QueryKind belongs: make it with Query.answered_by"
        if one.query.__module__.startswith(_SHARED_QUERIES):
            return f"brings a handler of {one.name}, which Fluid answers itself: leave it out"
        names.append(one.name)
    twice = next((name for name in names if names.count(name) > 1), "")
    return f"brings a handler of {twice} twice: leave one out" if twice else ""


def _crds_of(entry: EntryPoint, kinds: Iterable[type[KubeObject]]) -> list[Crd]:
    package = entry.module.partition(".")[0]
    if package != _SHIPPED:
        return crds_in(package)
    return [crd for kind in kinds for crd in shipped_crd(kind.resource.plural)]


def _unique(
    found: Sequence[tuple[EntryPoint, P]], claims_of: Callable[[P], list[str]], problems: list[Problem]
) -> list[P]:
    """Those that bring what no other brings."""
    claims: defaultdict[str, list[EntryPoint]] = defaultdict(list)
    for entry, one in found:
        for claim in claims_of(one):
            claims[claim].append(entry)
    problems += clashes(claims)
    return [one for _, one in found if all(len(claims[claim]) == 1 for claim in claims_of(one))]


def _engine_claims(one: EngineRegistration[KubeObject]) -> list[str]:
    kind = one.kind.resource.kind
    queries = [f"a handler of {query.name}" for query in one.queries]
    return [kind, f"runtime type {one.runtime_type}", f"engine implementation {one.implementation}", *queries]


def _operation_claims(one: OperationRegistration[KubeObject]) -> list[str]:
    return [one.name]
