"""The node's file system: a layer in memory over the machine's own, which is never written.

Data that grows is in the node's directory: images, pods, logs, and the mounts of runtimes.
"""

import os
import subprocess
from pathlib import Path

from cluster.node.settings import ADDRESS, NAME

_ON_DISK = ("/var/lib/containerd", "/var/lib/kubelet", "/var/log", "/runtime-mnt")
_KERNEL = ("/proc", "/sys", "/dev", "/run")
"""Directories that are created anew or used as they are."""


def enter(directory: Path) -> None:
    """Create the file system and make it the root of the caller, which must be alone in a mount namespace.

    Args:
        directory: the node's; it is the same place inside as outside.
    """
    _mount("--make-rprivate", "/")
    others = _others()
    layers = directory / "root"
    layers.mkdir()
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", layers)
    root = layers / "merged"
    root.mkdir()
    _layer(Path("/"), root, layers / "root")
    _mount("-t", "proc", "proc", _inside(root, "/proc"))
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", _inside(root, "/run"))
    for path in ("/sys", "/dev"):
        _mount("--rbind", path, _inside(root, path))
    for number, path in enumerate(others):
        _cover(path, root / path.relative_to("/"), layers / f"other-{number}")
    _mount("--bind", directory, _inside(root, directory))
    for path in _ON_DISK:
        kept = directory / "disk" / Path(path).name
        kept.mkdir(parents=True)
        _mount("--bind", kept, _inside(root, path))
    _pivot(root)
    # Only after the binds: a bind out of a shared tree would show each later mount twice.
    _mount("--make-rshared", "/")
    _names()


def _layer(lower: Path, target: Path, kept: Path) -> None:
    """Mount an overlay over a file system of the machine; what is written to it goes to `kept`.

    That cannot be on the machine's own file system: no layer may be inside another.
    """
    for folder in (kept / "upper", kept / "work"):
        folder.mkdir(parents=True)
    options = f"lowerdir={lower},upperdir={kept / 'upper'},workdir={kept / 'work'}"
    _mount("-t", "overlay", "-o", options, "overlay", target)


def _cover(lower: Path, target: Path, kept: Path) -> None:
    """The same for what is mounted below the machine's root; what can be no layer is seen, not written."""
    try:
        _layer(lower, target, kept)
    except OSError:
        _mount("--bind", lower, target)
        _mount("-o", "remount,bind,ro", target)


def _pivot(root: Path) -> None:
    old = root / ".machine"
    old.mkdir()
    _run("pivot_root", root, old)
    os.chdir("/")
    _run("umount", "--lazy", "/.machine")
    Path("/.machine").rmdir()


def _names() -> None:
    """Replace the machine's name configuration, which is of no use in an isolated network."""
    _run("hostname", NAME)
    files = {
        "/etc/hosts": f"127.0.0.1 localhost\n{ADDRESS} {NAME}\n",
        "/etc/resolv.conf": f"nameserver {ADDRESS}\n",
    }
    for name, text in files.items():
        path = Path(name)
        path.unlink(missing_ok=True)  # it may be a link to something in /run
        path.write_text(text)


def _others() -> list[Path]:
    """Other file systems of the machine, the outermost first."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = sorted({_unescaped(line.split()[4]) for line in lines})
    return [
        Path(point)
        for point in points
        if point != "/"
        and not any(point == kernel or point.startswith(f"{kernel}/") for kernel in _KERNEL)
        and Path(point).is_dir()
    ]


def _unescaped(field: str) -> str:
    """A path as mountinfo writes it: blanks and the like as octal numbers."""
    return field.encode().decode("unicode_escape").encode("latin-1").decode()


def _inside(root: Path, path: str | Path) -> Path:
    made = root / Path(path).relative_to("/")
    made.mkdir(parents=True, exist_ok=True)
    return made


def _mount(*arguments: str | Path) -> None:
    _run("mount", *arguments)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"`{' '.join(map(str, command))}` failed: {done.stderr.strip()}")
