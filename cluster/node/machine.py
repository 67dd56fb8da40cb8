"""The requirements of a node, and which of them this machine lacks."""

import os
import subprocess
import sys
from pathlib import Path

from cluster import packages
from cluster.node import cgroups

FUSE = Path("/dev/fuse")
_PROBE = """
said=$(mount -t tmpfs tmpfs /mnt 2>&1) || { echo "mounts in a namespace of our own ($said)"; exit; }
mkdir /mnt/upper /mnt/work /mnt/root
said=$(mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root 2>&1) ||
  echo "overlayfs ($said)"
said=$(ip link add probe0 type veth peer name probe1 2>&1) || echo "veth interfaces ($said)"
said=$(ip link add probe2 type bridge 2>&1) || echo "bridge interfaces ($said)"
"""
_PROBING = {"ip": "iproute2", "mount": "mount", "unshare": "util-linux"}
"""The programs that the probe calls; where one is missing, it would say that the kernel refuses something."""


def needs() -> list[str]:
    """Install missing packages if permitted; return the other requirements that this machine lacks.

    Empty where a node can run. Nothing is installed where none could run anyway.
    """
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
    if missing:
        return missing
    try:
        packages.ensure()
    except packages.PackageError as error:
        return [f"programs ({error})"]
    return refused()


def refused() -> list[str]:
    """What the kernel refuses when it is tried, in namespaces that end with the attempt."""
    if absent := [
        f"{program} (apt-get install {package})"
        for program, package in _PROBING.items()
        if not packages.find(program)
    ]:
        return absent
    found: list[str] = []
    if not all(os.access(hierarchy, os.W_OK) for hierarchy in cgroups.hierarchies()):
        found.append(f"writable cgroups ({cgroups.ROOT} is read-only here)")
    command = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "sh", "-c", _PROBE]
    environment = {**os.environ, "PATH": packages.search_path(), "LC_ALL": "C.UTF-8"}
    tried = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return [*found, f"namespaces ({tried.stderr.strip() or 'unshare was refused'})"]
    return found + tried.stdout.splitlines()
