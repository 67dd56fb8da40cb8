"""Reads the attributes of a volume, as the operator and existing installations write them."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from fluid.csi.mountinfo import MountTable
from fluid.naming import (
    CSI_CONTEXT,
    NODE_PUBLISH_METHOD,
    SKIP_CHECK_MOUNT_READY,
    SYMLINK,
    VOLUME_MOUNT_TYPE,
    VOLUME_NODE_LABEL,
    VOLUME_PATH,
    VOLUME_PUBLISH_METHOD,
    VOLUME_RUNTIME_NAME,
    VOLUME_RUNTIME_NAMESPACE,
    VOLUME_SUB_PATH,
)
from fluid.naming import FUSE_PREFIX as LABEL_PREFIX
from fluid.types import Key

_POD = f"{CSI_CONTEXT}pod."
_SKIPPING = frozenset({"All", "MountPod"})
_LABEL_LENGTH = len("fluid.io/") + 63


class VolumeError(ValueError):
    """The attributes of a volume are wrong; the message names the volume and what to correct."""


@dataclass(frozen=True, slots=True)
class Pod:
    """The pod that a volume is published for, as the kubelet names it."""

    namespace: str
    name: str
    uid: str

    def __str__(self) -> str:
        """``namespace/name``, or the UID if no name is known."""
        return f"{self.namespace}/{self.name}" if self.name else self.uid

    @classmethod
    def of(cls, context: Mapping[str, str]) -> Self:
        """The pod in a publish request's volume context."""
        return cls(*(context.get(_POD + part, "") for part in ("namespace", "name", "uid")))


@dataclass(frozen=True, slots=True)
class Volume:
    """The volume of one Dataset.

    Attributes:
        id: Volume handle.
        path: Path on the node where the FUSE pod mounts the cache.
        mount_type: Text that the line of that mount in the mount table must contain.
        runtime: Key of the runtime (and Dataset) of the volume; None if the attributes do not name it.
        sub_path: The part of the cache that is published; empty for all of it.
        label: Node label that the FUSE pods require; empty if the attributes do not name it.
        symlink: Whether pods get a link instead of a bind mount.
        unchecked: Whether to publish without waiting for the mount.
    """

    id: str
    path: str
    mount_type: str
    runtime: Key | None = None
    sub_path: str = ""
    label: str = ""
    symlink: bool = False
    unchecked: bool = False

    @classmethod
    def of(cls, volume_id: str, attributes: Mapping[str, str], mount_root: str) -> Self:
        """Read a volume's attributes.

        Raises:
            VolumeError: the attributes do not describe a volume of Fluid below the mount root.
        """
        path = _checked_path(volume_id, attributes.get(VOLUME_PATH, ""), mount_root)
        namespace, name = (
            attributes.get(VOLUME_RUNTIME_NAMESPACE, ""),
            attributes.get(VOLUME_RUNTIME_NAME, ""),
        )
        skipped = {one.strip() for one in attributes.get(SKIP_CHECK_MOUNT_READY, "").split(",")}
        method = attributes.get(VOLUME_PUBLISH_METHOD) or attributes.get(NODE_PUBLISH_METHOD, "")
        return cls(
            id=volume_id,
            path=path,
            mount_type=attributes.get(VOLUME_MOUNT_TYPE, ""),
            runtime=Key(namespace, name) if namespace and name else None,
            sub_path=_checked_sub_path(volume_id, attributes.get(VOLUME_SUB_PATH, "")),
            label=checked_label(volume_id, attributes.get(VOLUME_NODE_LABEL, "")),
            symlink=method == SYMLINK,
            unchecked=not skipped.isdisjoint(_SKIPPING),
        )

    @property
    def source(self) -> str:
        """The directory of the node that pods see."""
        return posixpath.join(self.path, self.sub_path) if self.sub_path else self.path

    def missing_mount(self, table: MountTable) -> str:
        """Why the mount at the volume's path is not a FUSE mount of the volume; empty if it is one."""
        top = table.top(self.path)
        if top is None:
            return "nothing is mounted there"
        if self.mount_type not in top.line:
            return f"what is mounted there is of type {top.type!r} and not {self.mount_type!r}"
        return ""

    @property
    def who(self) -> str:
        """The Dataset, for messages: by its key, or by the name of the volume if the key is unknown."""
        return f"Dataset {self.runtime}" if self.runtime else f"volume {self.id}"


def _checked_path(volume_id: str, path: str, mount_root: str) -> str:
    if not path:
        raise VolumeError(
            f"volume {volume_id}: attribute {VOLUME_PATH} is missing; it names the directory on the node"
            " where the cache is mounted, see spec.csi.volumeAttributes of the PersistentVolume"
        )
    clean = posixpath.normpath(path)
    below = mount_root.rstrip("/") + "/"
    if not path.startswith("/") or ".." in path.split("/") or not clean.startswith(below):
        raise VolumeError(
            f"volume {volume_id}: {VOLUME_PATH} {path!r} is not below {mount_root}, where caches are mounted"
            " on this node; correct the PersistentVolume, or start the node plugin with another --mount-root"
        )
    return clean


def _checked_sub_path(volume_id: str, path: str) -> str:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise VolumeError(
            f"volume {volume_id}: {VOLUME_SUB_PATH} {path!r} leads out of the Dataset; write it without '..'"
        )
    return "/".join(parts)


def checked_label(volume_id: str, label: str) -> str:
    """Return a label that the plugin may set on its node; an empty label is allowed.

    Raises:
        VolumeError: the label is not one of a FUSE pod.
    """
    if label and not (label.startswith(LABEL_PREFIX) and len(LABEL_PREFIX) < len(label) <= _LABEL_LENGTH):
        raise VolumeError(
            f"volume {volume_id}: {VOLUME_NODE_LABEL} {label!r} is no label of a FUSE pod; it has to begin"
            f" with {LABEL_PREFIX} and be a valid label, correct the PersistentVolume"
        )
    return label
