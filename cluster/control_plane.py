"""Start a control plane in a directory, find a running one, and end it."""

import fcntl
import json
import os
import shutil
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from subprocess import CompletedProcess, run

import yaml

from cluster.answers import Answers, ExecCall, Fault
from cluster.api import ApiServer, Json
from cluster.audit import AuditEvent, read_audit
from cluster.build import build
from cluster.credentials import Credentials, issue, write_kubeconfig
from cluster.processes import Processes
from cluster.servers import Ports, Servers

NODES = ("node-0", "node-1", "node-2")
_START_SECONDS = 120  # a machine may be busy; a healthy start takes a few seconds


class StartError(Exception):
    """A control plane did not come up; the message names the server and the end of its log."""


class KubectlError(Exception):
    """A kubectl command failed."""


@dataclass
class ControlPlane:
    """A running control plane, its files in `directory`."""

    directory: Path
    answers: Answers = field(init=False)
    """Rules for `jindocache` and `jindo` in the pods, and the log of what was executed."""

    def __post_init__(self) -> None:
        self.answers = Answers(self.directory / "answers")

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.directory / "kubeconfig"

    @property
    def bin(self) -> Path:
        """Folder with a kubectl of the cluster's version."""
        return self.directory / "bin"

    @property
    def environment(self) -> dict[str, str]:
        """Environment for an administrator's commands: KUBECONFIG, and kubectl first on PATH."""
        return {
            **os.environ,
            "KUBECONFIG": str(self.kubeconfig),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl as administrator and return what it prints.

        Raises:
            KubectlError: it failed; the message is its own.
        """
        done = self.try_kubectl(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def try_kubectl(self, *arguments: str, stdin: str | None = None) -> CompletedProcess[str]:
        """Run kubectl as administrator; the caller looks at `returncode`, `stdout` and `stderr`."""
        command = [self.bin / "kubectl", *arguments]
        return run(command, input=stdin, env=self.environment, capture_output=True, text=True, check=False)

    def faults(self, *faults: Fault) -> None:
        """Replace all faults of executed commands; with no argument, there are none any more."""
        self.answers.faults(*faults)

    def exec_log(self, *, namespace: str | None = None) -> list[ExecCall]:
        """Return the commands that were executed in pods, oldest first."""
        return self.answers.log(namespace=namespace)

    def audit(self, since: datetime | None = None) -> list[AuditEvent]:
        """Return the requests that the API server received at or after `since`."""
        return list(read_audit(self.directory / "audit.log", since))

    def service_account_kubeconfig(self, namespace: str, name: str, path: Path) -> Path:
        """Write a kubeconfig with a token (24 hours) of a service account that exists; return its path."""
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 86400},
        }
        answer = self.api().create(f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", body)
        api = self.api()
        token: str = json.loads(answer)["status"]["token"]
        write_kubeconfig(
            path, server=api.url, authority=api.authority, user=name, token=token, namespace=namespace
        )
        return path

    def api(self) -> ApiServer:
        """Return the API server for plain requests as admin."""
        credentials = Credentials(self.directory / "pki")
        config = yaml.safe_load(self.kubeconfig.read_text())
        url: str = config["clusters"][0]["cluster"]["server"]
        return ApiServer(url, credentials.authority, credentials.token_file("admin").read_text())

    def stop(self) -> list[str]:
        """End the servers that were started here, and no others; remove the directory; return their names."""
        with _locked(self.directory):
            names = Processes(self.directory).stop()
            shutil.rmtree(self.directory)
        return names


def attach(directory: Path) -> ControlPlane | None:
    """Return the control plane that runs in a directory, None if there is none (or a part of it died)."""
    recorded = Processes(directory).recorded()
    running = (
        bool(recorded) and all(process.alive() for process in recorded) and (directory / "ready").exists()
    )
    return ControlPlane(directory) if running else None


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
    with _locked(directory):
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


@contextmanager
def _locked(directory: Path) -> Generator[None]:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
