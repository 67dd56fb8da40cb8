"""Host ports of an engine's pods: which a runtime needs, which it uses, and which its live objects record.

An engine declares its ports once, as a `PortTable`. On the container network each pod has an address of its
own and listens on the fixed ports. On the host network the ports belong to the node, and a runtime is given
some.

Who looks for the ports of live objects may be misled: anybody in the namespace can write such objects. So
what is read are the objects that the chart makes, by their names, and of these the ports of known purposes
that no privilege is needed for. The rest says nothing, and costs no more than its length.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

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
class PortTable:
    """All ports of an engine, in the order of their allocation.

    Attributes:
        ports: The ports.
        config: End of the name of the ConfigMap with the configuration file and a note of the ports.
        file: Key of the configuration file in it, which has lines `key = port`.
    """

    ports: Sequence[Port]
    config: str
    file: str

    def needed(self, purposes: Collection[str]) -> tuple[str, ...]:
        """Some purposes in the order of their allocation."""
        return tuple(port.purpose for port in self.ports if port.purpose in purposes)

    def used(
        self, purposes: Collection[str], allocated: Mapping[str, int], *, host_network: bool
    ) -> dict[str, int]:
        """The ports that pods listen on, by purpose.

        Args:
            purposes: Which ports the runtime has.
            allocated: What it was given.
            host_network: Whether its pods are on the host network; else their ports are the fixed ones.

        Raises:
            ValueError: A port has not been allocated.
        """
        found = allocated if host_network else {port.purpose: port.fixed for port in self.ports}
        if missing := [purpose for purpose in self.needed(purposes) if purpose not in found]:
            raise ValueError(f"it is rendered before {', '.join(missing)} have been allocated")
        return {purpose: found[purpose] for purpose in self.needed(purposes)}

    def live(self, runtime: Key, base: str, children: Sequence[KubeObject]) -> Mapping[str, int]:
        """Host ports that live objects record, by purpose.

        What workloads listen on counts over what the configuration says, and that over a note. On the
        container network the configuration says ports too, but they are no host ports.

        Args:
            runtime: The runtime.
            base: What all names of its objects begin with.
            children: Live objects that it controls, by their owner references.
        """
        ours = [child for child in children if self._is_ours(runtime, base, child)]
        if any(isinstance(child, StatefulSet | DaemonSet) and not _on_host(child) for child in ours):
            return {}
        found: dict[str, int] = {}
        for child in ours:
            if isinstance(child, ConfigMap):
                found = {**self._noted(child), **self._configured(child), **found}
        for child in ours:
            if isinstance(child, StatefulSet | DaemonSet):
                found |= self._listened(child)
        return {purpose: port for purpose, port in found.items() if port in PORTS}

    def _is_ours(self, runtime: Key, base: str, child: KubeObject) -> bool:
        """Whether an object has one of the names that the chart gives."""
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
