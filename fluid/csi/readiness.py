"""Whether a volume's FUSE mount is ready, waiting until it is, and telling the waiting pod why it is not."""

from collections.abc import Iterator
from dataclasses import dataclass

import anyio
import structlog

from fluid.csi.cluster import Cluster
from fluid.csi.consent import is_foreign
from fluid.csi.errors import CallError, Code, HelperError, TooManyError
from fluid.csi.mountinfo import MountTable, MountWatch
from fluid.csi.mounts import Mounts
from fluid.csi.steps import Health
from fluid.csi.volume import Pod, Volume
from fluid.kube import KubeError
from fluid.kube.events import Recorder, Reference

REASON = "FuseNotReady"
_MOST_PROBED = 4
"""Mounts below a volume's path that are probed in one look; each probe may take as long as a helper may."""
_SHOWN = 3
_LOOK_AGAIN = 1.0
"""Seconds until a mount that does not answer is probed again; an answer does not change the mount table."""
_EVENT_PAUSE = 3.0
"""Seconds between two questions to the API server; a healthy FUSE pod has mounted before the first."""
_ANSWER_WITHIN = 5.0
_log = structlog.get_logger("fluid.csi.readiness")


def serving_points(table: MountTable, volume: Volume) -> tuple[str, ...]:
    """Mount points of the mounts that serve a volume, by the mount table alone; one that answers is enough.

    A mount of the volume's type at its path serves it. If pods get a link, FUSE mounts below the path serve
    it as well: through a link pods see all mounts, through a bind mount only the one file system that it
    shows.
    """
    if not volume.missing_mount(table):
        return (volume.path,)
    return tuple(_below(table, volume))[:_MOST_PROBED] if volume.symlink else ()


def nothing_serves(table: MountTable, volume: Volume) -> str:
    """Why no mount serves a volume, and how one below its path would; empty if a mount serves it."""
    why = volume.missing_mount(table)
    below = tuple(_below(table, volume))
    if not why or (below and volume.symlink):
        return ""
    if below:
        return (
            f"{why}; the FUSE mounts below it ({', '.join(below[:_SHOWN])}) are seen by links only: publish"
            " the volume with fluid.io/node-publish-method: symlink"
        )
    return f"{why}, nor a FUSE mount of type {volume.mount_type!r} below it" if volume.symlink else why


def _below(table: MountTable, volume: Volume) -> Iterator[str]:
    for point in table.below(volume.path):
        top = table.top(point)
        if top is not None and top.fuse and volume.mount_type in top.line:
            yield point


@dataclass
class PodWait:
    """One pod that waits for a volume during one call.

    Attributes:
        cluster: Reads what the operator reports.
        recorder: Records events.
        volume: The volume.
        pod: The pod.
        ask_at: Time on the clock of anyio before which `tell` does nothing.
    """

    cluster: Cluster
    recorder: Recorder
    volume: Volume
    pod: Pod
    ask_at: float

    async def tell(self) -> None:
        """Record an event of the pod if the operator reports a problem; asks the API server at intervals."""
        if anyio.current_time() < self.ask_at:
            return
        problem = await self.problem()
        self.ask_at = anyio.current_time() + _EVENT_PAUSE
        if problem and self.pod.name:
            pod = Reference("v1", "Pod", self.pod.namespace, self.pod.name, self.pod.uid)
            self.recorder.event(pod, "Warning", REASON, f"{self.volume.who}: {problem}")

    async def problem(self) -> str:
        """What the operator reports of the FUSE pod on this node; empty if nothing, or without an answer."""
        try:
            with anyio.fail_after(_ANSWER_WITHIN):
                problem = await self.cluster.fuse_trouble(self.volume)
        except (KubeError, TimeoutError) as error:
            _log.warning("nobody says why a volume is missing", volume=self.volume.id, problem=str(error))
            return ""
        if problem and is_foreign(self.volume, self.pod):  # it may name what is not this pod's to know
            return "its FUSE pod on this node fails; its condition FusesFailing says why, ask its owner"
        return problem


