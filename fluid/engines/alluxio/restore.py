"""A backup that a new journal begins with: `spec.dataRestoreLocation` of a Dataset."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fluid.engines import api
from fluid.models import (
    AlluxioRuntime,
    Dataset,
    HostPathVolumeSource,
    PersistentVolumeClaimVolumeSource,
    Volume,
    VolumeMount,
)
from fluid.types.untrusted import whole_number

_VOLUME = "alluxio-backup"
_FIELD = "spec.dataRestoreLocation"


@dataclass(frozen=True)
class Restore:
    """Where the files of a backup are.

    Attributes:
        folder: Their folder in the pods of the masters, with a slash at the end.
        volume: The volume with the folder.
        mount: Where it is mounted.
        node_selector: The node that has it; empty for any.
    """

    folder: str
    volume: Volume
    mount: VolumeMount
    node_selector: Mapping[str, str] = field(default_factory=dict[str, str])

    def journal(self, runtime: AlluxioRuntime) -> str:
        """The file with the metadata."""
        return f"{self.folder}metadata-backup-{runtime.name}-{runtime.namespace}.gz"

    def totals(self, runtime: AlluxioRuntime) -> str:
        """The file with size and number of the sources' files."""
        return f"{self.folder}{runtime.name}-{runtime.namespace}.yaml"


def restore_of(dataset: Dataset) -> Restore | None:
    """The backup that a Dataset names; None for none.

    Raises:
        InvalidSpec: It is neither in a claim nor in a directory of a node that is named.
    """
    location = dataset.spec.data_restore_location
    path = (location.path if location else None) or ""
    if location is None or not path:
        return None
    place, _, rest = path.partition("://")
    folder = rest.strip("/") if place == "local" else rest.partition("/")[2].strip("/")
    if place not in ("pvc", "local") or any(part in ("", "..") for part in folder.split("/") if folder):
        fix = "Write pvc://<claim>/<folder> or local://<folder>"
        raise api.InvalidSpec(api.Whose.DATASET, f"{_FIELD}.path", f"{path[:80]!r} is no place", fix)
    if place == "pvc":
        claim = rest.partition("/")[0]
        if not api.volumes.is_object_name(claim):
            fix = "Write pvc://<claim>/<folder>"
            raise api.InvalidSpec(api.Whose.DATASET, f"{_FIELD}.path", f"{path[:80]!r} names no claim", fix)
        source = PersistentVolumeClaimVolumeSource(claim_name=claim)
        inside = f"/pvc/{folder}/" if folder else "/pvc/"
        volume = Volume(name=_VOLUME, persistent_volume_claim=source)
        return Restore(inside, volume, VolumeMount(name=_VOLUME, mount_path="/pvc"))
    if not location.node_name:
        problem, fix = "is needed for a local backup", "Name the node that has it"
        raise api.InvalidSpec(api.Whose.DATASET, f"{_FIELD}.nodeName", problem, fix)
    host = HostPathVolumeSource(path=f"/{folder}", type="Directory")
    mount = VolumeMount(name=_VOLUME, mount_path="/host")
    return Restore(
        "/host/",
        Volume(name=_VOLUME, host_path=host),
        mount,
        {"kubernetes.io/hostname": location.node_name},
    )


def parse_totals(text: str) -> tuple[int, int] | None:
    """(files, bytes) of the file that a backup writes; None when a line is missing or is no number."""
    lines = (line.partition(": ") for line in api.lines_of(text)[:16])
    said = {key.strip(): whole_number(value.strip()) for key, _, value in lines}
    files, size = said.get("filenum"), said.get("ufstotal")
    return None if files is None or size is None else (files, size)
