"""The control plane's programs, from pinned Go modules (versions: `cluster/gomod/*/go.mod`)."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.cache import BuildError
from cluster.compiling import Recipe, compile_all, environment
from cluster.toolchain import go

__all__ = [
    "BuildError",
    "CorePrograms",
    "Programs",
    "answerer",
    "build",
    "core",
    "csi_sanity",
    "extras",
    "kubernetes_stamp",
    "module",
    "own",
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
    return Programs(*compile_all([*core(), _kwok(), _answerer()]))


def core() -> list[Recipe]:
    """What every cluster has: etcd and Kubernetes, as `CorePrograms` names them."""
    packages = {name: f"k8s.io/kubernetes/cmd/{name}" for name in _KUBERNETES}
    return [
        module("etcd", {"etcd": "go.etcd.io/etcd/server/v3"}),
        module("kubernetes", packages, flags=kubernetes_stamp()),
    ]


def answerer() -> Path:
    """Build the answerer alone; return the folder that holds it as `answerer`, `jindocache` and `jindo`."""
    return compile_all([_answerer()])[0]


def csi_sanity() -> Path:
    """Build the specs that every CSI plugin has to meet, and nothing else; return the program."""
    return compile_all([_csi_sanity()])[0] / "csi-sanity"


def extras() -> list[Recipe]:
    """What tests on simulated nodes and the specs of CSI plugins need besides."""
    return [_csi_sanity(), _kwok(), _answerer()]


def own(sources: Path, extra: Callable[[Path], None] | None = None) -> Recipe:
    """The Go program of a folder of this checkout, named like it; its contents name the cached folder."""
    files = sorted(path for path in sources.iterdir() if path.suffix in {".go", ".mod", ".sum"})
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]
    return Recipe(f"{sources.name}-{digest}", sources, {sources.name: "."}, extra=extra)


def module(
    name: str,
    programs: Mapping[str, str],
    *,
    label: str = "",
    flags: str = "",
    extra: Callable[[Path], None] | None = None,
) -> Recipe:
    """Programs of a pinned module.

    Args:
        name: its folder in `cluster/gomod`.
        programs: the package of each; where there are several, named like the package.
        label: the cached folder's name, when the module has more than one.
        flags: for the linker.
        extra: puts further files of the module into the folder.
    """
    return Recipe(f"{label or name}-{_pinned(name)}", _HERE / "gomod" / name, programs, flags, extra)


def kubernetes_stamp() -> str:
    """The linker's flags that tell a Kubernetes program its version."""
    version = _pinned("kubernetes")
    major, minor, _ = version.split(".")
    return "".join(
        f" -X {package}.gitVersion=v{version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    )


def _csi_sanity() -> Recipe:
    return module("csi-test", {"csi-sanity": "github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity"})


def _answerer() -> Recipe:
    def aliases(folder: Path) -> None:
        for name in ("jindocache", "jindo"):
            (folder / name).symlink_to("answerer")

    return own(_HERE / "answerer", aliases)


def _kwok() -> Recipe:
    """KWOK with the stages of its module, which plays nothing without them."""
    return module("kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, extra=_copy_stages)


def _copy_stages(folder: Path) -> None:
    stages = _module_folder(_HERE / "gomod" / "kwok", "sigs.k8s.io/kwok") / "kustomize" / "stage"
    (folder / "stages").mkdir()
    for name in ("node/fast/node-initialize.yaml", "pod/fast/pod-ready.yaml", "pod/fast/pod-delete.yaml"):
        shutil.copyfile(stages / name, folder / "stages" / Path(name).name)


def _pinned(name: str) -> str:
    text = (_HERE / "gomod" / name / "go.mod").read_text()
    match = re.search(r"^require \S+ v(\S+)$", text, re.MULTILINE)
    if not match:
        raise BuildError(f"cluster/gomod/{name}/go.mod pins no version")
    return match[1]


def _module_folder(module: Path, path: str) -> Path:
    command = [go(), "list", "-m", "-f", "{{.Dir}}", path]
    done = subprocess.run(command, cwd=module, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"cannot find the sources of {path}: {done.stderr.strip()[-400:]}")
    return Path(done.stdout.strip())
