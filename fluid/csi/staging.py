"""Stages volumes: labels the node for a volume's FUSE pod, and removes the label by the clean policy."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from anyio import to_thread

from fluid.csi.clean_policy import removes_fuse_label
from fluid.csi.cluster import Cluster
from fluid.csi.errors import CallError, ChangedError, Code, HelperError
from fluid.csi.locks import Locks
from fluid.csi.mounts import Mounts
from fluid.csi.records import Records, StagedVolume
from fluid.csi.steps import to_clear
from fluid.csi.volume import Volume, VolumeError
from fluid.kube import KubeError

_log = structlog.get_logger("fluid.csi.staging")


@dataclass(frozen=True)
class Staging:
    """Stages volumes on this node.

    Attributes:
        mounts: Looks at mounts and changes them.
        records: Records of staged volumes.
        cluster: The API server.
        mount_root: Directory below which all FUSE pods mount.
        locks: One lock for each volume, and one for each path: a call holds the lock of its volume, and that
            of the path while it looks at what else needs the FUSE pod there.
    """

    mounts: Mounts
    records: Records
    cluster: Cluster
    mount_root: str
    locks: Locks = field(default_factory=Locks)

    async def stage(self, volume: Volume, record: StagedVolume) -> None:
        """Label the node, so that the volume's FUSE pod is scheduled to it.

        Raises:
            CallError: the label is unknown, or the API server refused.
        """
        async with self.locks.hold(volume.id), self.locks.hold(volume.path):
            await self.clear(volume.path)
            try:
                label = await self.cluster.fuse_label(volume)
                if not label:
                    raise CallError(Code.FAILED_PRECONDITION, _no_label(volume))
                await to_thread.run_sync(self.records.stage, record)  # so that an unstage can undo it
                await self.cluster.add_label(label)
            except KubeError as error:
                raise _refused(volume.who, self.cluster.node, error) from error
        _log.info("staged", volume=volume.id, label=label)

    async def unstage(self, volume_id: str, staging_path: str = "") -> None:
        """Unstage a volume that no pod of this node uses any more; an unknown volume is unstaged already.

        A volume that is still published, as at a target that the kubelet has forgotten, stays recorded: the
        garbage collector unstages it once its last target is gone and the kubelet has removed the staging
        directory.

        Raises:
            CallError: the API server did not answer.
        """
        async with self.locks.hold(volume_id):
            await self._unstage(volume_id, staging_path)

    async def unstage_forgotten(self, volume_id: str) -> None:
        """Unstage a volume whose staging directory the kubelet removed, even if its call never arrived.

        Raises:
            CallError: as for unstage.
        """
        async with self.locks.hold(volume_id):  # a new stage has made the directory
            if await to_thread.run_sync(self._forgotten, volume_id):
                _log.info("the kubelet has forgotten a volume", volume=volume_id)
                await self._unstage(volume_id)

    def _forgotten(self, volume_id: str) -> bool:
        """Whether the kubelet has removed the staging directory of a recorded volume that is not published.

        The record of a volume that an earlier plugin staged names no directory, so that nothing can be told.
        """
        record = self.records.volume(volume_id)
        if record is None or not record.staging_path or Path(record.staging_path).exists():
            return False
        return not self.still_published(volume_id)

    async def note(self, record: StagedVolume) -> None:
        """Record a published volume that an earlier plugin staged; an existing record is kept."""
        if await to_thread.run_sync(self.records.volume, record.volume_id) is None:
            async with self.locks.hold(record.volume_id):
                await to_thread.run_sync(self.records.stage_unknown, record)

    async def described(self, volume_id: str) -> StagedVolume | None:
        """The record of a volume; without one, a new one by the volume's PersistentVolume.

        Raises:
            KubeError: there is no record, and the API server did not answer.
        """
        record = await to_thread.run_sync(self.records.volume, volume_id)
        if record is None and (attributes := await self.cluster.attributes(volume_id)) is not None:
            return StagedVolume(volume_id=volume_id, attributes=attributes)
        return record

    def read(self, record: StagedVolume) -> Volume | None:
        """Read the attributes of a volume; None if they describe no volume of this node."""
        try:
            return Volume.of(record.volume_id, record.attributes, self.mount_root)
        except VolumeError as error:
            _log.warning("not a volume of this node", volume=record.volume_id, problem=str(error))
            return None

    def volumes(self) -> dict[str, Volume]:
        """The recorded volumes of this node, by their ids."""
        found: dict[str, Volume] = {}
        for record in self.records.volumes():
            with suppress(VolumeError):  # logged when a call or the garbage collector needs it
                found[record.volume_id] = Volume.of(record.volume_id, record.attributes, self.mount_root)
        return found

    async def clear(self, path: str) -> None:
        """Unmount the dead mounts at a path; they would keep a FUSE pod from mounting there.

        Raises:
            CallError: the kernel refused.
        """
        try:
            while True:
                seen = await self.mounts.see(path)
                step = to_clear(seen)
                if step is None:
                    return
                try:
                    await self.mounts.take(path, step)
                    _log.info("dead mount taken away", path=path)
                except ChangedError:
                    continue
        except (HelperError, OSError) as error:
            message = f"cannot clear {path}: {error}; it is tried again"
            raise CallError(Code.UNAVAILABLE, message) from error

    def still_published(self, volume_id: str) -> list[str]:
        """Targets at which the volume is mounted, or at which a link to it exists."""
        table, targets = self.mounts.table(), [one.target for one in self.records.targets(volume_id)]
        return [target for target in targets if table.stack(target) or Path(target).is_symlink()]

    async def _unstage(self, volume_id: str, staging_path: str = "") -> None:
        try:
            record = await self.described(volume_id)
            published = await to_thread.run_sync(self.still_published, volume_id)
            if record is not None and published:
                kept = record.model_copy(update={"staging_path": record.staging_path or staging_path})
                await to_thread.run_sync(self.records.stage, kept)
                _log.info("unstaged once these targets are gone", volume=volume_id, targets=published)
                return
            if record is not None and (volume := self.read(record)) is not None:
                async with self.locks.hold(volume.path):
                    await self._give_up(volume)
                    await to_thread.run_sync(self.records.forget, volume_id)
        except KubeError as error:
            raise _refused(f"volume {volume_id}", self.cluster.node, error) from error
        await to_thread.run_sync(self.records.forget, volume_id)
        _log.info("unstaged", volume=volume_id)

    async def _give_up(self, volume: Volume) -> None:
        """Give the FUSE pod up, unless another volume shows its mount: a Dataset's, or a reference's."""
        known = await to_thread.run_sync(self.volumes)
        if others := [one.id for one in known.values() if one.path == volume.path and one.id != volume.id]:
            _log.info("its FUSE pod is needed", volume=volume.id, by=others)
            return
        if not removes_fuse_label(await self.cluster.clean_state(volume)):
            return
        label = await self.cluster.fuse_label(volume)
        if label:
            await self.cluster.remove_label(label)


def _no_label(volume: Volume) -> str:
    return (
        f"{volume.who}: nobody knows which node label brings its FUSE pod: the volume names none, and there"
        " is no Dataset to ask; add mount_pod_node_selector_key to the PersistentVolume's attributes"
    )


def _refused(who: str, node: str, error: KubeError) -> CallError:
    said = f"{who}, node {node}: the API server: {error.message}"
    if error.status in {403, 422}:
        rights = "compare the node plugin's rights and policies with what `fluid manifests --csi` prints"
        return CallError(Code.FAILED_PRECONDITION, f"{said}; {rights}")
    return CallError(Code.UNAVAILABLE, f"{said}; it is tried again")
