"""How the generic controllers reach the thin engine; announced as an entry point of this distribution."""

from collections.abc import Iterable, Mapping, Sequence

from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.registry import EngineRegistration, Reference
from fluid.engines.core.render import RenderedCache
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.kit.tiers import tier_capacities
from fluid.engines.thin.engine import ENGINE, TYPE, ThinEngine
from fluid.engines.thin.loader import load_objects
from fluid.engines.thin.values import ThinValues
from fluid.models import DataLoad, RuntimeStatus, ThinRuntime, ThinRuntimeProfile
from fluid.naming import runtime_finalizer
from fluid.types import Key, KubeObject


def _ports_needed(_: ThinRuntime) -> tuple[str, ...]:
    """None: which ports a client listens on is said by its author."""
    return ()


def _live_ports(_: Key, __: Sequence[KubeObject]) -> Mapping[str, int]:
    return {}


def _capacities(runtime: ThinRuntime) -> Mapping[str, int]:
    return tier_capacities(runtime.spec.tieredstore)


def _status_of(runtime: ThinRuntime) -> RuntimeStatus | None:
    return runtime.status


def _profile_of(runtime: ThinRuntime) -> Iterable[Key]:
    return [Key("", runtime.spec.profile_name)] if runtime.spec.profile_name else []


def _load(request: OperationRequest[ThinRuntime]) -> list[KubeObject]:
    """The workload of a DataLoad: it reads through the claim, so the runtime does not matter."""
    assert isinstance(request.operation, DataLoad), "registered for DataLoad"
    return load_objects(request.operation, request.dataset, request.settings)


def registration() -> EngineRegistration[ThinRuntime]:
    """The registration, with a memory of renderings of its own."""
    renderings = RenderedCache[ThinValues]()

    def build(
        snapshot: Snapshot[ThinRuntime], results: Results, plan: Plan, settings: Settings
    ) -> ThinEngine:
        return ThinEngine(snapshot, results, plan, settings, renderings)

    return EngineRegistration(
        kind=ThinRuntime,
        implementation=ENGINE,
        runtime_type=TYPE,
        finalizer=runtime_finalizer(TYPE),
        build=build,
        ports_needed=_ports_needed,
        live_ports=_live_ports,
        capacities=_capacities,
        status_of=_status_of,
        operations={"DataLoad": _load},
        references=[Reference(ThinRuntimeProfile, _profile_of)],
    )
