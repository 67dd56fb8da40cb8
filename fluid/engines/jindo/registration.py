"""How the generic controllers reach the Jindo engine; announced as an entry point of this distribution."""

from fluid.engines.interface import Answers, Engine, Exec, Observed, Plan
from fluid.engines.jindo.commands import Commands
from fluid.engines.jindo.engine import JindoEngine
from fluid.engines.jindo.live_ports import live_ports
from fluid.engines.jindo.rendered import RenderedCache
from fluid.engines.jindo.topology import master, ports_needed
from fluid.engines.jindo.values import base_name
from fluid.engines.registry import EngineRegistration
from fluid.engines.settings import Settings
from fluid.engines.template import TemplateEngine
from fluid.models import JindoRuntime, RuntimeStatus
from fluid.naming import runtime_finalizer

def _ready_question(runtime: JindoRuntime) -> Exec | None:
    if master(runtime).disabled:
        return None
    return Commands(runtime.namespace, f"{base_name(runtime.name)}-master").report()


def _status_of(runtime: JindoRuntime) -> RuntimeStatus | None:
    return runtime.status


def registration() -> EngineRegistration[JindoRuntime]:
    """The registration, with a memory of renderings of its own."""
    renderings = RenderedCache()

    def build(observed: Observed[JindoRuntime], answers: Answers, plan: Plan, settings: Settings) -> Engine:
        return TemplateEngine(JindoEngine(observed, answers, plan, settings, renderings))

    return EngineRegistration(
        kind=JindoRuntime,
        runtime_type="jindo",
        finalizer=runtime_finalizer("jindo"),
        build=build,
        ports_needed=ports_needed,
        live_ports=live_ports,
        ready_question=_ready_question,
        status_of=_status_of,
    )
