"""Volumes of a component's pods: Fluid's own, those that a user adds, and what can be a name.

Names of volumes, Secrets, ConfigMaps, claims and keys are looked at before anything with the name is sent.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from fluid.charts import ChartValues
from fluid.engines.core.errors import InvalidSpec, Subject, Whose
from fluid.models import Volume, VolumeMount

_OBJECT = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
_VOLUME = re.compile(r"(?=.{1,63}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


class DataVolume(ChartValues):
    """A directory for cached data or metadata, or a directory of the nodes that is a source."""

    name: str
    """What follows `datavolume-` in the volume's name."""
    path: str
    type: Literal["hostPath", "emptyDir"] = "hostPath"
    medium: str = ""
    """Medium of an emptyDir: `Memory`, or empty for the node's default."""
    size_limit: str | None = None
    """Size limit of an emptyDir, as a quantity."""


@dataclass
class Attachments:
    """Volumes by name, and their mounts by path: what is added twice is there once.

    Functions that add to it refuse a path that is taken; adding itself refuses nothing.
    """

    volumes: dict[str, Volume] = field(default_factory=dict[str, Volume])
    mounts: dict[str, VolumeMount] = field(default_factory=dict[str, VolumeMount])

    def add(self, volume: Volume, mount: VolumeMount) -> None:
        """Add a volume and the place where it is mounted."""
        self.volumes[volume.name] = volume
        self.mounts[mount.mount_path] = mount

    @property
    def revision(self) -> str:
        """Hash of all: pods with another one lack a volume, or have one too many."""
        return revision_of([one.to_wire() for one in (*self.volumes.values(), *self.mounts.values())])


def revision_of(content: Mapping[str, object] | Sequence[object]) -> str:
    """Hash of what pods read when they start; with another one they have to be replaced."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def volume_name(prefix: str, text: str) -> str:
    """A name for a volume of something whose own name may be too long, or no name: the same for the same."""
    return f"{prefix}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def volumes_by_name(volumes: Sequence[Volume] | None, subject: Subject = Whose.RUNTIME) -> dict[str, Volume]:
    """A user's volumes.

    Args:
        volumes: The field `spec.volumes`.
        subject: The object whose field it is.

    Raises:
        InvalidSpec: Two different ones have one name.
    """
    found: dict[str, Volume] = {}
    for index, volume in enumerate(volumes or ()):
        if found.setdefault(volume.name, volume) != volume:
            raise InvalidSpec(
                subject,
                f"spec.volumes[{index}].name",
                f"{volume.name[:63]!r} is another volume's too",
                "Rename one of them",
            )
    return found


def mounted_volumes(
    mounts: Sequence[VolumeMount],
    volumes: Mapping[str, Volume],
    field: str,
    *,
    reserved: Collection[str] = (),
    offered: Collection[str] = (),
    where: str = "",
) -> list[Volume]:
    """The volumes of a user that a component mounts, each once, in the order of the mounts.

    Args:
        mounts: The user's mounts.
        volumes: The user's volumes by name; those that nothing mounts are left out.
        field: Field of a mount for messages; `{}` in it stands for the index.
        reserved: Names of the chart's own volumes, or their beginnings with a `*`: no volume may have them.
        offered: Names of the chart's own volumes that a user may mount once more.
        where: Where the volume was looked for, as a part of a sentence.

    Raises:
        InvalidSpec: A mount names no volume, or its volume has a name that is reserved.
    """
    names: dict[str, None] = {}
    for index, mount in enumerate(mounts):
        name = mount.name
        if name not in volumes and name in offered:
            continue
        if name not in volumes:
            message = f"there is no volume {name[:63]!r}{where}"
            raise InvalidSpec(Whose.RUNTIME, field.format(index), message, "Add it to spec.volumes")
        if any(name == one or (one.endswith("*") and name.startswith(one[:-1])) for one in reserved):
            message = f"{name[:63]!r} is one of Fluid's own volumes"
            raise InvalidSpec(Whose.RUNTIME, field.format(index), message, "Choose another name")
        names[name] = None
    return [volumes[name] for name in names]


def is_object_name(text: str) -> bool:
    """Whether a text can be the name of a Secret, a ConfigMap or a claim."""
    return _OBJECT.fullmatch(text) is not None


def is_volume_name(text: str) -> bool:
    """Whether a text can be the name of a volume of a pod."""
    return _VOLUME.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether a text can be a key of a Secret or a ConfigMap, and so the name of a file."""
    return _KEY.fullmatch(text) is not None and text not in (".", "..")
