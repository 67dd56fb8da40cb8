"""Takes a snapshot of everything that concerns a runtime, from the informers' stores."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from fluid.controllers.context import BY_CLAIM, BY_LABEL, BY_OWNER, Informers
from fluid.controllers.identity import recorded_identity, runtime_identity
from fluid.controllers.node_labels import label_keys
from fluid.controllers.operations.lock import is_worked_on
from fluid.controllers.stores import Observable
from fluid.engines.core.references import Referred
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.volume_lifecycle import is_our_volume
from fluid.models import Dataset, Node, PersistentVolume, Pod
from fluid.naming import Identity
from fluid.types import Key, KubeObject

K = TypeVar("K", bound=KubeObject)


def identity_of(runtime: KubeObject, dataset: Dataset | None) -> Identity:
    """The identity that the Dataset's label records; if the Dataset is gone, that of the runtime's label."""
    recorded = recorded_identity(dataset) if dataset else runtime_identity(runtime)
    return recorded or Identity.of(*runtime.key, dataset.uid if dataset else dataset_uid(runtime))


def dataset_uid(runtime: KubeObject) -> str:
    """UID of the Dataset that owns a runtime; "" if none does."""
    owners = runtime.metadata.owner_references or ()
    return next((owner.uid for owner in owners if owner.kind == "Dataset" and owner.name == runtime.name), "")


def children_of(informers: Observable, uid: str) -> list[KubeObject]:
    """Live objects that one owner controls."""
    found: list[KubeObject] = []
    for reflector in informers.owned:
        found += reflector.store.by(BY_OWNER, uid)
    return found


def spec_versions(informers: Informers, uid: str) -> frozenset[tuple[str, int]]:
    """A value that changes with the specs of an owner's objects, but not with status of workloads."""
    entries = [entry for reflector in informers.owned for entry in reflector.store.entries_by(BY_OWNER, uid)]
    return frozenset((entry.uid, entry.generation or entry.version) for entry in entries)


def pods_of(informers: Observable, children: Sequence[KubeObject]) -> list[Pod]:
    """Live pods of the workloads among some objects."""
    found: list[Pod] = []
    for child in children:
        if child.resource.kind in ("StatefulSet", "DaemonSet"):
            found += informers.pods.store.by(BY_OWNER, child.uid)
    return found


def volume_of(informers: Observable, key: Key) -> PersistentVolume | None:
    """The volume that Fluid created for a claim; of several, the one that is not in deletion."""
    volumes = [one for one in informers.volumes.store.by(BY_CLAIM, str(key)) if is_our_volume(one)]
    volumes.sort(key=lambda volume: (volume.metadata.deletion_timestamp is not None, volume.name))
    return volumes[0] if volumes else None


def labelled_nodes(informers: Observable, labels: Iterable[str]) -> list[Node]:
    """Nodes that carry one of some labels."""
    nodes = {node.name: node for label in labels for node in informers.nodes.store.by(BY_LABEL, label)}
    return [nodes[name] for name in sorted(nodes)]


def observe(
    informers: Observable,
    runtime: R,
    now: datetime,
    children: Sequence[KubeObject],
    ports: Mapping[str, int],
    *,
    implementation: str,
    sample_due: bool,
    references: Sequence[KubeObject] = (),
    referred: Referred | None = None,
    referrers: Sequence[Key] = (),
) -> Snapshot[R]:
    """Read the snapshot of one runtime."""
    key = runtime.key
    dataset = informers.datasets.store.get(key)
    if dataset is not None and dataset_uid(runtime) not in ("", dataset.uid):
        dataset = None  # this runtime's owner is gone, and another Dataset has its name
    identity = identity_of(runtime, dataset)
    volume = volume_of(informers, key)
    holder = informers.volumes.store.get(Key("", identity.joined))
    if identity.dataset_id == identity.uid and (volume or holder) is not None:
        mine = volume is not None and volume.name == identity.joined
        identity = replace(identity, joined_volume_lost=not mine)
    labels = [*label_keys(identity, implementation)[1:], identity.fuse_label]
    return Snapshot(
        runtime=runtime,
        dataset=dataset,
        identity=identity,
        now=now,
        children=children,
        pods=pods_of(informers, children),
        volume=volume,
        volume_name_taken=volume is None
        and informers.volumes.store.get(Key("", identity.volume_name)) is not None,
        claim=informers.claims.store.get(key),
        nodes=labelled_nodes(informers, labels),
        ports=ports,
        references=references,
        referred=referred,
        referrers=referrers,
        sample_due=sample_due,
        load_running=is_worked_on(dataset),
    )
