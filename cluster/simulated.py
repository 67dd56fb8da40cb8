"""The command lines of the programs that simulate nodes: KWOK, and the answerer for `exec`."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from cluster.build import Programs
from cluster.servers import Servers

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class SimulatedServers(Servers):
    """A control plane with simulated nodes."""

    programs: Programs

    def kwok(self) -> list[str]:
        """The simulated kubelets; their nodes name the answerer's port as the kubelet's."""
        return [
            f"{self.programs.kwok}/kwok",
            f"--kubeconfig={self.kubeconfig}",
            "--manage-all-nodes=true",
            "--node-ip=127.0.0.1",
            f"--node-port={self.ports.kubelet}",
            f"--server-address=127.0.0.1:{self.ports.kwok}",
            "--cidr=10.64.0.0/16",
            f"--config={self._kwok_config()}",
        ]

    def _kwok_config(self) -> Path:
        options = {
            "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
            "kind": "KwokConfiguration",
            "options": {
                "nodeLeaseDurationSeconds": 40,
                "nodeLeaseParallelism": 4,
                "nodePlayStageParallelism": 4,
                "podPlayStageParallelism": 32,
            },
        }
        stages = [
            (self.programs.kwok / "stages" / name).read_text()
            for name in ("node-initialize.yaml", "pod-delete.yaml")
        ]
        stages += [(_HERE / "stages" / name).read_text() for name in ("job.yaml", "pod-waiting.yaml")]
        target = self.directory / "kwok.yaml"
        target.write_text("\n---\n".join([yaml.safe_dump(options), *stages, self._pod_ready()]))
        return target

    def _pod_ready(self) -> str:
        """The module's stage, but not for pods that are told to wait."""
        stage = yaml.safe_load((self.programs.kwok / "stages" / "pod-ready.yaml").read_text())
        told = '.metadata.annotations["fluid.test/pod"]'
        stage["spec"]["selector"]["matchExpressions"].append(
            {"key": told, "operator": "NotIn", "values": ["pending"]}
        )
        # Nodes are on loopback, which Endpoints refuse: pods on the host network would set the endpoint
        # controllers off on endless retries, so every pod gets an address of its own.
        template = stage["spec"]["next"]["statusTemplate"]
        stage["spec"]["next"]["statusTemplate"] = template.replace("( or .spec.hostNetwork false )", "false")
        return yaml.safe_dump(stage, sort_keys=False)

    def answerer(self) -> list[str]:
        """The kubelets' exec endpoint."""
        return [
            f"{self.programs.answerer}/answerer",
            f"--listen=127.0.0.1:{self.ports.kubelet}",
            f"--cert={self.credentials.certificate}",
            f"--key={self.credentials.key}",
            f"--state={self.directory}/answers",
            f"--server=https://127.0.0.1:{self.ports.api}",
            f"--ca={self.credentials.authority}",
            f"--token-file={self.credentials.token_file('answerer')}",
        ]
