"""How the generic controllers reach the Alluxio engine; announced as an entry point of this distribution."""

from fluid.engines import api
from fluid.engines.alluxio.backup import BackupValues, backup_objects
from fluid.engines.alluxio.engine import AlluxioEngine
from fluid.engines.alluxio.loader import LoadValues, load_objects
from fluid.engines.alluxio.settings import AlluxioSettings
from fluid.engines.alluxio.shape import PORTS
from fluid.engines.alluxio.values import CHART, AlluxioValues
from fluid.models import AlluxioRuntime

_NETWORKS = "[?object.?spec.?master, ?object.?spec.?worker, ?object.?spec.?fuse]"
DEMANDS = api.demands.Demands(
    {
        api.demands.HOST_NETWORK: (
            f"size({_NETWORKS}) < 3"
            f" || {_NETWORKS}.exists(one, one.?networkMode.orValue('') != 'ContainerNetwork')"
        )
    }
)
"""Without a word about the network it is that of the node."""


def registration() -> api.EngineRegistration[AlluxioRuntime]:
    """The registration, with a memory of renderings of its own."""
    return api.registered(
        AlluxioEngine,
        AlluxioRuntime,
        "1.0",
        ports=PORTS,
        capacities=lambda runtime: api.tiers.tier_capacities(runtime.spec.tieredstore),
        operations={"DataBackup": backup_objects, "DataLoad": load_objects},
        settings=AlluxioSettings,
        values={
            CHART: AlluxioValues,
            "fluid-dataloader-alluxio": LoadValues,
            "fluid-databackup": BackupValues,
        },
        demands=DEMANDS,
    )
