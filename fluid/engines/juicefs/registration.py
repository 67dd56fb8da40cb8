"""How the generic controllers reach the JuiceFS engine; announced as an entry point of this distribution."""

from fluid.engines import api
from fluid.engines.juicefs.engine import JuiceFSEngine
from fluid.engines.juicefs.loader import LoadValues, load_objects
from fluid.engines.juicefs.migrate import MigrateValues, migrate_objects
from fluid.engines.juicefs.settings import JuiceFSSettings
from fluid.engines.juicefs.shape import PORTS
from fluid.engines.juicefs.values import JuiceFSValues
from fluid.models import JuiceFSRuntime

_ON_HOST = "object.?spec.?{0}.?networkMode.orValue('') != 'ContainerNetwork'"
DEMANDS = api.demands.Demands(
    {
        api.demands.HOST_NETWORK: f"{_ON_HOST.format('fuse')} || {_ON_HOST.format('worker')}",
        api.demands.PRIVILEGED: "object.?spec.?replicas.orValue(0) > 0",
    }
)
"""Without a word about the network it is that of the node; workers mount, which needs privileges."""


def registration() -> api.EngineRegistration[JuiceFSRuntime]:
    """The registration, with a memory of renderings of its own."""
    return api.registered(
        JuiceFSEngine,
        JuiceFSRuntime,
        "1.0",
        ports=PORTS,
        capacities=lambda runtime: api.tiers.tier_capacities(runtime.spec.tieredstore),
        operations={"DataLoad": load_objects, "DataMigrate": migrate_objects},
        settings=JuiceFSSettings,
        values={
            "juicefs": JuiceFSValues,
            "fluid-dataloader-juicefs": LoadValues,
            "fluid-datamigrate": MigrateValues,
        },
        demands=DEMANDS,
    )
