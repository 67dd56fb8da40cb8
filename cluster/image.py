"""`make image`: the operator's image as an OCI tar, without a container engine.

Two layers: Python of Debian, unpacked by mmdebstrap, and the wheel of this checkout with what it needs from
the lock file. The `Dockerfile` builds the same with an engine.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from cluster import packages
from cluster.api import Json
from cluster.cache import BuildError
from cluster.oci import pack, write
from fluid import __version__

SUITE, PYTHON = "bookworm", "3.11"
"""Debian's release and the Python in it."""
BASE = ("base-files", "libstdc++6", "python3")
"""The Debian packages of the first layer; gRPC is C++."""
NAME = f"fluid-operator:{__version__}"
_ROOT = Path(__file__).parent.parent
_PACKAGES = "usr/lib/python3/dist-packages"
_COMMAND = "#!/usr/bin/python3\nfrom fluid.cli import main\n\nmain()\n"
_UNWANTED = "rm -rf $1/usr/share/man $1/usr/share/locale $1/usr/share/lintian $1/var/cache/apt $1/var/lib/apt"
_COMPILE = f'chroot "$1" python3 -m compileall -q /usr/lib/python{PYTHON}'


class ImageError(BuildError):
    """The image cannot be built here; the message says why and what to do."""


CONFIG: Mapping[str, Json] = {
    "User": "65532:65532",
    "Entrypoint": ["/usr/bin/fluid"],
    "Cmd": ["run"],
    "WorkingDir": "/",
}
"""How the image runs."""


def build(target: Path) -> None:
    """Write the image to a file.

    Raises:
        ImageError: a tool is missing or failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        base = work / "base.tar"
        debian(base)
        install(work / "app")
        layers = [base.read_bytes(), pack(work / "app")]
        write(target, NAME, layers, CONFIG)
        _prove(layers, work / "root")


def debian(target: Path, *names: str, hooks: Sequence[str] = ()) -> None:
    """Write a layer of Debian packages, as the machine's package sources have them.

    Args:
        target: the tar.
        names: of the packages; by default Python, and what the operator needs besides.
        hooks: commands of the shell for the unpacked tree, which is `$1`.
    """
    names = names or BASE
    compiling = [_COMPILE] if "python3" in names else []
    # Of a tree that is only unpacked these are the last hooks that are called.
    chosen = (f"--extract-hook={hook}" for hook in (*compiling, *hooks, _UNWANTED))
    _mmdebstrap(target, "extract", names, *chosen)


def bootstrap(target: Path, *names: str) -> None:
    """Write the tree of a machine that has the least that Debian has, apt, and some packages."""
    _mmdebstrap(target, "minbase", names)


def _mmdebstrap(target: Path, variant: str, names: Sequence[str], *options: str) -> None:
    try:
        packages.ensure(packages.IMAGE)
    except packages.PackageError as error:
        raise ImageError(f"{error}; or use the Dockerfile") from error
    sources = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d/debian.sources"))
    mirrors = [str(path) for path in sources if path.exists() and SUITE in path.read_text()]
    chosen = (f"--variant={variant}", f"--include={','.join(names)}")
    _run("mmdebstrap", "--quiet", *chosen, *options, SUITE, str(target), *mirrors)


def install(root: Path) -> None:
    """Put the wheel, what it needs, and the command into a folder."""
    site = root / _PACKAGES
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
    pip += ["--no-compile", "--target", str(site)]
    tags = [f"--platform=manylinux_2_{glibc}_{platform.machine()}" for glibc in (17, 28, 34)]
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder, "runtime.lock")
        lock.write_text(runtime_lock((_ROOT / "requirements.lock").read_text()))
        _run(*pip, f"--python-version={PYTHON}", *tags, "--require-hashes", "--requirement", str(lock))
        _run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
        _run(*pip, *map(str, Path(folder).glob("*.whl")))
    shutil.rmtree(site / "bin", ignore_errors=True)
    _precompile(site)
    command = root / "usr" / "bin" / "fluid"
    command.parent.mkdir(parents=True)
    command.write_text(_COMMAND)
    command.chmod(0o755)


def _precompile(site: Path) -> None:
    """Spare each start a second of compiling. By hash, unchecked: in a layer no file has its own time."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == PYTHON:  # another one's would not be read
        compiling = ["-m", "compileall", "-q", "--invalidation-mode=unchecked-hash", "-s", str(site)]
        _run(sys.executable, *compiling, "-p", f"/{_PACKAGES}", str(site))


def runtime_lock(lock: str) -> str:
    """The entries of a lock file that the wheel needs: each says after `via` what wants it."""
    entries = {match[1]: match[0] for match in re.finditer(r"^(\S+?)==.*\n(?:    .*\n)*", lock, re.MULTILINE)}
    wanted = {"fluid-operator (pyproject.toml)"}
    while more := {
        name
        for name, entry in entries.items()
        if name not in wanted
        and not wanted.isdisjoint(re.findall(r"^    #(?: via)? +(\S.*)$", entry, re.MULTILINE))
    }:
        wanted |= more
    return "".join(entry for name, entry in entries.items() if name in wanted)


def _prove(layers: Sequence[bytes], root: Path) -> None:
    """Run the command in the image's own files, which takes root."""
    if os.geteuid() != 0:
        print("not tried out: that takes root, for chroot")
        return
    root.mkdir()
    for layer in layers:
        with tarfile.open(fileobj=BytesIO(layer)) as archive:
            archive.extractall(root, filter="fully_trusted")
    fluid = ["chroot", "--userspec=65532:65532", str(root), "/usr/bin/fluid"]
    if "CustomResourceDefinition" not in _run(*fluid, "manifests"):
        raise ImageError("`fluid manifests` in the image prints no CRDs")
    print(f"tried out in a chroot: {_run(*fluid, '--version').strip()}")


def _run(*command: str) -> str:
    environment = {**os.environ, "PATH": packages.search_path()}  # mmdebstrap calls chroot and ldconfig
    done = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip()[-500:] or f"exit code {done.returncode}"
        raise ImageError(f"{Path(command[0]).name} failed: {reason}")
    return done.stdout


def main() -> int:
    """Build `dist/fluid-operator-<version>.oci.tar`, or the files of its second layer alone."""
    parser = argparse.ArgumentParser(prog="python -m cluster.image", description=main.__doc__)
    parser.add_argument("--app", type=Path, metavar="DIR", help="only write the second layer's files here")
    folder: Path | None = parser.parse_args().app
    target = _ROOT / "dist" / f"fluid-operator-{__version__}.oci.tar"
    try:
        if folder:
            install(folder.absolute())
            return 0
        build(target)
    except (ImageError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{target.relative_to(_ROOT)} ({target.stat().st_size >> 20} MiB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
