"""The command lines of the servers that every cluster has."""

import random
import socket
from dataclasses import dataclass
from pathlib import Path

import yaml

from cluster.build import CorePrograms
from cluster.credentials import Credentials


@dataclass(frozen=True)
class Ports:
    """Ports on 127.0.0.1, all free when they were chosen."""

    etcd: int
    etcd_peer: int
    api: int
    controllers: int
    scheduler: int
    kwok: int
    kubelet: int

    @staticmethod
    def choose() -> "Ports":
        """Pick free ports below the ephemeral range, so that no outgoing connection takes one meanwhile."""
        chosen: list[int] = []
        for candidate in random.SystemRandom().sample(range(20000, 32000), 500):
            if free(candidate):
                chosen.append(candidate)
            if len(chosen) == 7:
                return Ports(*chosen)
        raise OSError("no seven free ports between 20000 and 32000 on 127.0.0.1")


def free(port: int) -> bool:
    """Whether the port is free on 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ignore closed connections
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass(frozen=True)
class Servers:
    """What to run, in `directory`; every method returns one command line."""

    programs: CorePrograms
    directory: Path
    credentials: Credentials
    ports: Ports

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.directory / "kubeconfig"

    @property
    def url(self) -> str:
        """Where this machine reaches the API server."""
        return f"https://127.0.0.1:{self.ports.api}"

    def etcd(self) -> list[str]:
        """The store: no fsync, for it never outlives the cluster."""
        client, peer = (f"http://127.0.0.1:{port}" for port in (self.ports.etcd, self.ports.etcd_peer))
        return [
            f"{self.programs.etcd}/etcd",
            f"--data-dir={self.directory}/etcd",
            "--unsafe-no-fsync",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--log-level=warn",
        ]

    def api_server(self) -> list[str]:
        """RBAC, static tokens, and an audit line for each request."""
        policy = {
            "apiVersion": "audit.k8s.io/v1",
            "kind": "Policy",
            "omitStages": ["RequestReceived"],
            "rules": [{"level": "Metadata"}],
        }
        (self.directory / "audit-policy.yaml").write_text(yaml.safe_dump(policy))
        key = self.credentials.service_account_key
        return [
            f"{self.programs.kubernetes}/kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self.ports.etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.ports.api}",
            f"--tls-cert-file={self.credentials.certificate}",
            f"--tls-private-key-file={self.credentials.key}",
            f"--token-auth-file={self.credentials.tokens}",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--max-requests-inflight=2000",
            "--max-mutating-requests-inflight=1000",
            "--kubelet-preferred-address-types=InternalIP",
            f"--audit-policy-file={self.directory}/audit-policy.yaml",
            f"--audit-log-path={self.directory}/audit.log",
            "--audit-log-mode=batch",
            "--audit-log-maxsize=10240",  # MiB: it is counted, so it must not rotate away
            "--profiling=false",
        ]

    def controller_manager(self) -> list[str]:
        """All controllers that fit simulated nodes, unthrottled: tests measure the operator, not them."""
        workers = [
            f"--concurrent-{kind}-syncs=20"
            for kind in (
                "statefulset",
                "daemonset",
                "deployment",
                "replicaset",
                "job",
                "cron-job",
                "service-endpoint",
                "endpoint",
                "gc",
                "namespace",
            )
        ]
        return [
            f"{self.programs.kubernetes}/kube-controller-manager",
            f"--kubeconfig={self.kubeconfig}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.ports.controllers}",
            "--leader-elect=false",
            f"--service-account-private-key-file={self.credentials.service_account_key}",
            f"--root-ca-file={self.credentials.authority}",
            "--use-service-account-credentials=false",
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
            "--node-monitor-grace-period=5m",  # a busy machine must not make its nodes look dead
            "--controllers=*,-node-ipam-controller,-cloud-node-lifecycle-controller",
            *workers,
        ]

    def scheduler(self) -> list[str]:
        """The default scheduler, unthrottled."""
        config = {
            "apiVersion": "kubescheduler.config.k8s.io/v1",
            "kind": "KubeSchedulerConfiguration",
            "leaderElection": {"leaderElect": False},
            "clientConnection": {"kubeconfig": str(self.kubeconfig), "qps": 500, "burst": 1000},
        }
        (self.directory / "scheduler.yaml").write_text(yaml.safe_dump(config))
        return [
            f"{self.programs.kubernetes}/kube-scheduler",
            f"--config={self.directory}/scheduler.yaml",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.ports.scheduler}",
        ]
