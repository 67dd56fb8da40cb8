"""Reads through the claim, directly on the FUSE mount, and from a local file: by turns, in one process."""

import json
from pathlib import Path
from statistics import median, quantiles

from bench.figures import Figure
from bench.node.lab import Lab
from cluster.api import Json

SIZE = 16
"""MiB of the file."""
SEED = f"""
mkdir -p /data/models /data/images/train
dd if=/dev/urandom of=/data/models/weights bs=1M count={SIZE} 2>/dev/null
"""
PROGRAM = Path(__file__).parent / "reads.py"
_LEAST = 0.98
"""Of the throughput on the FUSE mount, through the claim."""
_SECONDS = 900.0


def measure(lab: Lab, rounds: int) -> None:
    """Measure in one pod, which has the claim and sees the FUSE mount of the node.

    Raises:
        NotReachedError: it took too long.
    """
    lab.bring_dataset(options="vfs-cache-mode: full")
    volumes: list[Json] = [
        {
            "mountPath": "/runtime-mnt",
            "mountPropagation": "HostToContainer",
            "hostPath": {"path": "/runtime-mnt"},
        },
        {"mountPath": "/local", "emptyDir": {}},
    ]
    file = "models/weights"
    sides = [f"/data/{file}", f"{lab.fuse_path}/{file}", "/local/file"]
    lab.run_program("throughput", PROGRAM, str(rounds), *sides, volumes=volumes)
    lab.until("all rounds are done", lambda: "done" in lab.logs("throughput"), _SECONDS)
    found: dict[str, list[list[float]]] = {"sequential": [], "random": []}
    for line in lab.logs("throughput"):
        if line.startswith("{"):
            for kind, rates in json.loads(line).items():
                found[kind].append(rates)
    for kind, rates in found.items():
        claim, fuse, local = (median(one) for one in zip(*rates, strict=True))
        ratios = sorted(through / directly for through, directly, _ in rates)  # of neighbours in time
        low, ratio, high = quantiles(ratios, n=4)
        spread = f"half of the rounds between {low:.2f} and {high:.2f}: what else the machine did"
        group = f"{kind} reads of a file of {SIZE} MiB, median of {rounds}"
        lab.figures += [
            Figure(group, "through the claim", claim, "MiB/s"),
            Figure(group, "on the FUSE mount", fuse, "MiB/s"),
            Figure(group, "local file", local, "MiB/s"),
            Figure(group, "claim : FUSE mount", ratio, aim=_LEAST, more=True, note=spread),
        ]
