"""Whether pods of another namespace may read a Dataset: only those that the operator lists in its status."""

from dataclasses import dataclass

import anyio

from fluid.csi.cluster import Cluster
from fluid.csi.errors import CallError, Code
from fluid.csi.volume import Pod, Volume
from fluid.kube import KubeError
from fluid.naming import ALLOWED_NAMESPACES

_ANSWER_WITHIN = 5.0


def is_foreign(volume: Volume, pod: Pod) -> bool:
    """Whether a pod reads the Dataset of another namespace, by way of a reference in its own."""
    return volume.runtime is not None and bool(pod.namespace) and pod.namespace != volume.runtime.namespace


@dataclass(frozen=True)
class Consent:
    """Asks the API server whenever a volume is published, or recovered, for a pod of another namespace.

    The answer is not kept: consent that is withdrawn counts from the next pod on, and for pods that read from
    the next FUSE process on. A target that shows its volume already is not asked about.

    Attributes:
        cluster: The API server.
    """

    cluster: Cluster

    async def require(self, volume: Volume, pod: Pod) -> None:
        """Return if a pod may read a volume.

        Raises:
            CallError: the owner of the Dataset does not allow it, or nobody answers.
        """
        if volume.runtime is None or not is_foreign(volume, pod):
            return
        try:
            with anyio.fail_after(_ANSWER_WITHIN):
                dataset = await self.cluster.dataset(volume)
        except (KubeError, TimeoutError) as error:
            problem = (
                error.message if isinstance(error, KubeError) else f"no answer within {_ANSWER_WITHIN:g} s"
            )
            message = (
                f"{volume.who}: the API server does not say who may read it: {problem}; it is tried again"
            )
            raise CallError(Code.UNAVAILABLE, message) from error
        listed = (dataset.status.dataset_ref if dataset is not None else None) or ()
        if not any(one.startswith(f"{pod.namespace}/") for one in listed):
            raise CallError(
                Code.PERMISSION_DENIED,
                f"{volume.who} does not allow references from namespace {pod.namespace}: its owner has to add"
                f" {pod.namespace} to its annotation {ALLOWED_NAMESPACES}",
            )
