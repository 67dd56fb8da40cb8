"""Start a node: everything in one tree of processes with namespaces of its own."""

import os
import selectors
import socket
import sys
import time
from pathlib import Path

from cluster.access import empty, give_access, locked
from cluster.credentials import issue
from cluster.node import cgroups, images
from cluster.node.build import build
from cluster.node.machine import needs
from cluster.node.node import Node, end
from cluster.node.servers import NAMES, USERS, NodeServers
from cluster.node.settings import Settings
from cluster.processes import Processes
from cluster.servers import Ports
from cluster.waiting import StartError, tail

_START_SECONDS = 180
_CHECKOUT = Path(__file__).parent.parent.parent
_UNSHARE = ("unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child")


def start(directory: Path, *, tethered: bool = False, restart_period: str = "") -> Node:
    """Build what is missing, start a node, and wait until pods can run on it.

    Args:
        directory: the node's files; several nodes may run side by side, each with its own directory. Files
            of a dead node are removed.
        tethered: the node ends with the calling thread; for tests, which may be killed.
        restart_period: the kubelet's `crashLoopBackOff.maxContainerRestartPeriod`, from ``1s`` to ``300s``;
            empty for its default.

    Raises:
        BuildError: a program cannot be built or installed here.
        StartError: this machine lacks something, or a server did not come up.
    """
    if missing := needs():
        raise StartError(f"no node can run here: {'; '.join(missing)}")
    directory = directory.absolute()
    programs = build()
    initial = tuple(images.small(programs.pause))
    directory.mkdir(parents=True, exist_ok=True)
    with locked(directory):
        if running := attach(directory):
            return running
        end(directory)
        cgroups.sweep()
        empty(directory)
        ports = Ports.choose()
        # The API server listens on the same port inside, so one kubeconfig serves both.
        with socket.create_server(("127.0.0.1", ports.api), backlog=128) as listener:
            settings = Settings(directory, programs, ports, initial, restart_period)
            try:
                _start(settings, listener.fileno(), tethered=tethered)
            except BaseException:
                Processes(directory).stop()
                cgroups.remove(settings.cgroup)
                raise
        (directory / "ready").touch()
    return Node(directory)


def attach(directory: Path) -> Node | None:
    """Return the node that runs in a directory, None if there is none."""
    recorded = Processes(directory).recorded()
    running = (
        bool(recorded) and all(process.alive() for process in recorded) and (directory / "ready").exists()
    )
    return Node(directory) if running else None


def _start(settings: Settings, listener: int, *, tethered: bool) -> None:
    directory = settings.directory
    issue(directory / "pki", addresses=NAMES, users=USERS)
    give_access(NodeServers.of(settings))
    settings.save()
    cgroups.make(settings.cgroup)
    processes = Processes(directory)
    heard, told = os.pipe()
    try:
        inside = [sys.executable, "-m", "cluster.node.inside", str(directory), str(told), str(listener)]
        processes.spawn(
            "node",
            ["env", f"PYTHONPATH={_CHECKOUT}", *_UNSHARE, "--", *inside],
            tethered=tethered,
            inherited=[told, listener],
        )
    finally:
        os.close(told)
    try:
        _await(processes, directory, heard)
    finally:
        os.close(heard)


def _await(processes: Processes, directory: Path, heard: int) -> None:
    """Follow the messages of the first process until it is ready or has ended."""
    deadline = time.monotonic() + _START_SECONDS
    said = ""
    with selectors.DefaultSelector() as selector:
        selector.register(heard, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            part = os.read(heard, 4096).decode()
            said += part
            if said.startswith("pid ") and "\n" in said:
                first, _, said = said.partition("\n")
                processes.adopt("first", int(first.removeprefix("pid ")))
            if said == "ready":
                return
            if not part:
                why = said.removeprefix("error: ") or f"the node ended: {tail(directory / 'node.log')}"
                raise StartError(why)
    raise StartError(f"the node was not ready in {_START_SECONDS} s; see the logs in {directory / 'log'}")
