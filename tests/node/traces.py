"""What a node could leave on the machine."""

import subprocess
from dataclasses import dataclass, fields
from pathlib import Path

from cluster.node import Node, cgroups

_SPACES = ("mnt", "net", "pid", "uts", "ipc")
_PLACES = (
    "/etc/cni",
    "/runtime-mnt",
    "/run/containerd",
    "/run/fluid",
    "/usr/libexec/kubernetes",
    "/var/lib/cni",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/var/log/pods",
)
"""Where the node's programs write when nothing stops them."""


@dataclass(frozen=True)
class Machine:
    """The machine as it is at one moment, as far as a node could have changed it."""

    mounts: frozenset[str]
    interfaces: frozenset[str]
    cgroups: frozenset[str]
    places: frozenset[str]
    forwarding: frozenset[str]

    @staticmethod
    def look() -> "Machine":
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
        found = [path for hierarchy in cgroups.hierarchies() for path in hierarchy.glob("fluid-node-*")]
        return Machine(
            mounts=frozenset(line.split()[4] for line in lines),
            interfaces=frozenset(path.name for path in Path("/sys/class/net").iterdir()),
            cgroups=frozenset(map(str, found)),
            places=frozenset(place for place in _PLACES if Path(place).exists()),
            forwarding=frozenset([Path("/proc/sys/net/ipv4/ip_forward").read_text(), _tables()]),
        )

    def added_since(self, before: "Machine") -> list[str]:
        """What is there now and was not."""
        return [
            f"{field.name}: {one}"
            for field in fields(self)
            for one in sorted(getattr(self, field.name) - getattr(before, field.name))
        ]


def spaces(node: Node) -> frozenset[str]:
    """The namespaces of a running node."""
    return frozenset(str(Path(f"/proc/{node.pid}/ns/{name}").readlink()) for name in _SPACES)


def processes_in(namespaces: frozenset[str]) -> list[str]:
    """The processes in any of them."""
    numbered = [path for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [path.name for path in numbered if _inside(path, namespaces)]


def _inside(process: Path, namespaces: frozenset[str]) -> bool:
    for name in _SPACES:
        try:
            if str((process / "ns" / name).readlink()) in namespaces:
                return True
        except OSError:
            return False  # it has ended meanwhile
    return False


def _tables() -> str:
    return subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=False).stdout
