"""Heals what a killed plugin, kubelet or FUSE process left on the node."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from functools import partial
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
from fluid.csi.targets import Target, forgotten, mounted_targets
from fluid.csi.watch import MountWatch
from fluid.kube import Backoff, KubeError

_PAUSE = 60.0
_SELDOM = 600.0
"""Seconds until all is looked at again although everything agreed."""
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
        soon: Delays until what could not be settled is tried again.
    """

    staging: Staging
    publishing: Publishing
    watch: MountWatch
    kubelet: Path
    soon: Backoff = field(default_factory=lambda: Backoff(base=5.0, cap=300.0))

    async def run(self) -> None:
        """Heal, and take dead FUSE mounts away that no volume of this node needs, until cancelled.

        Calls and recovery go on meanwhile, and neither of the two waits for the other. Where something could
        not be settled, all is looked at again soon; else seldom.
        """
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._heal_on)
            tasks.start_soon(self._sweep_on)

    async def _heal_on(self) -> None:
        failures = 0
        while True:
            try:
                failures = 0 if await self.heal() else failures + 1
            except Exception:  # noqa: BLE001 - what nobody expected must not end the plugin
                _log.exception("cannot compare mounts and records; they are looked at again")
                failures += 1
            await anyio.sleep(self.soon.delay(failures - 1) if failures else _SELDOM)

    async def _sweep_on(self) -> None:
        suspects: set[str] = set()
        while True:
            change = self.watch.next_change()
            try:
                suspects = await self.sweep(suspects)
            except Exception:  # noqa: BLE001 - what nobody expected must not end the plugin
                _log.exception("cannot look for dead mounts; they are looked for again")
                suspects = set()
            await self.watch.wait(change, _SETTLE if suspects else _PAUSE)
            await anyio.sleep(_SETTLE)  # mounts change in bursts

    async def heal(self) -> bool:
        """Make mounts, records and the kubelet's own files agree, which asks nobody where they do.

        What a call does meanwhile holds: each difference is looked at again under the lock of its target or
        volume, or left while a call is at work on it.

        Returns:
            Whether they agree now, as far as they can; what could not be settled is logged.
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
        except Exception:  # noqa: BLE001 - one volume's trouble is not another's, nor the plugin's end
            _log.exception("left as it is until the next look", what=what)
            return False
        return True

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
        """A mount that the kubelet has forgotten goes; one that we do not know is noted, to be kept alive."""
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
                return  # a call is at work, which notes it or takes it away; nobody who stages waits for that
            async with self.publishing.locks.hold(target.path):
                adopted = await to_thread.run_sync(self._note, target, volume)
        if adopted:
            _log.info("mount of an earlier plugin adopted", target=target.path, volume=volume.volume_id)
            self.watch.wake()  # recovery looks at what it knows

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
        """A record of a target without a mount: its publish never came to an end, or its unpublish did.

        Or it is a link, which goes when the kubelet has forgotten it, as a mount does.
        """
        publishing, target = self.publishing, record.target
        if target in publishing.locks:
            return  # a call is at work that needs its record
        if await to_thread.run_sync(Path(target).is_symlink):
            gone = partial(forgotten, target)
            await publishing.unpublish_forgotten(record.volume_id, target, gone)
            return
        async with publishing.locks.hold(target):
            made = publishing.mounts.table().stack(target)
            if not made and not await to_thread.run_sync(Path(target).is_symlink):
                await to_thread.run_sync(publishing.records.forget_target, record.volume_id, target)
