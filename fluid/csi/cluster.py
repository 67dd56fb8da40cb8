"""What the plugin reads from the API server, and all that it changes there: labels of its own node."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import structlog
from anyio import to_thread
from pydantic import JsonValue

from fluid.conditions import FUSES_FAILING
from fluid.csi.clean_policy import CleanPolicy, CleanState, read_policy, running_generation
from fluid.csi.runtimes import AnyRuntime, NamedDataset, profile_kind, runtime_kind
from fluid.csi.volume import Volume, checked_label
from fluid.kinds.installed import installed
from fluid.kube import Connection, Forbidden
from fluid.models import Node, PersistentVolume, PersistentVolumeClaim, PolicyRule
from fluid.naming import CSI_DRIVER, DATASET_ID, FUSE_GENERATION, Identity
from fluid.types import Key


def rules(others: Collection[str] = ()) -> list[PolicyRule]:
    """The plugin's rights. An admission policy restricts them to one node and to some labels (`admission`).

    Args:
        others: types of runtimes that other operators in the cluster serve: their clean policy is read, as
            is that of all kinds that are installed.
    """
    runtimes = sorted(installed().runtimes, key=lambda one: one.runtime_type)
    types = sorted({*others, *(one.runtime_type for one in runtimes)})
    kinds = [*map(runtime_kind, types), *(one.profile for one in runtimes)]
    read = [NamedDataset.resource, *(one.resource for one in kinds if one is not None)]
    by_group = {group: [one.plural for one in read if one.group == group] for group, *_ in read}
    return [
        PolicyRule(api_groups=[""], resources=["nodes"], verbs=["patch"]),
        PolicyRule(api_groups=[""], resources=["persistentvolumes", "persistentvolumeclaims"], verbs=["get"]),
        *(
            PolicyRule(api_groups=[group], resources=plurals, verbs=["get"])
            for group, plurals in by_group.items()
        ),
        PolicyRule(api_groups=[""], resources=["events"], verbs=["create", "patch"]),
    ]


_TRUE = "true"
_log = structlog.get_logger("fluid.csi.cluster")


@dataclass(frozen=True)
class Cluster:
    """The API server, as far as the plugin of one node uses it.

    Attributes:
        connection: Connection to the API server.
        node: Name of the node that the plugin runs on.
    """

    connection: Connection
    node: str

    async def add_label(self, key: str) -> None:
        """Add a label to this node, so that a FUSE pod is scheduled to it.

        Raises:
            KubeError: the API server refused the change, or did not answer.
        """
        await self._label(key, _TRUE)

    async def remove_label(self, key: str) -> None:
        """Remove a label from this node, so that the FUSE pod is deleted.

        Raises:
            KubeError: the API server refused the change, or did not answer.
        """
        await self._label(key, None)

    async def _label(self, key: str, value: str | None) -> None:
        checked_label(f"on node {self.node}", key)  # no other label is ever sent
        patch: dict[str, JsonValue] = {"metadata": {"labels": {key: value}}}
        await self.connection.api(Node).merge(Key("", self.node), patch)
        _log.info("node labelled" if value else "node label removed", node=self.node, label=key)

    async def attributes(self, volume_id: str) -> dict[str, str] | None:
        """A volume's attributes by its PersistentVolume, for a volume that an earlier plugin staged."""
        found = await self.connection.api(PersistentVolume).find(Key("", volume_id))
        source = found.spec.csi if found is not None and found.spec is not None else None
        if source is None or source.driver != CSI_DRIVER or source.volume_handle != volume_id:
            return None
        return dict(source.volume_attributes or {})

    async def dataset(self, volume: Volume) -> NamedDataset | None:
        """The Dataset of a volume; None if it is deleted, or if the attributes do not name it."""
        if volume.runtime is None:
            return None
        return await self.connection.api(NamedDataset).find(volume.runtime)

    async def reader(self, volume: Volume) -> NamedDataset | None:
        """The Dataset whose claim shows a volume; for a reference not the one that is cached."""
        found = await self.connection.api(PersistentVolume).find(Key("", volume.id))
        claim = found.spec.claim_ref if found is not None and found.spec is not None else None
        if claim is None or not claim.namespace or not claim.name:
            return None
        return await self.connection.api(NamedDataset).find(Key(claim.namespace, claim.name))

    async def fuse_trouble(self, volume: Volume) -> str:
        """The problem that the operator reports of the volume's FUSE pod on this node; empty if none.

        Raises:
            KubeError: the API server refused the change, or did not answer.
        """
        dataset = await self.dataset(volume)
        if dataset is None:
            return ""
        found = ((one.type, one.message) for one in dataset.status.conditions or ())
        message, nodes = dict(found).get(FUSES_FAILING, ""), dataset.status.failing_fuse_nodes
        if nodes is None:
            # Until 0.2: the operator of release 0.1 named nodes in the message alone
            return message if f" on node {self.node} " in message else ""
        return message if self.node in nodes else ""

    async def fuse_label(self, volume: Volume) -> str:
        """The node label that a volume's FUSE pods require; empty if it is unknown."""
        if volume.label:
            return volume.label
        dataset = await self.dataset(volume)
        if dataset is None:
            return ""
        recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
        return Identity.of(dataset.namespace, dataset.name, dataset.uid, recorded).fuse_label

    async def clean_state(self, volume: Volume) -> CleanState:
        """Read what decides whether the FUSE pod of a volume is removed from this node.

        Raises:
            KubeError: the API server did not answer.
        """
        policy = await self._policy(volume)
        if policy is not CleanPolicy.ON_FUSE_CHANGED or volume.runtime is None:
            return CleanState(policy)
        claim = await self.connection.api(PersistentVolumeClaim).find(volume.runtime)
        generation = ((claim.metadata.labels or {}) if claim else {}).get(FUSE_GENERATION, "")
        file = Path(volume.path).parent / ".meta" / "fuse" / "labels"
        running = running_generation(await to_thread.run_sync(_text, file))
        return CleanState(policy, generation, running)

    async def _policy(self, volume: Volume) -> CleanPolicy | None:
        """The clean policy; None if there is no runtime any more, so that nothing keeps the FUSE pod."""
        dataset = await self.dataset(volume)
        if dataset is None:
            return None if volume.runtime else CleanPolicy.ON_RUNTIME_DELETED
        runtimes = dataset.status.runtimes
        if not runtimes:
            return CleanPolicy.ON_RUNTIME_DELETED  # not registered yet, which is not deleted
        kind = runtime_kind(runtimes[0].type)
        if kind is None:
            return CleanPolicy.ON_RUNTIME_DELETED
        key = Key(runtimes[0].namespace or dataset.namespace, runtimes[0].name or dataset.name)
        try:
            runtime = await self.connection.api(kind).find(key)
            if runtime is None:
                return None
            text = runtime.clean_policy or await self._policy_of_profile(runtimes[0].type, runtime)
        except Forbidden as error:
            # The manifests grant the right for kinds that are served; another operator may serve other kinds
            _log.warning("the clean policy cannot be read, the default counts", problem=error.message)
            return CleanPolicy.ON_RUNTIME_DELETED
        return read_policy(text, f"{kind.resource.kind} {key}")

    async def _policy_of_profile(self, runtime_type: str, runtime: AnyRuntime) -> str:
        kind, name = profile_kind(runtime_type), runtime.spec.profile_name
        profile = await self.connection.api(kind).find(Key("", name)) if kind and name else None
        return profile.clean_policy if profile else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
