"""The garbage collector: removes what a killed plugin, kubelet or FUSE process left on the node.

It also adopts mounts that an earlier plugin made, so that they are recovered like all others.
"""

import json
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import structlog
from anyio import to_thread

from fluid.csi.errors import CallError, HelperError
from fluid.csi.mountinfo import MountTable, MountWatch
from fluid.csi.publishing import Publishing
from fluid.csi.records import PublishedTarget, StagedVolume
from fluid.csi.staging import Staging
from fluid.csi.steps import Health
from fluid.kube import Backoff, KubeError
from fluid.naming import CSI_DRIVER

_PAUSE = 60.0
"""Seconds between two searches for dead mounts while the mount table does not change."""
_SELDOM = 600.0
"""Seconds between two comparisons of mounts and records while they agree."""
_SETTLE = 2.0
"""Seconds for which a FUSE mount must stay dead: a FUSE pod that restarts clears its own dead mount."""
_log = structlog.get_logger("fluid.csi.garbage_collector")
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


@dataclass(frozen=True)
class GarbageCollector:
    """Removes mounts and records that no call of the kubelet will remove any more.

    Attributes:
        staging: Volumes of the node.
        publishing: Targets of pods.
        watch: Tells when mounts change.
        kubelet: Root directory of the kubelet.
        soon: Delays before what failed is tried again.
    """

    staging: Staging
    publishing: Publishing
    watch: MountWatch
    kubelet: Path
    soon: Backoff = field(default_factory=lambda: Backoff(base=5.0, cap=300.0))

    async def run(self) -> None:
        """Reconcile, and sweep dead FUSE mounts, until cancelled.

        The two loops do not wait for each other, nor do calls and recovery wait for them. After a failure,
        everything is reconciled again soon; otherwise seldom.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._reconcile_loop)
            tasks.start_soon(self._sweep_loop)

    async def _reconcile_loop(self) -> None:
        failures = 0
        while True:
            try:
                failures = 0 if await self.reconcile() else failures + 1
            except Exception:  # noqa: BLE001 - an unexpected error must not end the plugin
                _log.exception("cannot compare mounts and records; they are looked at again")
                failures += 1
            await anyio.sleep(self.soon.delay(failures - 1) if failures else _SELDOM)

    async def _sweep_loop(self) -> None:
        suspects: set[str] = set()
        while True:
            change = self.watch.next_change()
            try:
                suspects = await self.sweep(suspects)
            except Exception:  # noqa: BLE001 - an unexpected error must not end the plugin
                _log.exception("cannot look for dead mounts; they are looked for again")
                suspects = set()
            await self.watch.wait(change, _SETTLE if suspects else _PAUSE)
            await anyio.sleep(_SETTLE)  # mounts change in bursts

    async def reconcile(self) -> bool:
        """Make mounts, records and the kubelet's own files agree.

        Where they agree, nothing is asked of any file system or of the API server. The effect of a concurrent
        call is kept: each difference is checked again under the lock of its target or volume, or skipped
        while a call holds that lock.

        Returns:
            Whether all differences were settled; a failure is logged.
        """
        targets = await to_thread.run_sync(self._targets)
        records = await to_thread.run_sync(self.publishing.records.targets)
        known = {one.target: one for one in records}
        settled = [await self._settled(one.path, self._compare(one, known.get(one.path))) for one in targets]
        mounted = {target.path for target in targets}
        unmade = [one for one in records if one.target not in mounted]
        settled += [await self._settled(one.target, self._forget_unmade(one)) for one in unmade]
        for volume in await to_thread.run_sync(self.publishing.records.volumes):
            work = self.staging.unstage_forgotten(volume.volume_id)
            settled.append(await self._settled(f"volume {volume.volume_id}", work))
        return all(settled)

    async def _settled(self, what: str, work: Awaitable[None]) -> bool:
        try:
            await work
        except (CallError, KubeError, OSError) as error:
            _log.warning("left as it is until the next look", what=what, problem=str(error))
            return False
        except Exception:  # noqa: BLE001 - it must harm neither other volumes nor the plugin
            _log.exception("left as it is until the next look", what=what)
            return False
        return True

    async def sweep(self, suspects: set[str]) -> set[str]:
        """Remove FUSE mounts that are dead and were dead at the last sweep, and that no staged volume needs.

        Args:
            suspects: mount points that the last sweep found dead.

        Returns:
            Mount points that this sweep found dead and left for the next one.
        """
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
            except (CallError, HelperError, OSError) as error:
                what = "cannot tell whether a mount is dead, or take it away; looked at again"
                _log.warning(what, path=point, problem=str(error))
        return dead

    def _abandoned(self, table: MountTable, needed: set[str]) -> Sequence[str]:
        found = (point for point in table.below(self.staging.mount_root) if point not in needed)
        return [point for point in found if (top := table.top(point)) is not None and top.fuse]

    def _needed(self) -> set[str]:
        return {volume.path for volume in self.staging.volumes().values()}

    def _targets(self) -> list[Target]:
        return [*mounted_targets(self.publishing.mounts.table(), self.kubelet)]

    async def _compare(self, target: Target, record: PublishedTarget | None) -> None:
        """Unpublish a mount that the kubelet has forgotten; adopt a mount that has no record."""
        if target.volume_id and record is None:
            await self._adopt(target)
        elif not target.volume_id and record is not None:
            gone = partial(forgotten, target.path)
            await self.publishing.unpublish_forgotten(record.volume_id, target.path, gone)

    async def _adopt(self, target: Target) -> None:
        volume = await self.staging.described(target.volume_id)
        if volume is None or self.staging.read(volume) is None:
            return
        async with self.staging.locks.hold(volume.volume_id):
            if target.path in self.publishing.locks:
                return  # a call records or removes the target; a stage of the volume must not wait for it
            async with self.publishing.locks.hold(target.path):
                adopted = await to_thread.run_sync(self._note, target, volume)
        if adopted:
            _log.info("mount of an earlier plugin adopted", target=target.path, volume=volume.volume_id)
            self.watch.wake()  # so that recovery looks at the new record

    def _note(self, target: Target, volume: StagedVolume) -> bool:
        """Record a target that is still mounted, unless a call did so meanwhile."""
        records, top = self.staging.records, self.publishing.mounts.table().top(target.path)
        if top is None or records.target(volume.volume_id, target.path):
            return False
        records.stage_unknown(volume)
        record = PublishedTarget(
            volume_id=volume.volume_id, target=target.path, read_only=top.read_only, pod_uid=target.pod_uid
        )
        records.publish(record)
        return True

    async def _forget_unmade(self, record: PublishedTarget) -> None:
        """Forget the record of a target without a mount: a publish never ended, or an unpublish removed it.

        A target that is a link is unpublished once the kubelet has forgotten it, like a mount.
        """
        publishing, target = self.publishing, record.target
        if target in publishing.locks:
            return  # a call that needs the record is running
        if await to_thread.run_sync(Path(target).is_symlink):
            gone = partial(forgotten, target)
            await publishing.unpublish_forgotten(record.volume_id, target, gone)
            return
        async with publishing.locks.hold(target):
            made = publishing.mounts.table().stack(target)
            if not made and not await to_thread.run_sync(Path(target).is_symlink):
                await to_thread.run_sync(publishing.records.forget_target, record.volume_id, target)


def mounted_targets(table: MountTable, kubelet: Path) -> Iterator[Target]:
    """The targets of this driver at which something is mounted, whoever mounted it.

    Reads the kubelet's own files only.
    """
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
    """Whether the kubelet has no file about a target.

    The kubelet writes the file before it publishes a target, and removes it once the target is gone.
    """
    return _volume_data(Path(target).parent / _DATA) is None


def _volume_data(path: Path) -> dict[str, object] | None:
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}
