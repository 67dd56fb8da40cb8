"""How the generic controllers reach the Jindo engine; announced as an entry point of this distribution."""

from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.render import RenderedCache
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.core.versions import INTERFACE
from fluid.engines.jindo.engine import JindoEngine
from fluid.engines.jindo.loader import LoadValues, load_objects
from fluid.engines.jindo.settings import JindoSettings
from fluid.engines.jindo.shape import PORTS, capacities
from fluid.engines.jindo.values import JindoValues
from fluid.engines.kit.images import chosen_image
from fluid.models import DataLoad, JindoRuntime
from fluid.types import KubeObject


def _load(request: OperationRequest[JindoRuntime]) -> list[KubeObject]:
    """The workload of a DataLoad; its image is that of the masters and workers."""
    assert isinstance(request.operation, DataLoad), "registered for DataLoad"
    image = chosen_image(
        request.runtime.spec.jindo_version, request.settings.of(JindoSettings).smartdata_image
    )
    return load_objects(request.operation, request.dataset, request.runtime, str(image), request.settings)


def registration() -> EngineRegistration[JindoRuntime]:
    """The registration, with a memory of renderings of its own."""
    renderings = RenderedCache[JindoValues]()

    def build(
        snapshot: Snapshot[JindoRuntime], results: Results, plan: Plan, settings: Settings
    ) -> JindoEngine:
        return JindoEngine(snapshot, results, plan, settings, renderings)

    return EngineRegistration(
        kind=JindoRuntime,
        implementation=JindoEngine.implementation,
        runtime_type="jindo",
        interface=INTERFACE,
        build=build,
        ports_needed=PORTS.needed,
        live_ports=PORTS.live,
        capacities=capacities,
        operations={"DataLoad": _load},
        settings=JindoSettings,
        values={"jindofs": JindoValues, "fluid-dataloader": LoadValues},
    )
