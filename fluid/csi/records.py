"""What the plugin has to know again after a restart: volumes staged here and targets they are published at.

One small file each, replaced at once. A call writes before it acts and deletes after it has undone, so that
what is mounted is always known; a record of what never came to be does no harm.
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
"""Attempts to write: who forgets another record meanwhile takes the empty folder away."""


class StagedVolume(BaseModel):
    """A volume that the kubelet staged on this node."""

    volume_id: str
    attributes: dict[str, str]
    staging_path: str = ""


class PublishedTarget(BaseModel):
    """A path of a pod at which a volume is published.

    Attributes:
        devices: Of the FUSE mounts that the pod's containers may show; empty unless they are being renewed.
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
        """The pod, for people."""
        return f"{self.pod_namespace}/{self.pod_name}" if self.pod_name else f"with UID {self.pod_uid}"


R = TypeVar("R", bound=BaseModel)


@dataclass(frozen=True)
class Records:
    """The files below one folder.

    Attributes:
        folder: Where they are; made when something is written.
    """

    folder: Path

    def stage(self, volume: StagedVolume) -> None:
        """Note a volume."""
        _write(self._folder(volume.volume_id) / _VOLUME, volume)

    def stage_unknown(self, volume: StagedVolume) -> None:
        """Note a volume that is published and was staged by an earlier plugin."""
        if self.volume(volume.volume_id) is None:
            self.stage(volume)

    def publish(self, target: PublishedTarget) -> None:
        """Note a target."""
        _write(self._target(target.volume_id, target.target), target)

    def target(self, volume_id: str, target: str) -> PublishedTarget | None:
        """A published target."""
        return _read(self._target(volume_id, target), PublishedTarget)

    def volume(self, volume_id: str) -> StagedVolume | None:
        """A staged volume."""
        return _read(self._folder(volume_id) / _VOLUME, StagedVolume)

    def volumes(self) -> list[StagedVolume]:
        """All staged volumes."""
        return [*self._all(_VOLUME, StagedVolume)]

    def targets(self, volume_id: str = "") -> list[PublishedTarget]:
        """The targets of one volume, or of all."""
        return [*self._all("target-*.json", PublishedTarget, volume_id)]

    def forget_target(self, volume_id: str, target: str) -> None:
        """A target is gone; the folder goes with the last one of a volume that is no longer staged."""
        self._target(volume_id, target).unlink(missing_ok=True)
        self._tidy(volume_id)

    def forget(self, volume_id: str) -> None:
        """A volume is no longer staged; its folder stays while a target is in it."""
        (self._folder(volume_id) / _VOLUME).unlink(missing_ok=True)
        self._tidy(volume_id)

    def _tidy(self, volume_id: str) -> None:
        with suppress(OSError):  # something is in it, or there at any time: calls go on beside this one
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
    """What is in a folder; one that is gone meanwhile is empty (`Path.glob` of Python 3.11 would fail)."""
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
