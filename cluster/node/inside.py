"""`python -m cluster.node.inside DIRECTORY REPORT LISTENER`: the first process of a node's namespaces.

It creates the node's file system and network, starts the servers, and reports the result through the
inherited pipe REPORT: `pid N` (its number outside), then `ready` or `error: …`. Then it reaps orphaned
processes. When it ends, everything in its namespaces ends.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

from cluster.api import ApiServer
from cluster.node import network, root
from cluster.node.servers import NodeServers
from cluster.node.settings import Settings
from cluster.processes import Processes
from cluster.waiting import DEFAULT_ACCOUNT, StartError, healthy, nodes_ready, wait

_SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class _Start:
    """One start of a node's servers."""

    def __init__(self, settings: Settings, listener: int) -> None:
        self._settings = settings
        self._servers = NodeServers.of(settings)
        self._listener = listener
        self._began = time.monotonic()
        settings.logs.mkdir()
        self._processes = Processes(settings.logs)
        self._failures: list[str] = []

    def run(self) -> None:
        """Start everything in order of dependency, and wait until pods can run."""
        servers, ports = self._servers, self._settings.ports
        api = ApiServer(
            servers.url,
            servers.credentials.authority,
            servers.credentials.token_file("admin").read_text(),
        )
        self._spawn("etcd", servers.etcd())
        self._spawn("containerd", servers.containerd())
        importing = Thread(target=self._load_images, daemon=True)
        importing.start()  # while the API server, which takes longest, comes up
        self._wait("etcd to be healthy", lambda: healthy(f"http://127.0.0.1:{ports.etcd}/health"))
        self._spawn("kube-apiserver", servers.api_server())
        self._wait("kube-apiserver to be ready", lambda: api.get("/readyz") == "ok")
        self._spawn("kube-controller-manager", servers.controller_manager())
        self._spawn("kube-scheduler", servers.scheduler())
        self._spawn("kubelet", servers.kubelet(self._settings.cgroup))
        self._spawn("coredns", servers.coredns())
        self._spawn("kube-proxy", servers.kube_proxy())
        relay = [sys.executable, "-m", "cluster.node.relay", str(self._listener), str(ports.api)]
        self._spawn("relay", relay, inherited=[self._listener])
        importing.join()
        if self._failures:
            raise StartError(self._failures[0])
        self._wait("the node to be ready", lambda: nodes_ready(api))
        self._wait("the default service account", lambda: bool(api.get(DEFAULT_ACCOUNT)))

    def _spawn(self, name: str, command: Sequence[str], *, inherited: Sequence[int] = ()) -> None:
        self._say(f"{name} starts")
        self._processes.spawn(name, command, tethered=False, inherited=inherited)

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        wait(self._processes, self._settings.logs, what, ready)
        self._say(f"waited for {what}")

    def _load_images(self) -> None:
        """Import images, with retries: containerd's socket exists before containerd serves."""
        deadline = time.monotonic() + 60
        for image in self._settings.images:
            command = self._servers.load_image(image)
            while (done := subprocess.run(command, capture_output=True, text=True, check=False)).returncode:
                if time.monotonic() > deadline:
                    self._failures.append(f"importing {image} failed: {done.stderr.strip()[-500:]}")
                    return
                time.sleep(0.1)
        self._say("images imported")

    def _say(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.2f} s  {line}", flush=True)


def main() -> int:
    """Start the node, report, and reap."""
    directory, report, listener = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    os.write(report, f"pid {Path('/proc/self').readlink()}\n".encode())  # /proc is still the machine's
    settings = Settings.load(directory)
    os.environ["PATH"] = f"{settings.programs.containerd}:{_SEARCHED}"
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # nothing in here is reached through a proxy
    try:
        root.enter(directory)
        network.prepare()
        _Start(settings, listener).run()
    except (StartError, OSError) as error:
        os.write(report, f"error: {error}".encode())
        return 1
    os.write(report, b"ready")
    os.close(report)
    _reap()  # the listener stays open here too: its port says that the node lives
    return 0


def _reap() -> None:
    while True:
        pid, status = os.wait()
        print(f"process {pid} ended with {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
