"""What a node needs of a machine, and what of it is not here."""

import os
import subprocess
import sys
from pathlib import Path

from cluster.node import cgroups, packages

FUSE = Path("/dev/fuse")
_PROBE = """
mount -t tmpfs tmpfs /mnt 2>&1 || { echo "mounts (refused in a namespace of our own)"; exit; }
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root 2>/dev/null ||
  echo "overlayfs (the kernel refuses a mount of it)"
ip link add probe0 type veth peer name probe1 2>/dev/null || echo "veth interfaces (the kernel refuses them)"
ip link add probe2 type bridge 2>/dev/null || echo "bridge interfaces (the kernel refuses them)"
"""


def needs() -> list[str]:
    """Name each thing that a node needs and this machine does not have; empty where a node can run."""
    if sys.platform != "linux":
        return ["Linux"]
    missing: list[str] = []
    if os.geteuid() != 0:
        missing.append("root (run it as root)")
    if not FUSE.exists():
        missing.append(f"{FUSE} (load the kernel module fuse, or give the container that device)")
    if lacking := cgroups.lacking():
        missing.append(f"cgroup controllers {', '.join(lacking)} below {cgroups.ROOT}")
    if not packages.installable() and (absent := packages.missing()):
        missing.append(f"programs (apt-get install {' '.join(absent)})")
    return missing or refused()


def refused() -> list[str]:
    """What the kernel refuses when it is tried, in namespaces that end with the attempt."""
    found: list[str] = []
    if not all(os.access(hierarchy, os.W_OK) for hierarchy in cgroups.hierarchies()):
        found.append(f"writable cgroups ({cgroups.ROOT} is read-only here)")
    command = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "sh", "-c", _PROBE]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return [*found, "unshare (apt-get install util-linux)"]
    if tried.returncode != 0:
        return [*found, f"namespaces ({tried.stderr.strip() or 'unshare was refused'})"]
    return found + tried.stdout.splitlines()
