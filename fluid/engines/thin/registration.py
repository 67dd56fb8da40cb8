"""How the generic controllers reach the thin engine; announced as an entry point of this distribution."""

from collections.abc import Iterable

from fluid.engines import api
from fluid.engines.thin.engine import ThinEngine
from fluid.engines.thin.transform import ThinSettings
from fluid.engines.thin.values import ThinValues
from fluid.models import ThinRuntime, ThinRuntimeProfile
from fluid.types import Key

_ON_HOST = (
    "(object.?spec.?{0}.?networkMode.orValue('') == 'HostNetwork'"
    " || object.?spec.?{0}.?networkMode.orValue('') == ''"
    " && object.?spec.?profileName.orValue('') == '')"
)
"""Whether a component is on its node's network; where a profile is named, that may say another one."""
DEMANDS = api.demands.Demands(
    {
        api.demands.HOST_NETWORK: f"{_ON_HOST.format('fuse')} || object.?spec.?worker.?enabled.orValue(false)"
        f" && {_ON_HOST.format('worker')}"
    }
)


def _profile_of(runtime: ThinRuntime) -> Iterable[Key]:
    return [Key("", runtime.spec.profile_name)] if runtime.spec.profile_name else []


def registration() -> api.EngineRegistration[ThinRuntime]:
    """The registration: no host ports, as which ports a client listens on is said by its author."""
    return api.registered(
        ThinEngine,
        ThinRuntime,
        "1.0",
        capacities=lambda runtime: api.tiers.tier_capacities(runtime.spec.tieredstore),
        operations={"DataLoad": api.load_by_reading},
        references=[api.Reference(ThinRuntimeProfile, _profile_of)],
        carries_references=lambda runtime: not runtime.spec.profile_name,
        settings=ThinSettings,
        values={"thin": ThinValues, "fluid-dataloader-thin": api.reading.LoadValues},
        demands=DEMANDS,
    )