@dataclass(frozen=True)
class WaitEvents:
    """Tells waiting pods by events why they wait, before the kubelet's first timeout.

    Attributes:
        cluster: Reads what the operator reports.
        recorder: Records events.
    """

    cluster: Cluster
    recorder: Recorder

    def begin(self, volume: Volume, pod: Pod) -> PodWait:
        """Begin the wait of one pod."""
        return PodWait(self.cluster, self.recorder, volume, pod, anyio.current_time() + _EVENT_PAUSE)


@dataclass(frozen=True)
class Readiness:
    """Checks whether pods can read a volume, and waits until they can.

    Attributes:
        mounts: Looks at mounts.
        watch: Announces changes of the mount table.
        node: Name of the node, for messages.
        patience: Seconds to wait within one call. The kubelet calls again, and shows the error meanwhile.
        events: Tells waiting pods why they wait; None to tell them nothing.
    """

    mounts: Mounts
    watch: MountWatch
    node: str = ""
    patience: float = 20.0
    events: WaitEvents | None = None

    async def wait(self, volume: Volume, pod: Pod) -> str:
        """Wait until a volume can be published: its FUSE mount answers, or its folder is there if unchecked.

        Returns:
            The device of the mount at the volume's path; publish must attach this device and no other.

        Raises:
            CallError: the volume cannot be published within `patience`.
        """
        deadline = anyio.current_time() + self.patience
        waiting = self.events.begin(volume, pod) if self.events else None
        while True:
            change = self.watch.next_change()
            before = self.mounts.table().holding(volume.path)
            why = await self._unpublishable(volume)
            left = deadline - anyio.current_time()
            if not why and before is not None:
                return before.device
            if left <= 0:
                known = await waiting.problem() if waiting else ""
                raise CallError(Code.UNAVAILABLE, self._still_missing(volume, why, known))
            if waiting:
                await waiting.tell()
            await self.watch.wait(change, min(_LOOK_AGAIN, left))

    async def missing(self, volume: Volume) -> str:
        """Why pods cannot read a volume now; empty when they can.

        Raises:
            TooManyError: the file system cannot be asked, because too many helpers hang.
        """
        table = self.mounts.table()
        if why := nothing_serves(table, volume):
            return why
        for point in serving_points(table, volume):
            if not (why := await self._silent(point)):
                return await self._silent(volume.source) if volume.sub_path else ""
        return why

    async def _unpublishable(self, volume: Volume) -> str:
        """Why a volume cannot be published now; empty when it can."""
        try:
            why = "" if volume.unchecked else await self.missing(volume)
            if not why and (volume.unchecked or volume.symlink):
                # A link that leads nowhere when a container starts leads nowhere for the container's whole
                # life
                await self.mounts.find(volume.path, volume.sub_path)
        except HelperError as error:
            return str(error)
        return why

    async def _silent(self, path: str) -> str:
        """Why the file system at a path does not answer; empty when it does."""
        try:
            health = await self.mounts.health(path)
        except TooManyError:
            raise
        except HelperError as error:
            return str(error)
        match health:
            case Health.ALIVE:
                return ""
            case Health.DEAD:
                return "its FUSE process is gone"
            case Health.HUNG:
                return "its FUSE process does not answer"

    def _still_missing(self, volume: Volume, why: str, known: str) -> str:
        what = "folder" if volume.unchecked else "readable FUSE mount"
        if known:
            return f"{volume.who}: no {what} on node {self.node}: {known}"
        where = f"kubectl get pods --namespace {volume.runtime.namespace} " if volume.runtime else "the pods "
        return (
            f"{volume.who}: no {what} at {volume.source} on node {self.node} within"
            f" {self.patience:g} s: {why}. Look at its FUSE pod there"
            f" ({where}--field-selector spec.nodeName={self.node})"
        )
