"""The images that a node runs, made here: there is no registry to pull from."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from cluster import image
from cluster.cache import BuildError, artifact, digest
from cluster.oci import pack, write
from cluster.packages import find

PAUSE = "fluid.local/pause:1"
TOOLS = "fluid.local/tools:1"
"""busybox, and `curl`, `getent`, `bindfs` and `fusermount3` with the libraries that they need."""
OPERATOR = image.NAME

_ROOT = Path(__file__).parent.parent.parent
_SOURCES = ("fluid", "charts", "generated/crds", "requirements.lock", "pyproject.toml", "cluster/image.py")
_TOOLS = ("curl", "getent", "bindfs", "fusermount3")
_FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/fuse.conf": "user_allow_other\n",
}
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def small(pause: Path) -> list[Path]:
    """The images that every node starts with; `pause` is the folder of the built program."""
    return [_pause(pause / "pause"), tools()]


def operator() -> Path:
    """The operator's image of this checkout; only layers with changed sources are rebuilt.

    Raises:
        BuildError: a tool failed.
    """
    folder = _ROOT / "build" / "node"
    files = sorted(path for source in _SOURCES for path in _walk(_ROOT / source))
    target = folder / f"operator-{digest(files)}.tar"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    try:
        base = artifact(f"debian-{image.SUITE}-{'-'.join(image.BASE)}", _debian) / "layer.tar"
        with tempfile.TemporaryDirectory(dir=folder) as work:
            image.install(Path(work, "app"))
            layers = [base.read_bytes(), pack(Path(work, "app"))]
            write(Path(work, "image.tar"), OPERATOR, layers, image.CONFIG, compress=False)
            for old in folder.glob("operator-*.tar"):
                old.unlink()
            Path(work, "image.tar").rename(target)
    except image.ImageError as error:
        raise BuildError(f"the operator's image cannot be built: {error}") from error
    return target


def _debian(folder: Path) -> None:
    image.debian(folder / "layer.tar")


def _pause(program: Path) -> Path:
    def make(folder: Path) -> None:
        root = folder / "root"
        root.mkdir()
        shutil.copy2(program, root / "pause")
        write(folder / "image.tar", PAUSE, [pack(root)], {"Entrypoint": ["/pause"]}, compress=False)
        shutil.rmtree(root)

    return artifact(f"image-pause-{digest([program, Path(__file__)])}", make) / "image.tar"


def tools() -> Path:
    """The image of `TOOLS`, whose packages must be installed."""
    busybox = _found("busybox")
    programs = [_found(name) for name in _TOOLS]
    files = sorted({*programs, *(library for program in programs for library in _libraries(program))})

    def make(folder: Path) -> None:
        root = folder / "root"
        _layout(root, busybox, files)
        write(folder / "image.tar", TOOLS, [pack(root)], {"Env": [_PATH]}, compress=False)
        shutil.rmtree(root)

    return artifact(f"image-tools-{digest([busybox, *files, Path(__file__)])}", make) / "image.tar"


def _layout(root: Path, busybox: Path, files: Sequence[Path]) -> None:
    for name in ("bin", "dev", "etc", "mnt", "proc", "root", "run", "sys", "tmp", "var"):
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for name, text in _FILES.items():
        (root / name).write_text(text)
    shutil.copy2(busybox, root / "bin" / "busybox")
    listed = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True)
    for applet in listed.stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    for file in files:
        target = root / file.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    (root / "usr" / "bin" / "fusermount").symlink_to("fusermount3")


def _found(program: str) -> Path:
    if not (found := find(program)):
        raise BuildError(f"{program} is not on this machine, though its package is installed")
    return found


def _libraries(program: Path) -> Iterable[Path]:
    """The shared libraries of a program, as the loader finds them."""
    printed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return (Path(match[1]) for match in re.finditer(r"(/\S+) \(0x", printed))


def _walk(source: Path) -> Iterable[Path]:
    if source.is_file():
        return [source]
    return (path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
