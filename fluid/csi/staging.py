"""Brings a volume's FUSE pod to the node, and lets it go when its runtime's clean policy says so."""

from dataclasses import dataclass, field
from pathlib import Path

import structlog
from anyio import to_thread

from fluid.csi.bounded import ChangedError, HelperError
from fluid.csi.cluster import Cluster
from fluid.csi.deciding import to_clear
from fluid.csi.locks import Locks
from fluid.csi.mounts import Mounts
from fluid.csi.policy import UnknownPolicyError, gives_up_fuse
from fluid.csi.problems import CallError, Code
from fluid.csi.records import Records, StagedVolume
from fluid.csi.volume import Volume, VolumeError
from fluid.kube import KubeError

_log = structlog.get_logger("fluid.csi.staging")


@dataclass(frozen=True)
class Staging:
    """Stages volumes on this node.

    Attributes:
        mounts: Looks at mounts and changes them.
        records: What is staged.
        cluster: The API server.
        mount_root: Below it are all FUSE mounts.
        locks: One call at a time for each volume.
    """

    mounts: Mounts
    records: Records
    cluster: Cluster
    mount_root: str
    locks: Locks = field(default_factory=Locks)

    async def stage(self, volume: Volume, record: StagedVolume) -> None:
        """Make the node one on which the volume's FUSE pod runs.

        Raises:
            CallError: nobody knows its label, or the API server refused.
        """
        async with self.locks.hold(volume.id):
            await self.clear(volume.path)
            try:
                label = await self.cluster.fuse_label(volume)
                if not label:
                    raise CallError(Code.FAILED_PRECONDITION, _no_label(volume))
                await to_thread.run_sync(self.records.stage, record)  # so that an unstage can undo the rest
                await self.cluster.add_label(label)
            except KubeError as error:
                raise _refused(volume.who, self.cluster.node, error) from error
        _log.info("staged", volume=volume.id, label=label)

    async def unstage(self, volume_id: str) -> None:
        """No pod of this node uses the volume any more; one that nobody knows is unstaged already.

        Raises:
            CallError: the API server did not answer, or the runtime's policy does not exist.
        """
        async with self.locks.hold(volume_id):
            await self._unstage(volume_id)

    async def unstage_forgotten(self, record: StagedVolume) -> None:
        """Unstage a volume whose staging directory the kubelet removed, whatever became of its call.

        Raises:
            CallError: as for unstage.
        """
        async with self.locks.hold(record.volume_id):  # a kubelet that stages it again has made the directory
            path = Path(record.staging_path) if record.staging_path else None
            if path is not None and not await to_thread.run_sync(path.exists):
                _log.info("the kubelet has forgotten a volume", volume=record.volume_id)
                await self._unstage(record.volume_id)

    async def known(self, volume_id: str) -> Volume | None:
        """A volume as it was staged, else as its PersistentVolume says.

        Raises:
            KubeError: there is no record, and the API server did not answer.
        """
        record = await to_thread.run_sync(self.records.volume, volume_id)
        attributes = record.attributes if record else await self.cluster.attributes(volume_id)
        if attributes is None:
            return None
        try:
            return Volume.of(volume_id, attributes, self.mount_root)
        except VolumeError as error:
            _log.warning("not a volume of this node", volume=volume_id, problem=str(error))
            return None

    async def clear(self, path: str) -> None:
        """Take away the dead mounts at a path, which would keep a FUSE pod from mounting there.

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
        """Targets at which the volume is mounted."""
        table = self.mounts.table()
        return [one.target for one in self.records.targets(volume_id) if table.stack(one.target)]

    async def _unstage(self, volume_id: str) -> None:
        try:
            volume = await self.known(volume_id)
            if volume is not None:
                await self._give_up(volume)
        except KubeError as error:
            raise _refused(f"volume {volume_id}", self.cluster.node, error) from error
        except UnknownPolicyError as error:
            raise CallError(Code.FAILED_PRECONDITION, str(error)) from error
        await to_thread.run_sync(self.records.forget, volume_id)
        _log.info("unstaged", volume=volume_id)

    async def _give_up(self, volume: Volume) -> None:
        published = await to_thread.run_sync(self.still_published, volume.id)
        if not gives_up_fuse(await self.cluster.leaving(volume, published)):
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
    code = Code.FAILED_PRECONDITION if error.status in {403, 422} else Code.UNAVAILABLE
    return CallError(code, f"{who}, node {node}: the API server: {error.message}")
