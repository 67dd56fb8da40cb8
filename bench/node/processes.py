"""The processes of a node, and signals that end them."""

import json
import random
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from bench.node.lab import Lab
from cluster.node import Node
from fluid.csi.options import Options

_LIST = """
import glob, json
found = []
for name in glob.glob("/proc/[0-9]*"):
    try:
        command = open(name + "/cmdline").read().split("\\0")[:-1]
        parent = int(open(name + "/stat").read().rpartition(")")[2].split()[1])
    except OSError:
        continue
    found.append([int(name[6:]), parent, command])
print(json.dumps(found))
"""
_CONNECT = f"""
import socket
socket.socket(socket.AF_UNIX).connect({str(Options("").registration_socket)!r})
"""
_EARLY, _START = 0.25, 1.5
"""Share of the kills that come while the plugin starts, and within how many seconds."""


@dataclass(frozen=True)
class Process:
    """A process, as the node numbers it."""

    pid: int
    parent: int
    command: list[str]


def processes(node: Node) -> list[Process]:
    """All of them."""
    found: list[tuple[int, int, list[str]]] = json.loads(node.exec("python3", "-c", _LIST).stdout)
    return [Process(*one) for one in found]


def client(lab: Lab) -> Process | None:
    """The FUSE client of the Dataset; its parent is the first process of its container."""
    mounting = ("rclone", "mount")
    return next(
        (
            one
            for one in processes(lab.node)
            if tuple(one.command[:2]) == mounting and lab.fuse_path in one.command
        ),
        None,
    )


def plugin(node: Node) -> Process | None:
    """The node plugin: the process that serves, not the parent that starts it again."""
    found = {one.pid: one for one in processes(node) if one.command[2:3] == ["csi"]}
    return next((one for one in found.values() if one.parent in found), None)


def serves(node: Node) -> bool:
    """Whether the node plugin can be called."""
    return node.exec("python3", "-c", _CONNECT).returncode == 0


def send(node: Node, pid: int, number: signal.Signals) -> bool:
    """Send a signal; False if there is no such process any more."""
    return node.exec("kill", f"-{number.name.removeprefix('SIG')}", str(pid)).returncode == 0


@dataclass
class PluginKiller:
    """Kills the node plugin at random moments of its service, and at some of its start.

    Attributes:
        node: where.
        seed: of the moments.
        longest: seconds that it serves, at most.
        kills: how many there were.
    """

    node: Node
    seed: int
    longest: float
    kills: int = 0
    _over: Event = field(default_factory=Event)

    @contextmanager
    def at_work(self) -> Generator[Callable[[], int]]:
        """Kill while the block lasts."""
        thread = Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield lambda: self.kills
        finally:
            self._over.set()
            thread.join()

    def _run(self) -> None:
        dice = random.Random(self.seed)
        while not self._over.is_set():
            if dice.random() < _EARLY:
                pause = dice.uniform(0, _START)
            else:
                pause = dice.uniform(0, self.longest)
                while not serves(self.node) and not self._over.wait(0.5):
                    pass
            if self._over.wait(pause):
                return
            victim = plugin(self.node)
            if victim is not None and send(self.node, victim.pid, signal.SIGKILL):
                self.kills += 1
