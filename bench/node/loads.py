"""A DataLoad on Alluxio against the command line of Alluxio on the same files: by turns, on one cache."""

import time
from collections.abc import Callable
from statistics import median

from bench.figures import Figure
from bench.node.lab import Lab
from cluster.node import alluxio

FILES, SIZE = 32, 64
"""How many files, and the MiB of each."""
SEED = f"""
mkdir -p /data/models /data/images/train
for one in $(seq {FILES}); do dd if=/dev/urandom of=/data/models/$one bs=1M count={SIZE} 2>/dev/null; done
"""
_NAME = "lake"
_LEAST = 0.95
"""Of the command line's throughput, by a DataLoad."""
_SECONDS = 600.0


def measure(lab: Lab, rounds: int) -> None:
    """Bring a cache, and fill it in both ways, so often.

    Raises:
        NotReachedError: it took too long.
    """
    alluxio.provide(lab.node)
    total = FILES * SIZE
    alluxio.bring(
        lab.node, lab.namespace, _NAME, alluxio.s3(lab.namespace, "models"), quota=f"{total + 512}Mi"
    )
    lab.kubectl(
        "wait", "--for=jsonpath={.status.phase}=Bound", f"dataset/{_NAME}", f"--timeout={_SECONDS:.0f}s"
    )
    seconds: dict[str, list[float]] = {"command line": [], "DataLoad": []}
    lab.say("once in vain: the server has its files in memory then, as in all other rounds")
    _timed(lab, lambda: _by_command(lab))
    for number in range(rounds):
        lab.say(f"round {number + 1} of {rounds}")
        seconds["command line"].append(_timed(lab, lambda: _by_command(lab)))
        seconds["DataLoad"].append(_timed(lab, lambda number=number: _by_dataload(lab, f"load-{number}")))
    group = f"{FILES} files of {SIZE} MiB from S3 into Alluxio, median of {rounds}"
    ratios = [one / other for one, other in zip(*seconds.values(), strict=True)]
    lab.figures += [Figure(group, way, total / median(all_), "MiB/s") for way, all_ in seconds.items()]
    note = "from the creation of the DataLoad until its status says Complete"
    lab.figures.append(
        Figure(group, "DataLoad : command line", median(ratios), aim=_LEAST, more=True, note=note)
    )
    lab.kubectl("delete", "dataload", "--all", "--timeout=60s")
    lab.kubectl("delete", "dataset", _NAME, "--timeout=180s")


def _timed(lab: Lab, fill: Callable[[], None]) -> float:
    alluxio.command(lab.node, lab.namespace, _NAME, "fs", "free", "-f", "/models")
    lab.until("the cache is empty", lambda: _used(lab) == "0B", _SECONDS)
    since = time.monotonic()
    fill()
    seconds = time.monotonic() - since
    lab.say(f"  {seconds:.1f} s, {_used(lab)} in the cache")
    return seconds


def _used(lab: Lab) -> str:
    lines = alluxio.command(lab.node, lab.namespace, _NAME, "fsadmin", "report", "summary").splitlines()
    return next((line.split(": ")[1] for line in lines if "Used Capacity: " in line), "")


def _by_command(lab: Lab) -> None:
    alluxio.command(lab.node, lab.namespace, _NAME, "fs", "distributedLoad", "--replication", "1", "/models")


def _by_dataload(lab: Lab, name: str) -> None:
    alluxio.warm(lab.node, lab.namespace, _NAME, name, "/models", metadata=False)
    lab.kubectl(
        "wait", "--for=jsonpath={.status.phase}=Complete", f"dataload/{name}", f"--timeout={_SECONDS:.0f}s"
    )
