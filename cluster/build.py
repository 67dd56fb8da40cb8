"""Build the control plane's programs from pinned Go modules (versions: `cluster/gomod/*/go.mod`)."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cluster.cache import BuildError, artifact
from cluster.toolchain import go

__all__ = ["BuildError", "Programs", "answerer", "build"]

_HERE = Path(__file__).parent
_KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")


@dataclass(frozen=True)
class Programs:
    """Folders of the built programs."""

    etcd: Path
    kubernetes: Path
    kwok: Path
    answerer: Path


def build() -> Programs:
    """Build what is not in the cache yet; takes milliseconds when all of it is.

    Raises:
        BuildError: no Go toolchain to be had, or a build failed.
    """
    return Programs(etcd=_etcd(), kubernetes=_kubernetes(), kwok=_kwok(), answerer=answerer())


def answerer() -> Path:
    """Build the answerer alone; return the folder that holds it as `answerer`, `jindocache` and `jindo`."""
    sources = sorted(
        path for path in (_HERE / "answerer").iterdir() if path.suffix in {".go", ".mod", ".sum"}
    )
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:12]

    def make(folder: Path) -> None:
        _compile(_HERE / "answerer", ".", folder / "answerer")
        for name in ("jindocache", "jindo"):
            (folder / name).symlink_to("answerer")

    return artifact(f"answerer-{digest}", make)


def _etcd() -> Path:
    return _module("etcd", {"etcd": "go.etcd.io/etcd/server/v3"})


def _kubernetes() -> Path:
    version = _pinned("kubernetes")
    major, minor, _ = version.split(".")
    stamp = "".join(
        f" -X {package}.gitVersion=v{version} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    )
    return _module("kubernetes", {name: f"k8s.io/kubernetes/cmd/{name}" for name in _KUBERNETES}, stamp)


def _kwok() -> Path:
    """Build KWOK and keep the stages of its module, which plays nothing without them."""
    return _module("kwok", {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}, extra=_copy_stages)


def _copy_stages(folder: Path) -> None:
    stages = _module_folder(_HERE / "gomod" / "kwok", "sigs.k8s.io/kwok") / "kustomize" / "stage"
    (folder / "stages").mkdir()
    for name in ("node/fast/node-initialize.yaml", "pod/fast/pod-ready.yaml", "pod/fast/pod-delete.yaml"):
        shutil.copyfile(stages / name, folder / "stages" / Path(name).name)


def _module(
    name: str, packages: dict[str, str], flags: str = "", extra: Callable[[Path], None] | None = None
) -> Path:
    def make(folder: Path) -> None:
        for program, package in packages.items():
            _compile(_HERE / "gomod" / name, package, folder / program, flags)
        if extra:
            extra(folder)

    return artifact(f"{name}-{_pinned(name)}", make)


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
