"""The FUSE client killed under a pod that reads; its whole container; the node plugin in between."""

import json
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bench.figures import Figure, percentile
from bench.node.gaps import Gap, gaps
from bench.node.lab import DATASET, FILE, Lab, NotReachedError
from bench.node.processes import Process, client, plugin, send

_SUCCEEDED = re.compile(r'^fluid_csi_fuse_recoveries_total\{result="succeed"\} (\S+)$', re.MULTILINE)
SUCCEED, FAILED = "FuseRecoverSucceed", "FuseRecoverFailed"
READER = Path(__file__).parent / "reader.py"
_LONGEST_PAUSE = 2.0
"""Seconds between the end of a gap and the next kill, at most."""
_AROUND = (-0.5, 2.0)
"""Seconds after a kill of the client, between which the plugin is killed too."""
_CLIENT_SECONDS, _CONTAINER_SECONDS = 90.0, 420.0
_SETTLED_SECONDS = 60.0
_TOLD_SECONDS = 90.0
"""Repeats of an event are counted a minute later at the latest."""
_DEEPEST = 2
"""Mounts that may be stacked while one replaces the other."""


class Kills:
    """A pod `reader` that reads while the Dataset's FUSE processes are killed.

    Args:
        lab: where; its Dataset is Bound.
        name: of the reader.
    """

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.deepest = self.plugin_kills = 0
        self.recovered_before = recoveries(lab)
        lab.run_program(name, READER, FILE)
        lab.until("the pod reads", lambda: bool(lab.logs(name)), 30)

    def gaps(self) -> list[Gap]:
        """All that are over."""
        return gaps(self.lab.logs(self.name))

    def kill(
        self, victim: Callable[[Process], int], seconds: float, plugin_after: float | None = None
    ) -> Gap:
        """Kill the client or its parent, and wait for the end of the gap.

        Args:
            victim: which of them.
            seconds: to wait.
            plugin_after: kill the node plugin too, so many seconds afterwards (or before).

        Raises:
            NotReachedError: the pod did not read again.
        """
        before = len(self.gaps())
        if plugin_after is not None and plugin_after < 0:
            self._kill_plugin()
            time.sleep(-plugin_after)
        self.lab.until("the FUSE client runs", lambda: self._kill(victim), 60)
        if plugin_after is not None and plugin_after >= 0:
            time.sleep(plugin_after)
            self._kill_plugin()
        self.lab.until("the pod reads again", lambda: len(self.gaps()) > before, seconds)
        table = self.lab.mounts()
        places = [self.lab.fuse_path, *self.lab.targets(table)]
        self.deepest = max(self.deepest, *(len(table.stack(place)) for place in places))
        return self.gaps()[before]

    def _kill(self, victim: Callable[[Process], int]) -> bool:
        found = client(self.lab)
        return found is not None and send(self.lab.node, victim(found), signal.SIGKILL)

    def _kill_plugin(self) -> None:
        found = plugin(self.lab.node)
        if found is not None and send(self.lab.node, found.pid, signal.SIGKILL):
            self.plugin_kills += 1

    def settled(self) -> bool:
        """Whether one mount alone is at each place, and it is the same file system everywhere."""
        table = self.lab.mounts()
        places = [self.lab.fuse_path, *self.lab.targets(table)]
        stacks = [table.stack(place) for place in places]
        return all(len(stack) == 1 for stack in stacks) and len({stack[0].device for stack in stacks}) == 1


