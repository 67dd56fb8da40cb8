"""Tells a pod that waits for a volume why it does, before the kubelet gives up the first time."""

from dataclasses import dataclass

import anyio
import structlog

from fluid.conditions import FUSE_NOT_READY
from fluid.csi.cluster import Cluster
from fluid.csi.volume import Pod, Volume
from fluid.kube import KubeError
from fluid.kube.events import Recorder, Reference

_PAUSE = 3.0
"""Seconds between two questions: a FUSE pod that is well has mounted before the first."""
_ANSWER_WITHIN = 5.0
_log = structlog.get_logger("fluid.csi.explaining")


@dataclass
class Explanation:
    """What one pod is told during one call."""

    cluster: Cluster
    recorder: Recorder
    volume: Volume
    pod: Pod
    ask_at: float

    async def tell(self) -> None:
        """An event of the pod, as soon as the operator knows what is wrong; asks now and then."""
        if anyio.current_time() < self.ask_at:
            return
        known = await self.why()
        self.ask_at = anyio.current_time() + _PAUSE
        if known and self.pod.name:
            pod = Reference("v1", "Pod", self.pod.namespace, self.pod.name, self.pod.uid)
            self.recorder.event(pod, "Warning", FUSE_NOT_READY, f"{self.volume.who}: {known}")

    async def why(self) -> str:
        """What the operator says of the FUSE pod on this node; empty if nothing, or if nobody answers."""
        try:
            with anyio.fail_after(_ANSWER_WITHIN):
                return await self.cluster.fuse_trouble(self.volume)
        except (KubeError, TimeoutError) as error:
            _log.warning("nobody says why a volume is missing", volume=self.volume.id, problem=str(error))
            return ""


@dataclass(frozen=True)
class Explainer:
    """Explains to pods that wait.

    Attributes:
        cluster: Knows what the operator says.
        recorder: Takes the events.
    """

    cluster: Cluster
    recorder: Recorder

    def begin(self, volume: Volume, pod: Pod) -> Explanation:
        """For one pod that begins to wait."""
        return Explanation(self.cluster, self.recorder, volume, pod, anyio.current_time() + _PAUSE)
