"""The objects of a JindoRuntime."""

from fluid.engines.core.render import chart_objects
from fluid.engines.jindo.values import JindoValues
from fluid.models import OwnerReference
from fluid.naming import Identity
from fluid.types import KubeObject

CHART = "jindocache"
ENGINE = "jindocache"
"""Name of the engine implementation in node labels and in the name of the values ConfigMap."""


def children(values: JindoValues, identity: Identity, owner: OwnerReference | None) -> list[KubeObject]:
    """All objects in the runtime's namespace; raises `InvalidSpec` as `chart_objects` does."""
    return chart_objects(CHART, ENGINE, values, identity, owner, "JindoRuntime")
