"""Start a control plane: one server after the other, each awaited until it serves."""

from pathlib import Path

from cluster.access import empty, give_access, locked
from cluster.api import Json
from cluster.build import build
from cluster.control_plane import ControlPlane, attach
from cluster.credentials import issue
from cluster.processes import Processes
from cluster.servers import Ports
from cluster.simulated import SimulatedServers
from cluster.waiting import DEFAULT_ACCOUNT, StartError, healthy, nodes_ready, wait

__all__ = ["NODES", "StartError", "start"]

NODES = ("node-0", "node-1", "node-2")


def start(directory: Path, *, tethered: bool = False) -> ControlPlane:
    """Build what is missing, start a control plane with three ready nodes, and wait until it serves.

    Args:
        directory: the control plane's files; several may run side by side, each with its own directory.
            Files of a dead one are removed.
        tethered: the servers end with the calling thread; for tests, which may be killed.

    Raises:
        BuildError: a program cannot be built here.
        StartError: a server did not come up.
    """
    directory = directory.absolute()
    programs = build()
    directory.mkdir(parents=True, exist_ok=True)
    with locked(directory):
        if running := attach(directory):
            return running
        processes = Processes(directory)
        processes.stop()
        empty(directory)
        servers = SimulatedServers(programs, directory, issue(directory / "pki"), Ports.choose())
        try:
            _start(servers, processes, tethered=tethered)
        except BaseException:
            processes.stop()
            raise
        (directory / "ready").touch()
    return ControlPlane(directory)


def _start(servers: SimulatedServers, processes: Processes, *, tethered: bool) -> None:
    directory, ports = servers.directory, servers.ports
    (directory / "answers").mkdir()
    api = give_access(servers)

    def spawn(name: str, command: list[str]) -> None:
        processes.spawn(name, command, tethered=tethered)

    spawn("etcd", servers.etcd())
    wait(processes, directory, "etcd to be healthy", lambda: healthy(f"http://127.0.0.1:{ports.etcd}/health"))
    spawn("kube-apiserver", servers.api_server())
    wait(processes, directory, "kube-apiserver to be ready", lambda: api.get("/readyz") == "ok")
    spawn("kube-controller-manager", servers.controller_manager())
    spawn("kube-scheduler", servers.scheduler())
    spawn("kwok", servers.kwok())
    spawn("answerer", servers.answerer())
    for name in NODES:
        api.create("/api/v1/nodes", _node(name))
    wait(processes, directory, "the nodes to be ready", lambda: nodes_ready(api))
    wait(processes, directory, "the default service account", lambda: bool(api.get(DEFAULT_ACCOUNT)))


def _node(name: str) -> dict[str, Json]:
    labels: dict[str, Json] = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
    }
    room: dict[str, Json] = {"cpu": "640", "memory": "2560Gi", "ephemeral-storage": "10Ti", "pods": "10000"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"capacity": room, "allocatable": room},
    }
