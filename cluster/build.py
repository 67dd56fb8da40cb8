"""Build the control plane's programs from pinned Go modules (versions: `cluster/gomod/*/go.mod`)."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.cache import BuildError, artifact
from cluster.toolchain import go

__all__ = [
    "BuildError",
    "CorePrograms",
    "Programs",
    "answerer",
    "build",
    "compiled",
    "core",
    "csi_sanity",
    "kubernetes_stamp",
    "own_program",
]

_HERE = Path(__file__).parent
_KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")


@dataclass(frozen=True)
class CorePrograms:
    """Folders of the programs that every cluster has."""

    etcd: Path
    kubernetes: Path


@dataclass(frozen=True)
class Programs(CorePrograms):
    """Folders of the programs of a control plane with simulated nodes."""

    kwok: Path
    answerer: Path


def build() -> Programs:
    """Build what is not in the cache yet; takes milliseconds when all of it is.

    Raises:
        BuildError: no Go toolchain to be had, or a build failed.
    """
    shared = core()
    return Programs(etcd=shared.etcd, kubernetes=shared.kubernetes, kwok=_kwok(), answerer=answerer())


def core() -> CorePrograms:
    """Build what every cluster has, and nothing else."""
    return CorePrograms(etcd=_etcd(), kubernetes=_kubernetes())


def answerer() -> Path:
    """Build the answerer alone; return the folder that holds it as `answerer`, `jindocache` and `jindo`."""

    def aliases(folder: Path) -> None:
        for name in ("jindocache", "jindo"):
            (folder / name).symlink_to("answerer")

    return own_program(_HERE / "answerer", aliases)


def csi_sanity() -> Path:
    """Build the specs that every CSI plugin has to meet, and nothing else; return the program."""
    packages = {"csi-sanity": "github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity"}
    return compiled("csi-test", packages) / "csi-sanity"


def own_program(sources: Path, extra: Callable[[Path], None] | None = None) -> Path:
    """Build the Go program in a folder of ours, named like it; the cached folder is named by its contents."""
    files = sorted(path for path in sources.iterdir() if path.suffix in {".go", ".mod", ".sum"})
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]

    def make(folder: Path) -> None:
        _compile(sources, ".", folder / sources.name)
        if extra:
            extra(folder)

    return artifact(f"{sources.name}-{digest}", make)


def _etcd() -> Path:
    return compiled("etcd", {"etcd": "go.etcd.io/etcd/server/v3"})


def _kubernetes() -> Path:
    packages = {name: f"k8s.io/kubernetes/cmd/{name}" for name in _KUBERNETES}
    return compiled("kubernetes", packages, flags=kubernetes_stamp())


def kubernetes_stamp() -> str:
    """The linker's flags that tell a Kubernetes program its version."""
    version = _pinned("kubernetes")
    major, minor, _ = version.split(".")
    return "".join(
        f" -X {package}.gitVersion=v{version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    )


def _kwok() -> Path:
    """Build KWOK and keep the stages of its module, which plays nothing without them."""
    return compiled("kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, extra=_copy_stages)


def _copy_stages(folder: Path) -> None:
    stages = _module_folder(_HERE / "gomod" / "kwok", "sigs.k8s.io/kwok") / "kustomize" / "stage"
    (folder / "stages").mkdir()
    for name in ("node/fast/node-initialize.yaml", "pod/fast/pod-ready.yaml", "pod/fast/pod-delete.yaml"):
        shutil.copyfile(stages / name, folder / "stages" / Path(name).name)


def compiled(
    module: str,
    packages: Mapping[str, str],
    *,
    label: str = "",
    flags: str = "",
    extra: Callable[[Path], None] | None = None,
) -> Path:
    """Build programs of a pinned module; return the cached folder that holds them.

    Args:
        module: its folder in `cluster/gomod`.
        packages: the package of each program.
        label: the cached folder's name, when the module has more than one.
        flags: for the linker.
        extra: puts further files of the module into the folder.
    """

    def make(folder: Path) -> None:
        for program, package in packages.items():
            _compile(_HERE / "gomod" / module, package, folder / program, flags)
        if extra:
            extra(folder)

    return artifact(f"{label or module}-{_pinned(module)}", make)


def _pinned(name: str) -> str:
    text = (_HERE / "gomod" / name / "go.mod").read_text()
    match = re.search(r"^require \S+ v(\S+)$", text, re.MULTILINE)
    if not match:
        raise BuildError(f"cluster/gomod/{name}/go.mod pins no version")
    return match[1]


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GOFLAGS": "-buildvcs=false",
    }


def _compile(module: Path, package: str, target: Path, flags: str = "") -> None:
    started = time.monotonic()
    _say(f"building {target.name} ...")
    command = [go(), "build", "-trimpath", "-ldflags", f"-s -w{flags}", "-o", target, package]
    done = subprocess.run(
        command, cwd=module, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BuildError(f"building {target.name} failed:\n{done.stderr.strip()[-2000:]}")
    _say(f"built {target.name} in {time.monotonic() - started:.0f} s")


def _module_folder(module: Path, path: str) -> Path:
    command = [go(), "list", "-m", "-f", "{{.Dir}}", path]
    done = subprocess.run(
        command, cwd=module, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BuildError(f"cannot find the sources of {path}: {done.stderr.strip()[-400:]}")
    return Path(done.stdout.strip())


def _say(line: str) -> None:
    """Report progress at once: minutes pass in a first build."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
