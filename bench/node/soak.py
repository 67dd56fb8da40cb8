"""Creates and deletes pods, several at a time, while the node plugin is killed; then checks for leftovers."""

import random
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Lock

import yaml

from bench.figures import Figure, percentile
from bench.node.lab import FILE, Lab, NotReachedError, pod_manifest
from bench.node.processes import PluginKiller, plugin
from cluster import KubectlError
from cluster.node import images

_AT_ONCE = 6
_LONGEST_LIFE = 15.0
"""Seconds that the plugin serves before it is killed, at most."""
_HASTY = 0.25
"""Share of the pods that are deleted at a random moment, whether they are ready or not."""
_LONGEST_HASTE = 3.0
_READY_SECONDS, _GONE_SECONDS = 300.0, 150.0
"""The kubelet tries a mount again after two minutes, if it failed often enough."""
_SETTLED_SECONDS = 30.0
_CONTAINER = re.compile("[0-9a-f]{64}")
_COMMAND = ["sh", "-c", f"head -c 65536 {FILE} | cksum && exec sleep 3600"]


@dataclass
class Soak:
    """Cycles of one pod each.

    Attributes:
        lab: where; its Dataset is Bound.
        cycles: how many.
        stuck: what was wrong with a pod, one sentence each.
        ready: seconds from creation to ready.
        gone: seconds from deletion to gone.
    """

    lab: Lab
    cycles: int
    stuck: list[str] = field(default_factory=list[str])
    ready: list[float] = field(default_factory=list[float])
    gone: list[float] = field(default_factory=list[float])
    _done: int = 0
    _lock: Lock = field(default_factory=Lock)

    def run(self, seed: int) -> None:
        """All cycles, several at a time."""
        dice = random.Random(seed)
        hasty = [
            dice.uniform(0, _LONGEST_HASTE) if dice.random() < _HASTY else None for _ in range(self.cycles)
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self._cycle, range(self.cycles), hasty))

    def _cycle(self, number: int, haste: float | None) -> None:
        name = f"pod-{number:03}"
        for part in (partial(self._live, name, haste), partial(self._die, name)):
            try:
                part()
            except (KubectlError, NotReachedError) as error:
                self.stuck.append(f"{name}: {error}; {self._said_of(name)}")
        with self._lock:
            self._done += 1
            if self._done % 20 == 0:
                self.lab.say(f"  {self._done} of {self.cycles} pods have come and gone")

    def _live(self, name: str, haste: float | None) -> None:
        manifest = yaml.safe_dump(pod_manifest(name, _COMMAND, image=images.TOOLS))
        began = time.monotonic()
        self.lab.kubectl("create", "--filename", "-", stdin=manifest)
        if haste is not None:
            time.sleep(haste)
            return
        self._wait(name, "condition=Ready", _READY_SECONDS)
        self.ready.append(time.monotonic() - began)
        self.lab.until(f"{name} has read its file", lambda: bool(self.lab.logs(name)), 30)

    def _die(self, name: str) -> None:
        began = time.monotonic()
        self.lab.kubectl("delete", "pod", name, "--wait=false")
        self._wait(name, "delete", _GONE_SECONDS)
        self.gone.append(time.monotonic() - began)

    def _said_of(self, name: str) -> str:
        """The last warning about a pod."""
        chosen = f"--field-selector=involvedObject.name={name},type=Warning"
        said = self.lab.kubectl("get", "events", chosen, "--output=jsonpath={.items[-1:].message}")
        return said.strip() or "no event warns of it"

    def _wait(self, name: str, condition: str, seconds: float) -> None:
        self.lab.kubectl("wait", "pod", name, f"--for={condition}", f"--timeout={seconds:.0f}s")


def measure(lab: Lab, cycles: int, seed: int) -> None:
    """Let pods come and go, then compare the mounts of the node with those before.

    Raises:
        NotReachedError: the Dataset or its mounts did not go in the end.
    """
    bare = _mounts(lab)
    lab.bring_dataset()
    warm_up = Soak(lab, 1)
    warm_up.run(0)
    before, began = _mounts(lab), time.monotonic()
    soak, killer = Soak(lab, cycles), PluginKiller(lab.node, seed, _LONGEST_LIFE)
    with killer.at_work():
        soak.run(seed)
    seconds = time.monotonic() - began
    lab.until("the node plugin runs", lambda: plugin(lab.node) is not None, _SETTLED_SECONDS)
    leaked = _settled(lab, before)
    lab.kubectl("delete", "dataset", "--all", "--timeout=60s")
    leaked += _settled(lab, bare)
    group = (
        f"{cycles} pods come and go on one Dataset, the node plugin killed {killer.kills} times (seed {seed})"
    )
    problems = [*warm_up.stuck, *soak.stuck]
    lab.figures += [
        Figure(group, "mounts left over", len(leaked), aim=0, note="; ".join(leaked)[:200]),
        Figure(group, "stuck pods", len(problems), aim=0, note="; ".join(problems)[:1000]),
        Figure(group, "all in all", seconds, "s", note=f"{_AT_ONCE} pods at a time"),
        *_times(group, "created to ready", soak.ready),
        *_times(group, "deleted to gone", soak.gone),
    ]


def _times(group: str, what: str, seconds: list[float]) -> list[Figure]:
    """Nothing of what no pod came to: all may have been stuck, or deleted early."""
    if not seconds:
        return []
    worst = Figure(group, f"{what}, worst", max(seconds), "s")
    return [Figure(group, f"{what}, p50", percentile(seconds, 50), "s"), worst]


def _mounts(lab: Lab) -> Counter[str]:
    """The mounts of the node, without what differs from one container of a pod to the next."""
    return Counter(
        f"{_CONTAINER.sub('*', mount.point)} {mount.type} {','.join(sorted(mount.options))}"
        for mount in lab.mounts().mounts
    )


def _settled(lab: Lab, expected: Counter[str]) -> list[str]:
    """Unexpected mounts, once there are none or once the wait for their removal has timed out."""

    def settled() -> bool:
        return _mounts(lab) <= expected

    try:
        lab.until("the mounts are as before", settled, _SETTLED_SECONDS)
    except NotReachedError:
        return [*(_mounts(lab) - expected).elements()]
    return []
