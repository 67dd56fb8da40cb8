"""The Debian packages that a node is made of: installed when they are missing and we may."""

import os
import shutil
import subprocess
from pathlib import Path

from cluster.cache import BuildError

PLUGINS = Path("/usr/lib/cni")
"""Where Debian puts the network plugins."""
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"  # not on everybody's PATH
_PACKAGES = {
    "bindfs": "bindfs",
    "busybox": "busybox-static",
    "curl": "curl",
    "fusermount3": "fuse3",
    "ip": "iproute2",
    "mmdebstrap": "mmdebstrap",
    "nft": "nftables",
    "runc": "runc",
    f"{PLUGINS}/ptp": "containernetworking-plugins",
}
"""The program that shows that a package is there."""


def find(program: str) -> Path | None:
    """Where a program is, be it in a folder for administrators."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:{_SBIN}")
    return Path(found) if found else None


def missing() -> list[str]:
    """The packages that are not there."""
    return [package for program, package in _PACKAGES.items() if not find(program)]


def installable() -> bool:
    """Whether missing ones can be installed by us."""
    return os.geteuid() == 0 and find("apt-get") is not None


def ensure() -> None:
    """Install what is missing.

    Raises:
        BuildError: we may not, or it failed.
    """
    if not (wanted := missing()):
        return
    command = f"apt-get install -y --no-install-recommends {' '.join(wanted)}"
    if not installable():
        raise BuildError(f"missing programs; as root on a Debian-like machine: {command}")
    done = _apt("install", "-y", "--no-install-recommends", *wanted)
    if done.returncode != 0:  # a machine whose package lists are old, or were never fetched
        _apt("update")
        done = _apt("install", "-y", "--no-install-recommends", *wanted)
    if done.returncode != 0 or (wanted := missing()):
        reason = done.stderr.strip().splitlines() or [f"{' '.join(wanted)} not there after it"]
        raise BuildError(f"`{command}` failed: {reason[-1]}")


def _apt(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments]
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
