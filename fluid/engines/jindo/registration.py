"""How the generic controllers reach the Jindo engine; announced as an entry point of this distribution."""

from fluid.engines import api
from fluid.engines.jindo.engine import JindoEngine
from fluid.engines.jindo.loader import LoadValues, load_objects
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.shape import PORTS
from fluid.engines.jindo.values import JindoValues
from fluid.models import JindoRuntime

DEMANDS = api.demands.Demands(
    {
        api.demands.HOST_NETWORK: "object.?spec.?networkmode.orValue('') != 'ContainerNetwork'",
        api.demands.PRIVILEGED: f"{api.demands.annotation(api.naming.RPC_PROTOCOL)} == 'rdma'",
    },
    (api.naming.RPC_PROTOCOL,),
)
"""Without a word about the network it is that of the node; RDMA needs privileges."""


def registration() -> api.EngineRegistration[JindoRuntime]:
    """The registration, with a memory of renderings of its own."""
    return api.registered(
        JindoEngine,
        JindoRuntime,
        "1.0",
        ports=PORTS,
        capacities=lambda runtime: api.tiers.tier_capacities(runtime.spec.tieredstore),
        operations={"DataLoad": load_objects},
        settings=JindoSettings,
        values={"jindofs": JindoValues, "fluid-dataloader": LoadValues},
        demands=DEMANDS,
    )
