"""`python -m cluster.bare [--cold] COMMAND`: runs a command of the shell in this checkout on a bare machine.

The machine is a fresh Debian tree with Python and make and nothing else, entered by pivot_root in namespaces
of its own: what was installed by hand here, or by an earlier run, is not there. Programs that were compiled
before are copied in, so that it takes minutes; with `--cold` they are not. No package and no layer of an
image is.

It has the network of the machine and what leads through it: proxies, their certificates, the indexes of pip
and apt. Whatever runs in it ends with the command, and the tree goes; the next run removes what a killed one
left.
"""

import argparse
import ctypes
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cluster.build import core, extras
from cluster.cache import BuildError, artifact, cache_folder
from cluster.image import SUITE, bootstrap
from cluster.node import cgroups, needs
from cluster.node.build import own_recipes
from cluster.node.storage import server
from cluster.story import finish_undisturbed, perform

_PACKAGES = ("make", "python3")
_CHECKOUT = Path(__file__).parent.parent
_AWAY = (
    *("__pycache__", "*.pyc", ".*cache", ".hypothesis"),
    *(".git", ".venv", ".cluster", ".node", "dist", "build"),
)
"""Of the checkout: what a fresh clone does not have."""
_PREFIX = ".tree-"
_KEPT = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PIP_DEFAULT_TIMEOUT",
    "GOPROXY",
    "GOSUMDB",
)
_CERTIFICATES = ("CURL_CA_BUNDLE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_TRUST = "/root/machine"
_OWN = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
_NETWORK = ("/etc/hosts", "/etc/pip.conf", "/etc/resolv.conf")
_ENTER = """
set -e
cd "$1"
mount --bind . .
cd "$1"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
mount -t tmpfs tmpfs run
mkdir -p old
pivot_root . old
cd /root/checkout
umount -l /old
rmdir /old
exec sh -c "$2"
"""
_PR_SET_PDEATHSIG = 1


def environment(outside: Mapping[str, str]) -> dict[str, str]:
    """What a command has of the machine's environment: only what leads to the network."""
    proxies = {name for name in outside if name.lower().endswith("_proxy")}
    kept = {name: outside[name] for name in sorted(proxies.union(_KEPT).intersection(outside))}
    trusted = {name: f"{_TRUST}{outside[name]}" for name in _CERTIFICATES if outside.get(name)}
    return {**_OWN, **kept, **trusted}


def files(outside: Mapping[str, str], apt: Path = Path("/etc/apt/apt.conf.d")) -> dict[Path, str]:
    """The machine's files that lead to the network, and where they are in the tree."""
    fetching = [path for path in apt.glob("*") if "Acquire::" in path.read_text(errors="replace")]
    found = {path: str(path) for path in (*fetching, *map(Path, _NETWORK))}
    # Not where the machine has them: a package that brings certificates writes there.
    found |= {Path(outside[name]): f"{_TRUST}{outside[name]}" for name in _CERTIFICATES if outside.get(name)}
    return {path: there for path, there in found.items() if path.is_file()}


@contextmanager
def tree(*, cold: bool) -> Generator[Path]:
    """A fresh machine in a folder, with this checkout in it.

    Raises:
        BuildError: Debian cannot be unpacked here.
    """
    base = artifact(f"bare-{SUITE}-{'-'.join(_PACKAGES)}", _debian) / "tree.tar"
    with _folder() as folder:
        root = folder / "root"
        root.mkdir()
        _unpack(base, root)
        for file, there in files(os.environ).items():
            copy = root / there.removeprefix("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)
            shutil.copy(file, copy)
        shutil.copytree(
            _CHECKOUT, root / "root" / "checkout", symlinks=True, ignore=shutil.ignore_patterns(*_AWAY)
        )
        if not cold:
            _programs(root / "root" / ".cache" / "fluid")
        yield root


def _debian(folder: Path) -> None:
    bootstrap(folder / "tree.tar", *_PACKAGES)


def _unpack(base: Path, root: Path) -> None:
    done = subprocess.run(
        ["tar", "--extract", "--file", base, "--directory", root], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BuildError(f"{base} cannot be unpacked: {done.stderr.strip()[-500:]}")


def _programs(cache: Path) -> None:
    """Copy what was compiled; whatever of it is missing is compiled there."""
    cache.mkdir(parents=True)
    for recipe in (*core(), *extras(), *own_recipes(), server()):
        if recipe.there:
            shutil.copytree(cache_folder() / recipe.name, cache / recipe.name, symlinks=True)


@contextmanager
def _folder() -> Generator[Path]:
    """A folder that is removed, by a later run if this one is killed: its lock says that somebody uses it."""
    cache = cache_folder()
    with (cache / ".bare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in cache.glob(f"{_PREFIX}*"):
            _remove(left)
        made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=cache))
        handle = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield made
    finally:
        finish_undisturbed()
        os.close(handle)
        _remove(made)
        cgroups.sweep()


def _remove(folder: Path) -> None:
    """Remove a tree, unless a run has its lock."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    finally:
        os.close(handle)


def run(root: Path, command: str) -> int:
    """Run a command of the shell in the tree; its exit code. Nothing that it started is left."""
    variables = [f"{name}={value}" for name, value in environment(os.environ).items()]
    into = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "env", "-i", *variables]
    entering = subprocess.Popen(
        [*into, "sh", "-c", _ENTER, "sh", root, command],
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )
    try:
        return entering.wait()
    finally:
        if entering.poll() is None:
            _end(entering)


def _end(entering: "subprocess.Popen[bytes]") -> None:
    """End the first process in there: the kernel ends all others before that is gone."""
    children = Path(f"/proc/{entering.pid}/task/{entering.pid}/children").read_text().split()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)
    if not children:
        entering.kill()
    entering.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main() -> int:
    """Run it; where no such tree can be made, say why: in CI that is a failure."""
    parser = argparse.ArgumentParser(prog="python -m cluster.bare", description=__doc__)
    parser.add_argument("--cold", action="store_true", help="with no compiled program either")
    parser.add_argument("command", help="of the shell, in the checkout")
    chosen = parser.parse_args()
    if missing := needs():
        print(f"skipped, no bare machine can be made here: {'; '.join(missing)}")
        return int(os.environ.get("CI") == "true")
    print(f"on a bare machine: {shlex.quote(chosen.command)}", flush=True)
    return perform(lambda: _main(chosen.command, cold=chosen.cold), BuildError, OSError)


def _main(command: str, *, cold: bool) -> int:
    with tree(cold=cold) as root:
        return run(root, command)


if __name__ == "__main__":
    sys.exit(main())