def measure_clients(lab: Lab, kills: int, seed: int, *, plugin_too: bool) -> None:
    """SIGKILL of the FUSE client, again and again.

    Raises:
        NotReachedError: the pod did not read again.
    """
    dice = random.Random(seed)
    run = Kills(lab, "reader-2" if plugin_too else "reader-1")
    found: list[Gap] = []
    for number in range(kills):
        time.sleep(dice.uniform(0, _LONGEST_PAUSE))
        plugin_after = dice.uniform(*_AROUND) if plugin_too else None
        found.append(run.kill(lambda process: process.pid, _CLIENT_SECONDS, plugin_after))
        lab.say(f"  kill {number + 1} of {kills}: gap {found[-1].seconds:.2f} s")
    what = f"and the node plugin {run.plugin_kills} times" if plugin_too else "the node plugin undisturbed"
    group = f"FUSE client killed {kills} times under a reader, {what} (seed {seed})"
    _conclude(run, group, found, aims=(3.0, 10.0), all_told=not plugin_too)


def measure_containers(lab: Lab, kills: int, configuration: str) -> None:
    """SIGKILL of the first process of the FUSE container, again and again.

    Raises:
        NotReachedError: the pod did not read again.
    """
    run = Kills(lab, "reader-3")
    found: list[Gap] = []
    for number in range(kills):
        found.append(run.kill(lambda process: process.parent, _CONTAINER_SECONDS))
        lab.say(f"  kill {number + 1} of {kills}: gap {found[-1].seconds:.2f} s")
    note = ", ".join(f"{gap.seconds:.1f}" for gap in found)
    _conclude(run, f"whole FUSE container killed {kills} times, {configuration}", found, note=note)


def _conclude(
    run: Kills,
    group: str,
    found: list[Gap],
    aims: tuple[float | None, float | None] = (None, None),
    note: str = "",
    *,
    all_told: bool = True,
) -> None:
    lab = run.lab
    lab.until("one mount alone is at each place", run.settled, _SETTLED_SECONDS)
    lab.until("the node plugin runs", lambda: plugin(lab.node) is not None, _SETTLED_SECONDS)
    lab.until("a success is told", lambda: told(lab, run.name)[SUCCEED] > 0, _SETTLED_SECONDS)
    aim, lost = None, "a plugin that is killed loses those of its last minute"
    if all_told:
        aim, lost = recoveries(lab) - run.recovered_before, "aim: those that the plugin counted"
        with suppress(NotReachedError):  # then the figure says so
            lab.until("all are told", lambda: told(lab, run.name)[SUCCEED] >= aim, _TOLD_SECONDS)
    seconds, said = [gap.seconds for gap in found], told(lab, run.name)
    lab.figures += [
        Figure(group, "gap, p50", percentile(seconds, 50), "s", aim=aims[0], note=note),
        Figure(group, "gap, worst", max(seconds), "s", aim=aims[1]),
        Figure(group, "further gaps of the pod", len(run.gaps()) - len(found)),
        Figure(group, "mounts stacked in the pod, most", max(gap.depth for gap in found), aim=_DEEPEST),
        Figure(group, "mounts stacked on the node, most", run.deepest, aim=_DEEPEST, note="in the end 1"),
        Figure(group, f"{FAILED} told", said[FAILED], aim=0),
        Figure(group, f"{SUCCEED} told", said[SUCCEED], aim=aim, more=True, note=lost),
    ]
    lab.kubectl("delete", "pod", run.name, "--timeout=60s")


def recoveries(lab: Lab) -> int:
    """How often the node plugin has given a pod its volume back since it started, by its own metric."""
    where = ("--namespace", "fluid-system", "exec", "daemonset/csi-nodeplugin-fluid", "--", "python3", "-c")
    read = "import urllib.request as r; print(r.urlopen('http://localhost:8080/metrics').read().decode())"
    found = _SUCCEEDED.search(lab.node.kubectl(*where, read))
    return int(float(found[1])) if found else 0


def told(lab: Lab, pod: str) -> Counter[str]:
    """How often each reason was told of the Dataset, for one of its pods."""
    listed = lab.kubectl("get", "events", "--field-selector", f"involvedObject.name={DATASET}", "-o", "json")
    found: Counter[str] = Counter()
    for event in json.loads(listed)["items"]:
        if re.search(rf"\b{re.escape(pod)}\b", event["message"]):
            found[event["reason"]] += event.get("count") or 1
    return found
