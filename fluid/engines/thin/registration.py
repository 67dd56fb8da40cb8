"""How the generic controllers reach the thin engine; announced as an entry point of this distribution."""

from collections.abc import Iterable, Mapping

from fluid.engines.api import EngineRegistration, Reference, load_by_reading, registered, tier_capacities
from fluid.engines.core.versions import INTERFACE
from fluid.engines.operations.reading import LoadValues
from fluid.engines.thin.engine import ThinEngine
from fluid.engines.thin.settings import ThinSettings
from fluid.engines.thin.values import ThinValues
from fluid.models import ThinRuntime, ThinRuntimeProfile
from fluid.types import Key


def _capacities(runtime: ThinRuntime) -> Mapping[str, int]:
    return tier_capacities(runtime.spec.tieredstore)


def _profile_of(runtime: ThinRuntime) -> Iterable[Key]:
    return [Key("", runtime.spec.profile_name)] if runtime.spec.profile_name else []


def registration() -> EngineRegistration[ThinRuntime]:
    """The registration: no host ports, as which ports a client listens on is said by its author."""
    return registered(
        ThinEngine,
        ThinRuntime,
        interface=INTERFACE,
        capacities=_capacities,
        operations={"DataLoad": load_by_reading},
        references=[Reference(ThinRuntimeProfile, _profile_of)],
        settings=ThinSettings,
        values={"thin": ThinValues, "fluid-dataloader-thin": LoadValues},
    )
