"""Write images as OCI tars, which any engine and runtime takes, without an engine."""

import gzip
import hashlib
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from cluster.api import Json

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_KIND = "application/vnd.oci.image."


@dataclass(frozen=True)
class Blob:
    """One file of an image, named by its digest."""

    media: str
    data: bytes

    @property
    def digest(self) -> str:
        """Its name."""
        return "sha256:" + hashlib.sha256(self.data).hexdigest()

    @property
    def descriptor(self) -> dict[str, Json]:
        """How another file refers to it."""
        return {"mediaType": self.media, "digest": self.digest, "size": len(self.data)}


def pack(root: Path) -> bytes:
    """A folder as a layer that depends on nothing but its contents."""
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(root.rglob("*")):
            archive.add(path, path.relative_to(root), recursive=False, filter=_plain)
    return packed.getvalue()


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = "root"
    return entry


def write(
    target: Path, name: str, layers: Sequence[bytes], config: Mapping[str, Json], *, compress: bool = True
) -> None:
    """Write an image.

    Args:
        target: the tar.
        name: with its tag, as pods name it.
        layers: tars, the lowest first.
        config: how it runs: `Entrypoint`, `User` and so on.
        compress: gzip the layers; an image that never leaves the machine is quicker without.
    """
    blobs = [_layer(layer, compress=compress) for layer in layers]
    about: dict[str, Json] = {
        "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [Blob("", layer).digest for layer in layers]},
    }
    described = _json(f"{_KIND}config.v1+json", about)
    parts: list[Json] = [blob.descriptor for blob in blobs]
    head: dict[str, Json] = {"schemaVersion": 2, "mediaType": f"{_KIND}manifest.v1+json"}
    manifest = _json(f"{_KIND}manifest.v1+json", {**head, "config": described.descriptor, "layers": parts})
    named: Json = {**manifest.descriptor, "annotations": _names(name)}
    index = _json(f"{_KIND}index.v1+json", {"schemaVersion": 2, "manifests": [named]})
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index.data}
    files |= {f"blobs/{blob.digest.replace(':', '/')}": blob.data for blob in (*blobs, described, manifest)}
    target.parent.mkdir(exist_ok=True)
    with tarfile.open(target, "w") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, BytesIO(data))


def _layer(layer: bytes, *, compress: bool) -> Blob:
    kind = f"{_KIND}layer.v1.tar"
    return Blob(f"{kind}+gzip", gzip.compress(layer, 6, mtime=0)) if compress else Blob(kind, layer)


def _names(name: str) -> dict[str, Json]:
    """Engines read the first; containerd wants the second, whole, or makes a name up."""
    whole = name if "/" in name else f"docker.io/library/{name}"
    return {"org.opencontainers.image.ref.name": name, "io.containerd.image.name": whole}


def _json(media: str, content: Mapping[str, Json]) -> Blob:
    return Blob(media, json.dumps(content, sort_keys=True).encode())
