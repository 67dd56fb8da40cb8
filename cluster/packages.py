"""The Debian packages that are used here: the one way to install them, before anything calls what is in them.

`python -P cluster/packages.py [venv|compile|image|jars|node]` does it from a shell. It needs the standard
library alone, for it makes the venv possible. Without the right to install (not root, no apt-get) nothing is
touched.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PLUGINS = Path("/usr/lib/cni")
"""Where Debian puts the network plugins."""
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
"""Folders for administrators, which are not on everybody's PATH."""
VENV = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
CERTIFICATES = "ca-certificates"
_BUNDLES = (  # where Go looks for them, on any Linux
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
_PROGRAMS = {
    "bindfs": "bindfs",
    "busybox": "busybox-static",
    "curl": "curl",
    "fusermount3": "fuse3",
    "getent": "libc-bin",
    "hostname": "hostname",
    "ip": "iproute2",
    "ldd": "libc-bin",
    "mmdebstrap": "mmdebstrap",
    "mount": "mount",
    "mvn": "maven",
    "nft": "nftables",
    "nsenter": "util-linux",
    "pivot_root": "util-linux",
    "runc": "runc",
    "umount": "mount",
    "unshare": "util-linux",
    f"{PLUGINS}/ptp": "containernetworking-plugins",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
}
"""The program or file that shows that a package is there."""
COMPILE = (CERTIFICATES,)
"""For the Go compiler, which fetches modules."""
IMAGE = (CERTIFICATES, "debian-archive-keyring", "mmdebstrap")
"""For images with packages of Debian."""
JARS = (CERTIFICATES, "maven")
"""For files of Java programs."""
NODE = tuple(sorted({CERTIFICATES, *_PROGRAMS.values()}.difference({"maven"})))
"""For a node, and the images that run on it."""
_GROUPS = {"venv": (VENV,), "compile": COMPILE, "image": IMAGE, "jars": JARS, "node": NODE}
_LOCK = Path("/run/fluid-packages.lock")
_Done = subprocess.CompletedProcess[str]


class PackageError(Exception):
    """Packages are missing, and could not be installed; the message says what to do."""


def find(program: str) -> Path | None:
    """Where a program is, be it in a folder for administrators; a path is where it says, when it is there."""
    if program.startswith("/"):
        return Path(program) if Path(program).exists() else None
    found = shutil.which(program, path=search_path())
    return Path(found) if found else None


def search_path() -> str:
    """A PATH with the folders for administrators."""
    return f"{os.environ.get('PATH', os.defpath)}:{SBIN}"


def missing(wanted: Sequence[str] = NODE) -> list[str]:
    """The packages that are not there."""
    return [package for package in wanted if not _there(package)]


def installable() -> bool:
    """Whether this process can install missing packages."""
    return os.geteuid() == 0 and find("apt-get") is not None


def ensure(wanted: Sequence[str] = NODE) -> None:
    """Install what is missing, once: other processes that want it meanwhile wait.

    Raises:
        PackageError: the installation is not permitted, or it failed.
    """
    if not (absent := missing(wanted)):
        return
    if not installable():
        command = f"apt-get install -y --no-install-recommends {' '.join(absent)}"
        raise PackageError(f"missing programs; as root on a Debian-like machine: {command}")
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if absent := missing(wanted):  # another process may have installed them meanwhile
            _install(absent)


def _there(package: str) -> bool:
    if package == VENV:
        return all(importlib.util.find_spec(module) for module in ("ensurepip", "venv"))
    if package == CERTIFICATES:
        return any(find(bundle) for bundle in _BUNDLES)
    return all(find(shown) for shown, of in _PROGRAMS.items() if of == package)


def _install(absent: Sequence[str]) -> None:
    arguments = ("install", "-y", "--no-install-recommends", *absent)
    sys.stderr.write(f"installing packages: {' '.join(absent)}\n")
    sys.stderr.flush()
    tried = [_apt(*arguments)]
    if tried[-1].returncode != 0:  # package lists that are old, or were never fetched
        tried = [_apt("update"), _apt(*arguments)]
    importlib.invalidate_caches()
    left = missing(absent)
    if tried[-1].returncode == 0 and not left:
        return
    reasons = [reason for reason in map(_reason, tried) if reason]
    reason = reasons[-1] if reasons else f"{' '.join(left)} not there after it"
    raise PackageError(f"`apt-get {' '.join(arguments)}` failed: {reason}")


def _reason(done: _Done) -> str:
    """The first error that apt-get names: the last one only says that there was one."""
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return next((line for line in lines if line.startswith("E:")), lines[-1] if lines else "")


def _apt(*arguments: str) -> _Done:
    environment = {
        **os.environ,
        "DEBIAN_FRONTEND": "noninteractive",
        "LC_ALL": "C.UTF-8",
        "PATH": search_path(),  # dpkg refuses to work without ldconfig
    }
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments]
    return subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def main(arguments: Sequence[str]) -> int:
    """Install a group of packages, by default a node's; without the right, print what is missing."""
    (group,) = arguments or ("node",)
    if group != "venv" and not installable() and (absent := missing(_GROUPS[group])):
        print(f"not installed, which takes root and apt-get: {' '.join(absent)}")
        return 0  # much can be done without, and what cannot says so
    try:
        ensure(_GROUPS[group])
    except PackageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
