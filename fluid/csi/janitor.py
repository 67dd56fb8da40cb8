"""Heals what a killed plugin, kubelet or FUSE process left on the node."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import structlog
from anyio import to_thread

from fluid.csi.bounded import HelperError
from fluid.csi.deciding import Health
from fluid.csi.mountinfo import MountTable
from fluid.csi.problems import CallError
from fluid.csi.publishing import Publishing
from fluid.csi.records import PublishedTarget, StagedVolume
from fluid.csi.staging import Staging
from fluid.csi.targets import Target, mounted_targets
from fluid.csi.watch import MountWatch
from fluid.kube import KubeError

_PAUSE = 60.0
_SETTLE = 2.0
"""Seconds that a FUSE mount may be dead before it is nobody's: who restarts it clears it first."""
_log = structlog.get_logger("fluid.csi.janitor")


@dataclass(frozen=True)
class Janitor:
    """Looks for what nobody will come back for.

    Attributes:
        staging: Volumes of the node.
        publishing: Targets of pods.
        watch: Tells when mounts change.
        kubelet: Root directory of the kubelet.
    """

    staging: Staging
    publishing: Publishing
    watch: MountWatch
    kubelet: Path

    async def heal(self) -> None:
        """What has to be right before the first call: mounts and records agree. Failures are only logged."""
        targets = await to_thread.run_sync(self._targets)
        records = await to_thread.run_sync(self.publishing.records.targets)
        known = {one.target: one for one in records}
        for target in targets:
            await self._settle(target, known.get(target.path))
        mounted = {target.path for target in targets}
        for record in records:
            if record.target not in mounted:
                await self._forget_unmade(record)
        for volume in await to_thread.run_sync(self.publishing.records.volumes):
            await self._unstage_forgotten(volume)

    async def run(self) -> None:
        """Take dead FUSE mounts away that no volume of this node needs, until cancelled."""
        suspects: set[str] = set()
        while True:
            change = self.watch.next_change()
            suspects = await self.sweep(suspects)
            await self.watch.wait(change, _SETTLE if suspects else _PAUSE)
            await anyio.sleep(_SETTLE)  # mounts change in bursts

    async def sweep(self, suspects: set[str]) -> set[str]:
        """Clear the suspects of the last look that are still dead; returns those of this one."""
        table = self.staging.mounts.table()
        dead: set[str] = set()
        needed = await to_thread.run_sync(self._needed)
        for point in self._abandoned(table, needed):
            try:
                if await self.staging.mounts.health(point) is not Health.DEAD:
                    continue
                if point in suspects:
                    await self.staging.clear(point)
                else:
                    dead.add(point)
            except (CallError, HelperError) as error:
                _log.warning("a dead mount stays", path=point, problem=str(error))
        return dead

    def _abandoned(self, table: MountTable, needed: set[str]) -> Sequence[str]:
        found = (point for point in table.below(self.staging.mount_root) if point not in needed)
        return [point for point in found if (top := table.top(point)) is not None and top.fuse]

    def _needed(self) -> set[str]:
        return {one.attributes.get("fluid_path", "") for one in self.staging.records.volumes()}

    def _targets(self) -> list[Target]:
        return [*mounted_targets(self.publishing.mounts.table(), self.kubelet)]

    async def _settle(self, target: Target, record: PublishedTarget | None) -> None:
        """A mount that the kubelet has forgotten goes; one that we do not know is noted, to be kept alive."""
        try:
            if target.volume_id and record is None:
                await self._adopt(target)
            elif not target.volume_id and record is not None:
                _log.info("the kubelet has forgotten a mount", target=target.path)
                await self.publishing.unpublish(record.volume_id, target.path)
        except (CallError, KubeError, OSError) as error:
            _log.warning("a target is left as it is", target=target.path, problem=str(error))

    async def _adopt(self, target: Target) -> None:
        volume, records = await self.staging.known(target.volume_id), self.publishing.records
        if volume is None:
            return
        if await to_thread.run_sync(records.volume, volume.id) is None:
            attributes = await self.staging.cluster.attributes(volume.id) or {}
            await to_thread.run_sync(records.stage, StagedVolume(volume_id=volume.id, attributes=attributes))
        async with self.publishing.locks.hold(target.path):  # what a call did meanwhile holds
            top = self.publishing.mounts.table().top(target.path)
            if top is None or await to_thread.run_sync(records.target, volume.id, target.path):
                return
            record = PublishedTarget(
                volume_id=volume.id, target=target.path, read_only=top.read_only, pod_uid=target.pod_uid
            )
            await to_thread.run_sync(records.publish, record)
        _log.info("mount of an earlier plugin adopted", target=target.path, volume=volume.id)

    async def _forget_unmade(self, record: PublishedTarget) -> None:
        """A record of a target that is nowhere: its publish never came to an end, or its unpublish did."""
        publishing, target = self.publishing, record.target
        if target in publishing.locks:
            return  # a call is at work that needs its record
        try:
            async with publishing.locks.hold(target):
                made = publishing.mounts.table().stack(target)
                if not made and not await to_thread.run_sync(Path(target).is_symlink):
                    await to_thread.run_sync(publishing.records.forget_target, record.volume_id, target)
        except OSError as error:
            _log.warning("a record is left as it is", target=target, problem=str(error))

    async def _unstage_forgotten(self, volume: StagedVolume) -> None:
        try:
            await self.staging.unstage_forgotten(volume)
        except (CallError, OSError) as error:
            _log.warning("a volume stays staged", volume=volume.volume_id, problem=str(error))
