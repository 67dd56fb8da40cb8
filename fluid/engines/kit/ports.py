"""Host ports of an engine's pods: which a runtime needs, which it uses, and which its live objects record.

An engine declares its ports once, as a `PortTable`. On the container network each pod has an address of its
own and listens on the fixed ports. On the host network the ports belong to the node, and a runtime is given
some.

Who looks for the ports of live objects may be misled: anybody in the namespace can write such objects. So
what is read are the objects that the chart makes, by their names, and of these the ports of known purposes
that no privilege is needed for. The rest says nothing, and costs no more than its length.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Self

from fluid.charts import ChartValues
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R
from fluid.models import ConfigMap, DaemonSet, StatefulSet
from fluid.naming import ALLOCATED_PORTS
from fluid.types import Key, KubeObject
from fluid.types.untrusted import CONFIG_MAP, read_json

PORTS = range(1024, 65536)
"""What a host port can be."""


@dataclass(frozen=True)
class Port:
    """One port that pods of an engine listen on.

    Attributes:
        purpose: What it is called in `Snapshot.ports` and in records.
        fixed: The port on the container network.
        workload: Kind of the workload whose pods listen.
        component: End of the workload's name, such as ``master``.
        container: Name of the container.
        name: Name of the port in the container.
        key: Key of the configuration file that has it; empty for none.
    """

    purpose: str
    fixed: int
    workload: type[StatefulSet] | type[DaemonSet]
    component: str
    container: str
    name: str
    key: str = ""


@dataclass(frozen=True)
class PortTable(Generic[R]):
    """All ports of an engine, in the order of their allocation; R is the model of its runtimes.

    Attributes:
        ports: The ports.
        wanted: Purposes of the ports that a runtime has.
        on_host: Whether the pods of a runtime, or some of them, are on the host network.
        base: What the names of a runtime's objects begin with, by the name of the runtime.
        config: End of the name of the ConfigMap with the configuration file and a note of the ports.
        file: Key of the configuration file in it, which has lines `key = port`.
        apart: Whether the pods of one component are on the container network although `on_host` holds; by
            default none are.
    """

    ports: Sequence[Port]
    wanted: Callable[[R], Collection[str]]
    on_host: Callable[[R], bool]
    base: Callable[[str], str]
    config: str
    file: str
    apart: Callable[[R, str], bool] = lambda _, __: False

    def needed(self, runtime: R) -> tuple[str, ...]:
        """The host ports that a runtime needs, in allocation order; none on the container network."""
        if not self.on_host(runtime):
            return ()
        apart = {port.purpose for port in self.ports if self.apart(runtime, port.component)}
        return self._ordered([purpose for purpose in self.wanted(runtime) if purpose not in apart])

    def used(self, runtime: R, allocated: Mapping[str, int]) -> dict[str, int]:
        """The ports that pods listen on, by purpose: the fixed ones on the container network.

        Args:
            runtime: The runtime.
            allocated: Which host ports it was given.

        Raises:
            ValueError: A port that `needed` names has not been allocated.
        """
        names, of_host = self._ordered(self.wanted(runtime)), self.needed(runtime)
        found = {port.purpose: port.fixed for port in self.ports if port.purpose not in of_host}
        found |= {name: allocated[name] for name in of_host if name in allocated}
        if missing := [name for name in names if name not in found]:
            raise ValueError(f"{runtime.key} is rendered before {', '.join(missing)} have been allocated")
        return {name: found[name] for name in names}

    def live(self, runtime: Key, children: Sequence[KubeObject]) -> Mapping[str, int]:
        """Host ports that live objects record, by purpose.

        What workloads listen on counts over what the configuration says, and that over a note. On the
        container network the configuration says ports too, but they are no host ports.

        Args:
            runtime: The runtime.
            children: Live objects that it controls, by their owner references.
        """
        ours = [child for child in children if self._is_ours(runtime, child)]
        workloads = [child for child in ours if isinstance(child, StatefulSet | DaemonSet)]
        apart = {child.name for child in workloads if not _on_host(child)}
        if apart and len(apart) == len(workloads):
            return {}
        found: dict[str, int] = {}
        for child in ours:
            if isinstance(child, ConfigMap):
                found = {**self._noted(child), **self._configured(child), **found}
        found |= self.listened(workloads)
        base = self.base(runtime.name)
        fixed = {port.purpose for port in self.ports if f"{base}-{port.component}" in apart}
        return {one: port for one, port in found.items() if port in PORTS and one not in fixed}

    def listened(self, workloads: Sequence[StatefulSet | DaemonSet]) -> dict[str, int]:
        """Ports that containers of workloads listen on, by purpose, on whatever network."""
        return {purpose: port for one in workloads for purpose, port in self._listened(one).items()}

    def _ordered(self, purposes: Collection[str]) -> tuple[str, ...]:
        return tuple(port.purpose for port in self.ports if port.purpose in purposes)

    def _is_ours(self, runtime: Key, child: KubeObject) -> bool:
        """Whether an object has one of the names that the chart gives."""
        base = self.base(runtime.name)
        if child.namespace != runtime.namespace:
            return False
        if isinstance(child, ConfigMap):
            return child.name == f"{base}-{self.config}"
        return any(
            isinstance(child, port.workload) and child.name == f"{base}-{port.component}"
            for port in self.ports
        )

    def _noted(self, config: ConfigMap) -> dict[str, int]:
        """What an annotation says; if somebody has edited it, the configuration still has the ports."""
        noted = read_json((config.metadata.annotations or {}).get(ALLOCATED_PORTS) or "")
        if not isinstance(noted, dict):
            return {}
        found = {port.purpose: noted.get(port.purpose) for port in self.ports}
        return {
            purpose: number
            for purpose, number in found.items()
            if isinstance(number, int) and not isinstance(number, bool) and number in PORTS
        }

    def _configured(self, config: ConfigMap) -> dict[str, int]:
        text, having = (config.data or {}).get(self.file, ""), [port for port in self.ports if port.key]
        if not having or len(text) > CONFIG_MAP:
            return {}
        keys = "|".join(re.escape(port.key) for port in having)
        lines = re.findall(rf"^[ \t]*({keys})[ \t]*=[ \t]*([0-9]{{1,5}})[ \t\r]*$", text, re.MULTILINE)
        purposes = {port.key: port.purpose for port in having}
        found = {purposes[key]: int(number) for key, number in lines}
        return {} if found == {port.purpose: port.fixed for port in having} else found

    def _listened(self, workload: StatefulSet | DaemonSet) -> dict[str, int]:
        purposes = {(port.container, port.name): port.purpose for port in self.ports}
        pod = workload.spec.template.spec if workload.spec else None
        return {
            purpose: port.container_port
            for container in (pod.containers if pod else ())
            for port in container.ports or ()
            if (purpose := purposes.get((container.name, port.name or ""))) is not None
        }


def _on_host(workload: StatefulSet | DaemonSet) -> bool:
    pod = workload.spec.template.spec if workload.spec else None
    return bool(pod and pod.host_network)


class InitPortCheck(ChartValues):
    """An init container that reports whether ports of its node are free."""

    enabled: bool = False
    image: str = ""
    image_pull_policy: str = "IfNotPresent"
    ports_to_check: str = ""

    @classmethod
    def of(cls, settings: Settings, *ports: int | None) -> Self:
        """The check of some ports, where the administrator wants one."""
        if not settings.check_ports:
            return cls()
        checked = ":".join(str(port) for port in ports if port)
        return cls(enabled=True, image=str(settings.init_image), ports_to_check=checked)
