"""Finds the mounts of our driver in the pods' directories of the kubelet, whoever made them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fluid.csi.mountinfo import MountTable
from fluid.naming import CSI_DRIVER

_PLUGIN = "kubernetes.io~csi"
_DATA = "vol_data.json"


@dataclass(frozen=True, slots=True)
class Target:
    """A mount at a path that the kubelet prepared for a pod.

    Attributes:
        path: The path.
        pod_uid: The pod.
        volume_id: The volume; empty when the kubelet has already forgotten the target.
    """

    path: str
    pod_uid: str
    volume_id: str


def mounted_targets(table: MountTable, kubelet: Path) -> Iterator[Target]:
    """The targets of our driver at which something is mounted. Reads the kubelet's own files alone."""
    pods = kubelet / "pods"
    for point in table.below(str(pods)):
        path = Path(point)
        parts = path.relative_to(pods).parts
        # <pod UID>/volumes/kubernetes.io~csi/<PersistentVolume>/mount
        if len(parts) != 5 or parts[1:3] != ("volumes", _PLUGIN) or parts[4] != "mount":
            continue
        data = _volume_data(path.parent / _DATA)
        if data is None:
            yield Target(point, parts[0], "")
        elif data.get("driverName") == CSI_DRIVER:
            yield Target(point, parts[0], str(data.get("volumeHandle", "")))


def forgotten(target: str) -> bool:
    """Whether the kubelet keeps nothing of a target: it notes it before it publishes, until it is gone."""
    return _volume_data(Path(target).parent / _DATA) is None


def _volume_data(path: Path) -> dict[str, object] | None:
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}
