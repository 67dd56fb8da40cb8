"""Records of staged volumes and published targets, which the plugin needs again after a restart.

Each record is a small file that is replaced atomically. A call writes the record before it mounts, and
deletes the record after it has unmounted. So each mount has a record; a record without a mount does no harm.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import structlog
from pydantic import BaseModel

_log = structlog.get_logger("fluid.csi.records")
_VOLUME = "volume.json"
_LONGEST = 200
_WRITES = 5
"""Attempts to write: another call that deletes the last record of a volume removes the empty folder."""


class StagedVolume(BaseModel):
    """A volume that the kubelet staged on this node."""

    volume_id: str
    attributes: dict[str, str]
    staging_path: str = ""


class PublishedTarget(BaseModel):
    """A target: a path of a pod at which a volume is published.

    Attributes:
        devices: Devices of FUSE mounts that the pod's containers may show; empty unless a renewal of the
            containers is unfinished.
    """

    volume_id: str
    target: str
    read_only: bool = True
    pod_namespace: str = ""
    pod_name: str = ""
    pod_uid: str = ""
    devices: list[str] = []

    @property
    def pod(self) -> str:
        """The pod, for messages."""
        return f"{self.pod_namespace}/{self.pod_name}" if self.pod_name else f"with UID {self.pod_uid}"


R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Records:
    """The record files below one folder.

    Attributes:
        folder: The folder, which is created with the first record.
    """

    folder: Path

    def stage(self, volume: StagedVolume) -> None:
        """Write the record of a staged volume."""
        _write(self._folder(volume.volume_id) / _VOLUME, volume)

    def stage_unknown(self, volume: StagedVolume) -> None:
        """Write the record of a volume unless it has one, because an earlier plugin staged it."""
        if self.volume(volume.volume_id) is None:
            self.stage(volume)

    def publish(self, target: PublishedTarget) -> None:
        """Write the record of a target."""
        _write(self._target(target.volume_id, target.target), target)

    def target(self, volume_id: str, target: str) -> PublishedTarget | None:
        """The record of a target; None without one."""
        return _read(self._target(volume_id, target), PublishedTarget)

    def volume(self, volume_id: str) -> StagedVolume | None:
        """The record of a volume; None without one."""
        return _read(self._folder(volume_id) / _VOLUME, StagedVolume)

    def volumes(self) -> list[StagedVolume]:
        """The records of all volumes."""
        return [*self._all(_VOLUME, StagedVolume)]

    def targets(self, volume_id: str = "") -> list[PublishedTarget]:
        """The records of the targets of one volume, or of all volumes."""
        return [*self._all("target-*.json", PublishedTarget, volume_id)]

    def forget_target(self, volume_id: str, target: str) -> None:
        """Delete the record of a target, and the volume's folder if that was its last record."""
        self._target(volume_id, target).unlink(missing_ok=True)
        self._tidy(volume_id)

    def forget(self, volume_id: str) -> None:
        """Delete the record of a volume, and its folder unless it has records of targets."""
        (self._folder(volume_id) / _VOLUME).unlink(missing_ok=True)
        self._tidy(volume_id)

    def _tidy(self, volume_id: str) -> None:
        with suppress(OSError):  # it has records, or another call has just written one
            self._folder(volume_id).rmdir()

    def _folder(self, volume_id: str) -> Path:
        name = quote(volume_id, safe="").replace(".", "%2E").replace("*", "%2A")
        return self.folder / (name if len(name) <= _LONGEST else hashlib.sha256(name.encode()).hexdigest())

    def _target(self, volume_id: str, target: str) -> Path:
        digest = hashlib.sha256(target.encode(errors="surrogateescape")).hexdigest()
        return self._folder(volume_id) / f"target-{digest[:32]}.json"

    def _all(self, pattern: str, model: type[R], volume_id: str = "") -> Iterator[R]:
        folders = [self._folder(volume_id)] if volume_id else _entries(self.folder)
        files = (file for folder in folders for file in _entries(folder) if file.match(pattern))
        return (record for file in files if (record := _read(file, model)) is not None)


def _entries(folder: Path) -> list[Path]:
    """The entries of a folder; none if the folder is gone (`Path.glob` of Python 3.11 would fail)."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _write(path: Path, record: BaseModel) -> None:
    fresh = path.with_suffix(".new")
    for left in reversed(range(_WRITES)):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            fresh.write_text(record.model_dump_json(), encoding="utf-8")
        except FileNotFoundError:
            if not left:
                raise
        else:
            break
    fresh.replace(path)


def _read(path: Path, model: type[R]) -> R | None:
    try:
        return model.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _log.warning("record left out", file=str(path), problem=str(error).splitlines()[0])
        return None
