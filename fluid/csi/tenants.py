"""Whose a FUSE file system is: what one tenant's clients do not answer is counted against that tenant."""

from dataclasses import dataclass, field
from pathlib import Path

from fluid.csi.lines import fuse_line
from fluid.csi.mountinfo import SELF
from fluid.csi.options import MOUNT_ROOT

_NAMESPACE, _DEPTH = 1, 3


@dataclass
class Tenants:
    """Namespaces of Datasets by the devices of their FUSE mounts.

    Attributes:
        mount_root: Below it are all FUSE mounts: ``TYPE/NAMESPACE/NAME/…``.
        table: Where mounts are told.
    """

    mount_root: str = MOUNT_ROOT
    table: Path = SELF
    _known: dict[str, str] = field(default_factory=dict[str, str])

    def of(self, device: str) -> str:
        """The namespace of the Dataset; of a device that nobody has seen at its place, the device itself.

        One whose mount is gone from its place, but not from pods, is still that tenant's.
        """
        devices, below = frozenset({device}), self.mount_root.rstrip("/") + "/"
        with self.table.open("rb") as lines:
            for line in lines:
                mount = fuse_line(line.decode("utf-8", errors="surrogateescape").rstrip("\n"), devices)
                if mount is None or not mount.point.startswith(below):
                    continue
                parts = mount.point.removeprefix(below).split("/")
                if len(parts) >= _DEPTH:
                    self._known[device] = parts[_NAMESPACE]
                    break
        return self._known.get(device, device)
