"""Start a control plane: one server after the other, each awaited by what it serves."""

import json
import shutil
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from cluster.api import ApiServer, Json
from cluster.build import build
from cluster.control_plane import ControlPlane, attach, locked
from cluster.credentials import issue, write_kubeconfig
from cluster.processes import Processes
from cluster.servers import Ports, Servers

NODES = ("node-0", "node-1", "node-2")
_START_SECONDS = 120  # a machine may be busy; a healthy start takes a few seconds


class StartError(Exception):
    """A control plane did not come up; the message names the server and the end of its log."""


def start(directory: Path, *, tethered: bool = False) -> ControlPlane:
    """Build what is missing, start a control plane with three ready nodes, and wait until it serves.

    Args:
        directory: its files; several may run side by side, each in its own. What a dead one
            left there is removed.
        tethered: the servers die with the thread that calls; for tests, which may be killed.

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
        _empty(directory)
        servers = Servers(programs, directory, issue(directory / "pki"), Ports.choose())
        try:
            _start(servers, processes, tethered=tethered)
        except BaseException:
            processes.stop()
            raise
        (directory / "ready").touch()
    return ControlPlane(directory)


def _start(servers: Servers, processes: Processes, *, tethered: bool) -> None:
    directory, ports = servers.directory, servers.ports
    (directory / "answers").mkdir()
    (directory / "bin").mkdir()
    (directory / "bin" / "kubectl").symlink_to(servers.programs.kubernetes / "kubectl")
    url, credentials = f"https://127.0.0.1:{ports.api}", servers.credentials
    token = credentials.token_file("admin").read_text()
    write_kubeconfig(
        servers.kubeconfig,
        server=url,
        authority=credentials.authority,
        user="admin",
        token=token,
        namespace="default",
    )

    def spawn(name: str, command: list[str]) -> None:
        processes.spawn(name, command, tethered=tethered)

    spawn("etcd", servers.etcd())
    _wait(
        processes, directory, "etcd to be healthy", lambda: _healthy(f"http://127.0.0.1:{ports.etcd}/health")
    )
    spawn("kube-apiserver", servers.api_server())
    api = ApiServer(url, credentials.authority, token)
    _wait(processes, directory, "kube-apiserver to be ready", lambda: api.get("/readyz") == "ok")
    spawn("kube-controller-manager", servers.controller_manager())
    spawn("kube-scheduler", servers.scheduler())
    spawn("kwok", servers.kwok())
    spawn("answerer", servers.answerer())
    for name in NODES:
        api.create("/api/v1/nodes", _node(name))
    _wait(processes, directory, "the nodes to be ready", lambda: _nodes_ready(api))
    _wait(processes, directory, "the default service account", lambda: bool(api.get(_DEFAULT_ACCOUNT)))


_DEFAULT_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/default"


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


def _nodes_ready(api: ApiServer) -> bool:
    nodes = json.loads(api.get("/api/v1/nodes"))["items"]
    return all(
        not node["spec"].get("taints")
        and any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))
        for node in nodes
    )


def _healthy(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=2) as response:
        return response.status == 200


def _wait(processes: Processes, directory: Path, what: str, ready: Callable[[], bool]) -> None:
    """Poll until `ready`, but no longer than all servers live: a server that ended says why in its log."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            if ready():
                return
        except (OSError, HTTPException):
            pass  # not listening yet, or not answering yet
        for process in processes.recorded():
            if not process.alive():
                raise StartError(f"{process.name} ended: {_tail(directory / f'{process.name}.log')}")
        if time.monotonic() > deadline:
            raise StartError(f"waited {_START_SECONDS} s for {what}; see the logs in {directory}")
        time.sleep(0.05)


def _tail(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-1500:] or "(it wrote no log)"


def _empty(directory: Path) -> None:
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
